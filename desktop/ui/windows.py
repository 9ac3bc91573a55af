"""SideWindows: those that open beside the main one, each made when it is wanted first."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from desktop.studio.stage import Stage
from desktop.studio.studio import Studio
from desktop.ui.center import Center
from desktop.ui.gallery.export import ExportWindow
from desktop.ui.gallery.usage import UsageWindow
from desktop.ui.gallery.viewer import Viewer
from desktop.ui.getting.network import NetworkWindow
from desktop.ui.getting.window import GettingWindow
from desktop.ui.models.finding import FindWindow

if TYPE_CHECKING:
    from desktop.ui.window import Window


class SideWindows:
    """Of one main window."""

    def __init__(self, studio: Studio, center: Center, parent: Window):
        self._studio, self._center, self._parent = studio, center, parent

    @cached_property
    def viewer(self) -> Viewer:
        stage = Stage(self._studio.results, self._studio.errands, self._studio)
        assert self._center.gallery
        return Viewer(self._studio.gallery, self._studio.curator, self._center.gallery, stage, self._parent)

    @cached_property
    def export(self) -> ExportWindow:
        return ExportWindow(self._studio, self._parent)

    @cached_property
    def usage(self) -> UsageWindow:
        return UsageWindow(self._studio, self._parent)

    @cached_property
    def finder(self) -> FindWindow:
        return FindWindow(self._studio.discovery, self._studio.chores, self._parent)

    @cached_property
    def getter(self) -> GettingWindow:
        getting = self._studio.getting
        window = GettingWindow(getting.market, getting.samples, getting.downloads, getting.online, self._parent)
        window.settings_wanted.connect(partial(self._parent.open_settings, "Network"))
        return window

    @cached_property
    def network(self) -> NetworkWindow:
        return NetworkWindow(self._studio.getting.online.connections, self._parent)

    def close(self) -> None:
        for window in ("viewer", "export", "usage", "finder", "getter", "network"):
            if window in self.__dict__:
                getattr(self, window).close()
