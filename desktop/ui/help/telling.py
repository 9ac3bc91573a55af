"""Telling: notices on their way to the window; those about bugs lead to the report that is written of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from desktop.studio.notice import Notice

if TYPE_CHECKING:
    from desktop.ui.window import Window


def say(window: Window, notice: Notice) -> None:
    if window.studio.reports.keep(notice):
        notice = replace(notice, actions=(*notice.actions, ("Open the folder", open_reports)))
    window.toasts.say(notice)


def open_reports() -> None:
    """Where the disk is full and there are none, that of all data."""
    from desktop import paths, reports

    open_place(reports.folder() if reports.folder().exists() else paths.data_folder())


def open_place(place: Path) -> None:
    """By the system's own programs."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(place)))


def saved(window: Window, file: Path) -> None:
    from desktop.studio.notice import Kind

    show = ("Open the folder", partial(open_place, file.parent))
    window.toasts.say(Notice(Kind.DONE, f"The diagnostics are in {file.name}.", actions=(show,)))
