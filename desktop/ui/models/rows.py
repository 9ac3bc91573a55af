"""What can be done with model files: rows of the table of actions."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.models.entry import PICKLES, RUNNABLE, Entry
from desktop.paths import STARTER
from desktop.ui.models import words
from desktop.ui.row import MODELS, VIEW, Row

if TYPE_CHECKING:
    from desktop.studio.sifting import Item
    from desktop.ui.window import Window

USED = (*RUNNABLE, "lora", "vae", "text_encoder", "embedding")


def _is_open(window: Window) -> bool:
    return window.studio.stock.active


def _chosen(window: Window) -> tuple[Item, ...]:
    stock = window.studio.stock
    return stock.chosen if stock.active else ()


def _has_chosen(window: Window) -> bool:
    return bool(_chosen(window))


def _has_one(window: Window) -> bool:
    return len(_chosen(window)) == 1


def _entry(window: Window) -> Entry:
    """Of the only one."""
    (item,) = _chosen(window)
    return item.entry


def _can_be_used(window: Window) -> bool:
    return _has_one(window) and _entry(window).kind in USED and not _entry(window).problem


def _is_lora(window: Window) -> bool:
    return _can_be_used(window) and _entry(window).kind == "lora"


def _is_pickle(window: Window) -> bool:
    return _has_one(window) and _entry(window).path.suffix.lower() in PICKLES


def _that_can_go(window: Window) -> tuple[Item, ...]:
    """All but the built-in model."""
    return tuple(item for item in _chosen(window) if item.entry.path != STARTER.resolve())


def _are_favourites(window: Window) -> bool:
    return _has_chosen(window) and all(item.mark.favourite for item in _chosen(window))


def _flip(window: Window) -> None:
    window.studio.stock.active = not window.studio.stock.active


def _star(window: Window) -> None:
    window.studio.stock.note(_chosen(window), favourite=not _are_favourites(window))


def _throw_away(window: Window) -> None:
    """Several only when people have said so once more."""
    items = _that_can_go(window)
    throw_away = partial(window.studio.stock.discarding.throw_away, items)
    if len(items) == 1:
        throw_away()
        return
    size = words.weight(sum(item.entry.bytes for item in items))
    asked = f"Move {words.many(len(items))} to the trash?"
    nothing = QMessageBox.StandardButton.NoButton
    question = QMessageBox(QMessageBox.Icon.Question, "Delete files", asked, nothing, window)
    question.setInformativeText(f"They take {size}. Their notes and pictures go along.")
    move = question.addButton("Move to trash", QMessageBox.ButtonRole.AcceptRole)
    question.addButton(QMessageBox.StandardButton.Cancel)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.buttonClicked.connect(lambda button: button is move and throw_away())
    question.open()


def _show_in_folder(window: Window) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(_entry(window).path.parent)))


def _add_folder(window: Window) -> None:
    dialog = QFileDialog(window, "Add a folder of models", str(Path.home()))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.fileSelected.connect(lambda folder: window.studio.discovery.add([Path(folder)]))
    dialog.open()


ROWS = (
    Row("show_models", VIEW, "Models", "model", "F5",
        "Every model file at hand, to find, look at, note and use.", _flip, checked=_is_open),
    Row("find_models", MODELS, "Find my models…", "search", "",
        "Looks where other programs keep theirs; they are used where they lie.",
        lambda window: window.side_windows.finder.open()),
    Row("get_model", MODELS, "Get a model…", "save", "",
        "Models that others share, at Hugging Face and Civitai: what fits this machine.",
        lambda window: window.side_windows.getter.open()),
    Row("add_model_folder", MODELS, "Add a folder of models…", "open", "",
        "Its models are listed too; nothing is copied or moved.", _add_folder),
    Row("look_again", MODELS, "Look again", "retry", "Shift+F5",
        "Looks through all folders of models for what is new.", lambda w: w.studio.look_for_models()),
    Row("hash_models", MODELS, "Work out hashes", "seed", "",
        "Reads all model files once, to know those that pictures of other programs name by their hash.",
        lambda w: w.studio.tending.learn_hashes(w.studio.shelf.catalog(), w.studio.stock.look)),
    Row("use_model", MODELS, "Use", "check", "",
        "Takes the chosen model file for the next picture (Enter).",
        lambda w: w.studio.stock.use_wanted.emit(_entry(w)), _can_be_used),
    Row("favourite_model", MODELS, "Favourite", "star", "",
        "Gives what is chosen a star, or takes it back (S).", _star, _has_chosen, _are_favourites),
    Row("unload_models", MODELS, "Unload all models", "unload", "",
        "Frees the memory that models take; the next picture loads its own again.",
        lambda w: w.studio.stock.unload_wanted.emit()),
    Row("check_lora", MODELS, "Check", "info", "",
        "Says whether the chosen LoRA fits the model that is set, and how much it changes.",
        lambda w: w.studio.stock.check_wanted.emit(_entry(w)), _is_lora),
    Row("convert_model", MODELS, "Convert to safetensors", "swap", "",
        "Writes a safe copy of the chosen pickle beside it; pickles can hold programs.",
        lambda w: w.studio.stock.conversion_wanted.emit(_entry(w)), _is_pickle),
    Row("show_model", MODELS, "Show the model's folder", "folder", "",
        "Opens the folder that the chosen model file is in.", _show_in_folder, _has_one),
    Row("delete_model", MODELS, "Delete file", "trash", "",
        "Moves what is chosen to the system's trash, its notes and pictures too (Delete).",
        _throw_away, lambda w: bool(_that_can_go(w))),
)  # fmt: skip
