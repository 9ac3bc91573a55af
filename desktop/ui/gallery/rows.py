"""What can be done with the gallery: rows of the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from desktop.ui.row import EDIT, FILE, LIBRARY, VIEW, Row

if TYPE_CHECKING:
    from desktop.ui.window import Window


def _is_open(window: Window) -> bool:
    return window.studio.gallery.active


def _has_chosen(window: Window) -> bool:
    return _is_open(window) and bool(window.studio.gallery.chosen)


def _has_trashed(window: Window) -> bool:
    return _has_chosen(window) and window.studio.gallery.query.trashed


def _has_kept(window: Window) -> bool:
    return _has_chosen(window) and not window.studio.gallery.query.trashed


def _has_lost(window: Window) -> bool:
    return _is_open(window) and bool(window.studio.gallery.lost)


def _is_collected(window: Window) -> bool:
    return _has_chosen(window) and bool(window.studio.gallery.query.collection)


def _flip(window: Window) -> None:
    window.studio.gallery.active = not window.studio.gallery.active


def _search(window: Window) -> None:
    """Where people are, if there is something to search."""
    if not window.studio.stock.active:
        window.studio.gallery.active = True
    if page := window.center.models if window.studio.stock.active else window.center.gallery:
        page.search.setFocus()
        page.search.selectAll()


def _go_to_tags(window: Window) -> None:
    if page := window.center.gallery:
        page.details.tag_field.setFocus()


def _ask_folder(title: str, then: Callable[[Window, Path], object]) -> Callable[[Window], None]:
    def deed(window: Window) -> None:
        dialog = QFileDialog(window, title, str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: then(window, Path(folder)))
        dialog.open()

    return deed


def _trash(window: Window) -> None:
    """In the trash it deletes for good."""
    curator = window.studio.curator
    if window.studio.gallery.query.trashed:
        curator.delete()
    else:
        curator.trash()


def _flip_private(window: Window) -> None:
    window.studio.memory.change_settings(private=not window.studio.memory.settings.private)


ROWS = (
    Row("show_gallery", VIEW, "Gallery", "gallery", "F4",
        "Every picture that there is, to find, compare, rate and collect.", _flip, checked=_is_open),
    Row("find", EDIT, "Find", "search", "Ctrl+F",
        "Searches prompts, models, LoRAs and tags of all pictures; on the page of models these.", _search),
    Row("view_full", VIEW, "View on the whole screen", "fit", "Shift+F11",
        "The chosen picture alone, with keys to flip and rate (Enter).",
        lambda window: window.side_windows.viewer.open(), _has_chosen),
    Row("trash", LIBRARY, "Move to the trash", "trash", "",
        "Takes the chosen pictures out of sight; in the trash it deletes them for good (Delete).", _trash, _has_chosen),
    Row("restore", LIBRARY, "Restore", "undo", "",
        "Brings the chosen pictures back from the trash.", lambda w: w.studio.curator.restore(), _has_trashed),
    Row("add_tag", LIBRARY, "Add a tag", "plus", "Ctrl+T",
        "Puts the cursor into the field for tags.", _go_to_tags, _has_chosen),
    Row("release", LIBRARY, "Take out of this collection", "minus", "",
        "The chosen pictures leave the collection, and stay in the library.",
        lambda w: w.studio.curator.release(w.studio.gallery.query.collection), _is_collected),
    Row("export", LIBRARY, "Export…", "save", "Ctrl+Shift+X",
        "Copies of the chosen pictures: format, size, names and metadata.",
        lambda window: window.side_windows.export.open(), _has_kept),
    Row("locate", LIBRARY, "Find lost files…", "search", "",
        "Looks in a folder for those of the chosen pictures whose files were moved.",
        _ask_folder("Look for lost files in", lambda w, to: w.studio.tending.locate(w.studio.gallery.pictures, to)),
        _has_lost),
    Row("import", LIBRARY, "Import a folder…", "open", "Ctrl+Shift+I",
        "Pictures of any program, with what they say of themselves. They stay where they are.",
        _ask_folder("Import a folder", lambda w, folder: w.studio.tending.import_folder(folder))),
    Row("move_library", LIBRARY, "Move the library…", "move", "",
        "All pictures that were made here go to another folder or disk, and new ones too.",
        _ask_folder("Move the library to", lambda w, folder: w.studio.tending.move_library(folder))),
    Row("back_up", LIBRARY, "Back up the library…", "copy", "",
        "Database and pictures into a folder; the next time only what is new.",
        _ask_folder("Back up to", lambda w, folder: w.studio.tending.back_up(folder))),
    Row("usage", LIBRARY, "Disk usage…", "info", "",
        "What the pictures take of the disk, by month and by model.", lambda w: w.side_windows.usage.open()),
    Row("private", FILE, "Private mode", "eye-off", "",
        "Keeps nothing: pictures, prompts and jobs stay in memory only. The canvas keeps its documents.",
        _flip_private, checked=lambda w: w.studio.memory.settings.private),
)  # fmt: skip
