"""The states of what Sfumato tells of itself, for tests.screens: about, diagnostics, updates, and a crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop import logs, paths, reports
from desktop.engine.api import Failed
from desktop.releases import Release
from desktop.ui.getting.network import NetworkWindow
from desktop.ui.help.updates import UpdatesWindow

if TYPE_CHECKING:
    from tests.screens import Scene

NEWEST = Release(
    "1.3.0",
    date(2026, 11, 20),
    "Pictures in half the time on cards with little memory.\n"
    "Brushes with textures, and a smoother line at high zoom.\n"
    "The queue can be sorted by model, so that each is loaded once.\n"
    "Mended: a mask that was turned lost its soft edge.",
    "https://sfumato.example/1.3.0",
)
TRACE = """Fatal Python error: Segmentation fault

Current thread 0x00007f42 (most recent call first):
  File "desktop/ui/canvas/view.py", line 214 in paintEvent
  File "desktop/ui/application.py", line 130 in run
  File "desktop/app.py", line 69 in open_window
"""
LOG = """2026-11-24 22:37:07,123 INFO MainThread sfumato: Sfumato 1.2.0 begins, on linux
2026-11-24 22:37:07,301 INFO MainThread sfumato: the engine starts
2026-11-24 22:37:19,870 INFO MainThread sfumato: a job begins: 832 x 1216, 28 steps, dpmpp_2m, 2 LoRAs
2026-11-24 22:37:31,044 INFO MainThread sfumato: a job is done in 11.2 s, with 6941 MB
2026-11-24 22:39:02,511 ERROR MainThread sfumato: the engine was killed by SIGKILL
"""


def _middle(scene: Scene, shown: QWidget) -> None:
    QTest.qWait(100)
    shown.move(scene.window.mapToGlobal(scene.window.rect().center()) - shown.rect().center())


def about(scene: Scene) -> None:
    scene.window.actions_["about"].trigger()
    shown = scene.window.help_windows.about
    scene.until(lambda: bool(shown.flavour.text()))
    shown.notices.click()
    _middle(scene, shown)


def diagnostics(scene: Scene) -> None:
    logs.folder().mkdir(parents=True, exist_ok=True)
    (logs.folder() / logs.NAME).write_text(LOG)
    (logs.folder() / logs.ENGINE).write_text("CUDA error: out of memory\n")
    reports.keep("The engine was killed by SIGKILL.\n")
    scene.window.actions_["diagnostics"].trigger()
    shown = scene.window.help_windows.diagnostics
    scene.until(shown.button.isEnabled)
    _middle(scene, shown)


def diagnostics_agreed(scene: Scene) -> None:
    diagnostics(scene)
    shown = scene.window.help_windows.diagnostics
    shown.agreed.click()
    scene.until(lambda: shown.button.isEnabled() and "settings.json" in shown._files)
    shown.names.setCurrentRow(list(shown._files).index("settings.json"))


def _updates(scene: Scene) -> UpdatesWindow:
    """Opened, and what it hears is staged."""
    scene.studio.updates.check = lambda then, otherwise: None
    scene.window.actions_["updates"].trigger()
    return scene.window.help_windows.updates


def updates_asking(scene: Scene) -> None:
    _middle(scene, _updates(scene))


def updates_found(scene: Scene) -> None:
    shown = _updates(scene)
    shown._tell(NEWEST)
    _middle(scene, shown)


def updates_newest(scene: Scene) -> None:
    shown = _updates(scene)
    shown._tell(None)
    _middle(scene, shown)


def updates_unknown(scene: Scene) -> None:
    """As long as nobody has published any."""
    scene.window.actions_["updates"].trigger()
    shown = scene.window.help_windows.updates
    scene.until(shown.again.isVisible)
    _middle(scene, shown)


def updates_refused(scene: Scene) -> None:
    from desktop.releases import UNSAFE

    shown = _updates(scene)
    shown._fail(Failed("The list of releases is not signed by Sfumato's publisher.", UNSAFE))
    _middle(scene, shown)


def network_quiet(scene: Scene) -> None:
    """Nothing has gone out yet."""
    shown = NetworkWindow(scene.studio.getting.online.connections, scene.window)
    shown.open()
    _middle(scene, shown)


def crash_told(scene: Scene) -> None:
    logs.folder().mkdir(parents=True, exist_ok=True)
    (logs.folder() / logs.LAST_CRASH).write_text(TRACE)
    scene.studio.reports.start()
    scene.until(lambda: bool(scene.window.toasts.shown) and any((paths.data_folder() / "reports").glob("*")))


STATES: tuple[Callable[[Scene], None], ...] = (
    about,
    diagnostics,
    diagnostics_agreed,
    updates_asking,
    updates_found,
    updates_newest,
    updates_unknown,
    updates_refused,
    network_quiet,
    crash_told,
)
AT_200: tuple[Callable[[Scene], None], ...] = (about, diagnostics, updates_found, updates_unknown, crash_told)
