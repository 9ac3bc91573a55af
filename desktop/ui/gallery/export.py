"""ExportWindow: copies of the chosen pictures for others: format, size, names, and what is said in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from desktop.errors import UserError
from desktop.library import naming
from desktop.library.exporting import Order
from desktop.library.metadata.writing import Export
from desktop.studio.studio import Studio
from desktop.ui.gallery import words
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.side_window import SideWindow
from desktop.ui.widgets.slider import NumberSlider

FORMATS = {"png": "PNG, lossless", "jpeg": "JPEG", "webp": "WebP", "avif": "AVIF"}
SIDES = {0: "As they are", **{side: f"At most {side} pixels" for side in (4096, 2048, 1024, 512)}}
SAID = {"all": "Everything", "quiet": "Everything but prompts", "nothing": "Nothing of how they were made"}
REMEMBERED = "export"  # the state's name
QUALITY = 90


class ExportWindow(SideWindow):
    """Stays open beside the main window; what was set is remembered."""

    def __init__(self, studio: Studio, parent: QWidget):
        super().__init__("Export", parent)
        self._studio = studio
        self.title = QLabel(self)
        self.title.setProperty("heading", True)
        self.format = self._box("Format", FORMATS, "PNG keeps every pixel; the others are smaller.")
        self.quality = NumberSlider(1, 100, lambda: QUALITY, parent=self)
        self.quality.setAccessibleName("Quality")
        self.quality.setToolTip("Of all formats but PNG: 90 looks like the original, 75 is small.")
        self.side = self._box("Size", SIDES, "Pixels of the longer side; smaller pictures stay as they are.")
        self.pattern = QLineEdit(self)
        self.pattern.setAccessibleName("Names")
        self.pattern.setToolTip("Made of " + " ".join(f"{{{name}}}" for name in naming.FIELDS))
        self.said = self._box("Metadata", SAID, "What the files tell of their recipe.")
        self.mark = QCheckBox("Mark as made by AI", self)
        self.mark.setToolTip("Says so to programs (IPTC), as the law asks for in some countries.")
        self.zipped = QCheckBox("Into one zip file", self)
        self.problem = QLabel(self)
        self.problem.setProperty("failure", True)
        self.problem.setWordWrap(True)
        self.button = QPushButton("Export…", self)
        self.button.setProperty("primary", True)
        self.button.setToolTip("Asks where to, and begins.")
        self.button.clicked.connect(self._ask_where)
        self._lay_out()
        self._restore(studio.memory.recall(REMEMBERED))
        self.format.edited.connect(lambda _: self._check())
        self.quality.edited.connect(lambda quality: setattr(self.quality, "content", quality))
        self.pattern.textChanged.connect(lambda _: self._check())
        studio.gallery.changed.connect(lambda name: self._check() if name == "chosen" else None)
        self._check()

    def sizeHint(self) -> QSize:
        return QSize(460, 380)

    @property
    def order(self) -> Order:
        """As it is set. The recipe's absence leaves the mark."""
        said = self.said.content
        how = Export(
            self.format.content,
            round(self.quality.content),
            prompts=said == "all",
            recipe=said != "nothing",
            mark=self.mark.isChecked(),
        )
        return Order(how, self.side.content, self.pattern.text(), self.zipped.isChecked())

    def export_to(self, place: Path) -> None:
        self._studio.memory.keep(REMEMBERED, self._state)
        self._studio.tending.export(self._studio.gallery.chosen, self.order, place)
        self.close()

    # ------------------------------------------------------------ inside

    def _box(self, name: str, choices: dict[Any, str], tip: str) -> ChoiceBox:
        box = ChoiceBox(self)
        box.setAccessibleName(name)
        box.setToolTip(tip)
        box.offer(choices.items())
        return box

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(16, 16, 16, 16)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.title)
        for label, control in (
            ("Format", self.format),
            ("Quality", self.quality),
            ("Size", self.side),
            ("Names", self.pattern),
            ("Metadata", self.said),
            ("", self.mark),
            ("", self.zipped),
        ):
            form.addRow(label, control)
        form.addRow(self.problem)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.button)
        form.addRow(row)

    def _state(self) -> dict[str, Any]:
        boxes = {name: getattr(self, name).content for name in ("format", "quality", "side", "said")}
        return {
            **boxes,
            "pattern": self.pattern.text(),
            "mark": self.mark.isChecked(),
            "zipped": self.zipped.isChecked(),
        }

    def _restore(self, kept: Any) -> None:
        """What was set the last time, as far as it can be chosen now."""
        state = kept if isinstance(kept, dict) else {}
        for box, name, choices in (
            (self.format, "format", FORMATS),
            (self.side, "side", SIDES),
            (self.said, "said", SAID),
        ):
            value = state.get(name)
            box.content = value if value in choices else next(iter(choices))
        quality = state.get("quality")
        self.quality.content = quality if isinstance(quality, int | float) and 1 <= quality <= 100 else QUALITY
        self.pattern.setText(str(state.get("pattern", "{name}")))
        self.mark.setChecked(state.get("mark") is not False)
        self.zipped.setChecked(state.get("zipped") is True)

    def _check(self) -> None:
        count = len(self._studio.gallery.chosen)
        self.title.setText(words.many(count) if count else "No picture is chosen.")
        self.quality.setEnabled(self.format.content != "png")
        try:
            naming.check(self.pattern.text())
            self.problem.clear()
        except UserError as error:
            self.problem.setText(f"{error.message} {error.hint}")
        self.button.setEnabled(count > 0 and not self.problem.text())

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, "Export to", str(Path.home()))
        if self.zipped.isChecked():
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix("zip")
            dialog.setNameFilter("Zip (*.zip)")
            dialog.selectFile("pictures.zip")
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda place: self.export_to(Path(place)))
        dialog.open()
