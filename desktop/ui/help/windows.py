"""HelpWindows: those that the Help menu opens, each made when it is wanted first."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from desktop.ui.help import telling
from desktop.ui.help.about import AboutWindow
from desktop.ui.help.diagnostics import DiagnosticsWindow
from desktop.ui.help.updates import UpdatesWindow

if TYPE_CHECKING:
    from desktop.ui.window import Window


class HelpWindows:
    """Of one main window."""

    def __init__(self, window: Window):
        self._window = window

    @cached_property
    def about(self) -> AboutWindow:
        return AboutWindow(self._window.studio, self._window)

    @cached_property
    def diagnostics(self) -> DiagnosticsWindow:
        opened = DiagnosticsWindow(self._window.studio.reports, self._window)
        opened.saved.connect(partial(telling.saved, self._window))
        return opened

    @cached_property
    def updates(self) -> UpdatesWindow:
        return UpdatesWindow(self._window.studio.updates, self._window)

    def close(self) -> None:
        for window in ("about", "diagnostics", "updates"):
            if window in self.__dict__:
                getattr(self, window).close()
