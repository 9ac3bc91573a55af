"""What the actions do, where it takes more than a call."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from desktop.models.entry import SUFFIXES
from desktop.studio.notice import Kind, Notice
from desktop.studio.orders import USUAL_SEEDS
from desktop.studio.results import Result
from desktop.ui import theme
from desktop.ui.center import PICTURE
from desktop.ui.widgets.images import from_image, pasted_image, to_image

if TYPE_CHECKING:
    from desktop.raster import Raster
    from desktop.ui.window import Window

PICTURES = "Pictures (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.avif *.bmp *.gif)"
DOCUMENTS = "Documents and pictures (*.ora *.png *.jpg *.jpeg *.webp *.tif *.tiff *.avif)"
SAVES = ";;".join(
    (
        "OpenRaster, with all layers (*.ora)",
        "PNG (*.png)",
        "JPEG (*.jpg)",
        "WebP (*.webp)",
        "TIFF (*.tif)",
        "AVIF (*.avif)",
        "Photoshop, with all layers (*.psd)",
    )
)
LAYERED = ".ora"
INDEX = "model_index.json"  # stands for the folder that it is in
MODELS = f"Models ({' '.join(f'*{suffix}' for suffix in SUFFIXES)} {INDEX})"


def open_picture(window: Window) -> None:
    if window.studio.easel.active:
        dialog = QFileDialog(window, "Open on the canvas", "", DOCUMENTS)
        dialog.fileSelected.connect(lambda file: window.studio.documents.open(Path(file)))
    else:
        dialog = QFileDialog(window, "Open a picture", "", PICTURES)
        dialog.fileSelected.connect(lambda file: window.studio.opening.open(Path(file)))
    dialog.open()


def open_model(window: Window) -> None:
    dialog = QFileDialog(window, "Open a model", "", MODELS)
    dialog.fileSelected.connect(lambda file: take_file(window, Path(file)))
    dialog.open()


def save_as(window: Window) -> None:
    if window.studio.easel.active:
        _save_canvas(window)
    else:
        _save_result(window)


def _save_canvas(window: Window) -> None:
    """With its layers as OpenRaster or PSD; as any other kind as it looks."""
    sheet = window.studio.documents.present
    dialog = QFileDialog(window, "Save the canvas", str(Path.home()), SAVES)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("ora")
    dialog.selectFile(f"{sheet.title.replace(':', '.') if sheet else 'Canvas'}.ora")
    dialog.filterSelected.connect(lambda kind: _follow_kind(dialog, kind))
    dialog.fileSelected.connect(lambda file: window.studio.documents.save(Path(file)))
    dialog.open()


def _follow_kind(dialog: QFileDialog, kind: str) -> None:
    """The name gets the ending of the kind that people choose."""
    ending = kind[kind.rindex("*.") + 2 : -1]
    dialog.setDefaultSuffix(ending)
    for file in dialog.selectedFiles():
        dialog.selectFile(Path(file).with_suffix(f".{ending}").name)


def _save_result(window: Window) -> None:
    save_result(window, window.chosen[0])


def save_result(window: Window, result: Result) -> None:
    """A copy, wherever people choose."""
    dialog = QFileDialog(window, "Save a copy", str(Path.home()), "PNG (*.png)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("png")
    dialog.selectFile(result.file.name if result.file else f"sfumato-{result.said.recipe.get('seed', 0)}.png")
    dialog.fileSelected.connect(lambda file: window.studio.saving.save_as(result, Path(file)))
    dialog.open()


def show_in_folder(window: Window) -> None:
    if file := window.chosen[0].file:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))


def copy(window: Window) -> None:
    """The pixels for picture programs, the file for file managers; of the canvas what is selected, or the frame."""
    stage, chosen = window.studio.stage, window.chosen
    if window.studio.easel.active:
        window.studio.documents.copy(_put_into_clipboard)
    elif window.studio.gallery.active and chosen:
        stage.with_raster(chosen[0], partial(_put_into_clipboard, files=[each.file for each in chosen if each.file]))
    elif stage.picture:
        file = stage.result.file if stage.result else None
        _put_into_clipboard(stage.picture, [file] if file else [])


def _put_into_clipboard(picture: Raster, files: Sequence[Path] = ()) -> None:
    mime = QMimeData()
    mime.setImageData(to_image(picture))
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    QGuiApplication.clipboard().setMimeData(mime)


def paste(window: Window) -> None:
    take(window, QGuiApplication.clipboard().mimeData())


def take(window: Window, mime: QMimeData | None) -> None:
    """What was pasted or dropped: a file, or a picture. An empty clipboard may have nothing at all."""
    mime = mime or QMimeData()
    if files := [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]:
        take_file(window, Path(files[0]))
    elif image := pasted_image(mime):
        if window.studio.easel.active:
            window.studio.documents.paste(lambda: from_image(image), "Pasted")
        else:
            window.studio.opening.start_from(lambda: from_image(image))
    else:
        hint = "Copy a picture, or drop a picture file into the window."
        window.toasts.say(Notice(Kind.INFO, "There is no picture in the clipboard.", hint))


def take_file(window: Window, file: Path) -> None:
    """A model is used, a document opens on the canvas; a picture becomes a layer there, or what others start from."""
    if file.name == INDEX or file.is_dir():
        window.studio.outfit.open(file if file.is_dir() else file.parent)
    elif file.suffix.lower() in SUFFIXES:
        window.studio.outfit.open(file)
    elif file.suffix.lower() == LAYERED:
        window.studio.easel.active = True
        window.studio.documents.open(file)
    elif window.studio.easel.active:
        window.studio.documents.paste_file(file)
    else:
        window.studio.opening.open(file)


def take_over(window: Window, files: list[Path]) -> None:
    """What another launch was given."""
    for file in files:
        take_file(window, file)
    if window.isMinimized():
        window.showNormal()
    window.raise_()
    window.activateWindow()


def warn_of_loss(window: Window) -> None:
    count = len(window.studio.saving.homeless)
    words = "One picture is" if count == 1 else f"{count} pictures are"
    hint = "Save from Results what you need, or close again to let it go."
    again = ("Keep them now", window.studio.saving.keep_again)
    window.toasts.say(Notice(Kind.WARNING, f"{words} in memory only.", hint, actions=(again,)))


def use_as_source(window: Window) -> None:
    window.studio.opening.start_from_result(window.chosen[0])


def use_recipe(window: Window) -> None:
    window.studio.opening.use_description(window.chosen[0].said)


def use_seed(window: Window) -> None:
    seed = window.chosen[0].said.recipe.get("seed")
    if isinstance(seed, int):
        window.studio.opening.use_seed(seed)


def remove_source(window: Window) -> None:
    window.studio.session.source = None


def pause(window: Window) -> None:
    window.studio.queue.paused = not window.studio.queue.paused


def roll(window: Window) -> None:
    window.studio.session.seed = random.randrange(USUAL_SEEDS)
    window.studio.session.seed_locked = True


def swap(window: Window) -> None:
    session = window.studio.session
    session.width, session.height = session.height, session.width


def compare(window: Window) -> None:
    """Two chosen ones, or the chosen one and its neighbour, until the second time; in the gallery more, too."""
    stage, chosen = window.studio.stage, window.chosen
    if stage.rival and not window.studio.gallery.active:
        stage.rival = None
        return
    if window.studio.gallery.active and len(chosen) > 2:
        window.studio.tending.lay_out(window.studio.gallery.chosen)
        window.center.go_to(PICTURE)
        return
    other = chosen[1] if len(chosen) > 1 else _neighbour(window)
    if other is None:
        hint = "Make another, or choose two in the results with Ctrl and click."
        window.toasts.say(Notice(Kind.INFO, "There is nothing to compare with.", hint))
    else:
        stage.compare(chosen[0], other)
        window.center.go_to(PICTURE)


def _neighbour(window: Window) -> Result | None:
    results, chosen = window.studio.results, window.chosen[0]
    beside = (results.neighbour(chosen, 1), results.neighbour(chosen, -1))
    return next((result for result in beside if result is not chosen), None)


def toggle(dock: str) -> Callable[[Window], None]:
    def deed(window: Window) -> None:
        shown = window.docks[dock]
        shown.setVisible(not shown.isVisible())
        if shown.isVisible():
            shown.raise_()

    return deed


def go_to_prompt(window: Window) -> None:
    window.docks["prompt"].show()
    window.panel.prompt.setFocus()


def switch_theme(window: Window) -> None:
    now_dark = theme.is_dark(window.studio.memory.settings.theme)
    window.studio.memory.change_settings(theme="light" if now_dark else "dark")


def full_screen(window: Window) -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()
