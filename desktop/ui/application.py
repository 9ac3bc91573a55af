"""The application around the window: its beginning, its signals, and what happens to errors that nobody has caught."""

from __future__ import annotations

import atexit
import locale
import logging
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import (
    QDir,
    QEvent,
    QLockFile,
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    QSysInfo,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from desktop import __version__
from desktop.errors import UserError
from desktop.logs import LOG
from desktop.settings import Settings
from desktop.studio.notice import Kind, Notice
from desktop.studio.studio import Studio
from desktop.ui import theme
from desktop.ui.help import telling
from desktop.ui.icons import FOLDER, program_icon
from desktop.ui.window import Window


class Application(QApplication):
    """On macOS, files that are opened with the program come as events, whether it runs already or not."""

    given = Signal(list)  # files

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.given.emit([Path(event.file())])
            return True
        return super().event(event)


def has_display() -> bool:
    """Qt ends the program where there is none, so this is asked first."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def is_seen() -> bool:
    """Whether anybody looks at what is shown there."""
    return has_display() and os.environ.get("QT_QPA_PLATFORM", "") not in ("offscreen", "minimal")


def show_problem(error: UserError) -> None:
    """In place of a window."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    dress(app, Settings())
    box = QMessageBox(QMessageBox.Icon.Warning, "Sfumato", error.message)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(error.hint)
    box.exec()


class OpenAlready(UserError):
    """Another window is open on the same library."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two windows over one library would do each other's jobs. Raises OpenAlready, UserError."""
    lock = QLockFile(str(folder / "window.lock"))
    lock.setStaleLockTime(0)  # stale only when its process is gone
    if not lock.tryLock(0):
        if lock.error() != QLockFile.LockError.LockFailedError:
            raise UserError(f"Nothing can be written in {folder}.", "Make room there, or check who may write there.")
        _refuse_elsewhere(lock)
        raise OpenAlready("Sfumato is open already.", "Look for its window, or close it first.")
    try:
        yield
    finally:
        lock.unlock()


def _refuse_elsewhere(lock: QLockFile) -> None:
    """A drive that was pulled out takes its lock along to the next computer, which cannot tell. Raises UserError."""
    _, host, _ = lock.getLockInfo()
    if host not in ("", QSysInfo.machineHostName()):
        hint = f"Close it there. If it does not run there any more, delete {lock.fileName()}."
        raise UserError(f"Sfumato is open on another computer: {host}.", hint)


def begin(settings: Settings) -> Application:
    qInstallMessageHandler(_log_message)
    atexit.register(qInstallMessageHandler, None)  # Qt has a last word after Python
    LOG.info("Sfumato %s begins, on %s", __version__, sys.platform)
    if settings.scale != 100:
        os.environ.setdefault("QT_SCALE_FACTOR", str(settings.scale / 100))  # Qt reads it once
    app = Application(sys.argv[:1])
    locale.setlocale(locale.LC_NUMERIC, "C")  # Qt has set the system's, which other libraries stumble over
    app.setApplicationName("sfumato")
    app.setApplicationDisplayName("Sfumato")
    app.setDesktopFileName("sfumato")
    dress(app, settings)
    return app


def dress(app: QApplication, settings: Settings) -> None:
    QDir.addSearchPath("icon", str(FOLDER))
    app.setWindowIcon(program_icon())
    app.setStyle("Fusion")
    theme.apply(app, settings.theme)


def show(studio: Studio) -> Window:
    window = Window(studio)
    window.show()
    return window


def run(app: QApplication, window: Window) -> int:
    """Until the window is closed. Ctrl+C and SIGTERM close it like a click does."""
    bugs = _Bugs(window)
    sys.excepthook = bugs.take
    threading.excepthook = lambda caught: bugs.take(caught.exc_type, caught.exc_value, caught.exc_traceback)
    with _closing_on_signals(window):
        code = app.exec()
    LOG.info("Sfumato ends")
    return code


def _log_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """What Qt has to say."""
    level = logging.INFO if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING
    LOG.log(level, "Qt: %s", message)
    print(message, file=sys.stderr)


class _Bugs(QObject):
    """Errors that nobody has caught: the window stays, and people are told."""

    _caught = Signal(object)

    def __init__(self, window: Window):
        super().__init__(window)
        self._caught.connect(partial(telling.say, window))

    def take(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """From any thread."""
        text = "".join(traceback.format_exception(kind, error, trace))
        print(text, file=sys.stderr)
        hint = "This is a bug; please report it: what it wrote is in a folder. Your work is kept."
        self._caught.emit(
            Notice(Kind.ERROR, f"Something went wrong: {kind.__name__}: {error}", hint, text, is_reported=True)
        )


@contextmanager
def _closing_on_signals(window: Window) -> Iterator[None]:
    """From Qt's loop, which a socket wakes: Python's own handler would close it in the middle of whatever runs."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)

    def leave() -> None:
        window.is_warned = True  # the system wants it, and nobody reads what would be lost
        window.close()

    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, window)
    notifier.activated.connect(lambda: reader.recv(1) and leave())
    before = {each: signal.signal(each, lambda *_: None) for each in (signal.SIGINT, signal.SIGTERM)}
    woken = signal.set_wakeup_fd(writer.fileno())
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for each, handler in before.items():
            signal.signal(each, handler)
        notifier.setEnabled(False)
        reader.close()
        writer.close()
