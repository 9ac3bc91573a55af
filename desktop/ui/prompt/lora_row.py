"""LoraRow: one LoRA of the panel: on or off, its weight, its trigger words, and what the doctor says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.recipe import MOST_WEIGHT, LoraUse
from desktop.studio.clinic import Finding
from desktop.ui.prompt.blocks import Blocks, BlocksField
from desktop.ui.prompt.form import form, label
from desktop.ui.prompt.told import Told
from desktop.ui.widgets.buttons import IconButton, Toggle
from desktop.ui.widgets.flow import Flow
from desktop.ui.widgets.slider import NumberSlider
from desktop.ui.widgets.tips import plain

BOX = 28  # pixels that a check box takes beside its words
MOST_TRIGGERS = 8  # words that are shown


class LoraRow(QWidget):
    """Shows a LoraUse. `edited(LoraUse)`, `switched(bool)`, `removed()` and `said(str)`, a word for the prompt."""

    edited = Signal(object)
    switched = Signal(bool)
    removed = Signal()
    said = Signal(str)

    def __init__(self, use: LoraUse, parent: QWidget | None = None):
        super().__init__(parent)
        self._use = use
        self._words: Sequence[str] = ()
        self._place = ""
        self.on = QCheckBox(use.name, self)
        self.on.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long name is cut
        self.on.setToolTip(plain(f"{use.name}\nTakes it up or sets it aside, without a load."))
        self.on.setAccessibleName(f"Use {use.name}")
        self.on.toggled.connect(self.switched)
        self.weight = self._slider(
            f"Weight of {use.name}", "How much of it: 0.6 to 1 is usual, below 0 turns it round."
        )
        self.weight.edited.connect(self._take_weight)
        self.more = Toggle(
            "up", "more", f"More of {use.name}", "Other weights for the text encoders and by blocks.", self
        )
        self.removal = IconButton("cancel", f"Remove {use.name}", "Takes it out of the list.", self.removed.emit, self)
        self.finding = Told(self)
        self.triggers = QWidget(self)
        self._chips = Flow(self.triggers)
        self.triggers.hide()
        self.details = self._details()
        self.more.edited.connect(self.details.setVisible)
        rows = QGridLayout(self)
        rows.setContentsMargins(0, 0, 0, 4)
        rows.setHorizontalSpacing(6)
        rows.setVerticalSpacing(2)
        rows.addWidget(self.on, 0, 0)
        rows.addWidget(self.weight, 0, 1)
        rows.addWidget(self.more, 0, 2)
        rows.addWidget(self.removal, 0, 3)
        rows.setColumnStretch(0, 3)
        rows.setColumnStretch(1, 2)
        below = QVBoxLayout()
        below.setContentsMargins(24, 0, 0, 0)  # under the name
        below.setSpacing(4)
        below.addWidget(self.finding)
        below.addWidget(self.triggers)
        below.addWidget(self.details)
        below.addWidget(self.blocks.told)  # also while the details are closed
        rows.addLayout(below, 1, 0, 1, 4)
        self.show_use(use, True)

    def show_use(self, use: LoraUse, on: bool) -> None:
        self._use = use
        self.on.blockSignals(True)
        self.on.setChecked(on)
        self.on.blockSignals(False)
        self.weight.setEnabled(on)
        self.weight.content = use.weight
        self.text_weight.content = use.weight if use.text_weight is None else use.text_weight
        self.blocks.content = use.blocks

    def show_triggers(self, words: Sequence[str]) -> None:
        """Chips that say them."""
        if words == self._words:
            return
        self._words = words
        for chip in self.triggers.findChildren(QPushButton):
            chip.hide()
            chip.setParent(None)
            chip.deleteLater()
        for word in words[:MOST_TRIGGERS]:
            self._chips.addWidget(self._chip(word))
        self.triggers.setVisible(bool(words))

    def show_finding(self, finding: Finding | None) -> None:
        """Nothing while nothing is known."""
        finding = finding or Finding(True, "")
        self.finding.say(finding.words, finding.details, failure=not finding.works)
        self.blocks.offer(finding.places)

    def show_place(self, folder: str) -> None:
        """That of a LoRA which is not the only one of its name."""
        self._place = folder
        self._show_name()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_name()

    def _show_name(self) -> None:
        room = self.on.width() - BOX
        words = f"{self._use.name} ({self._place})" if self._place else self._use.name
        name = self.on.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room)
        self.on.setText(name.replace("&", "&&"))

    # ------------------------------------------------------------ its parts

    def _slider(self, name: str, tip: str) -> NumberSlider:
        slider = NumberSlider(0, 1.5, lambda: 1.0, digits=2, snap=0.05, parent=self)
        slider.setAccessibleName(name)
        slider.setToolTip(tip)
        return slider

    def _chip(self, word: str) -> QPushButton:
        chip = QPushButton(word.replace("&", "&&"), self.triggers)
        chip.setProperty("chip", True)
        chip.setToolTip(plain(f"Puts “{word}” into the prompt: it calls up what the LoRA knows."))
        chip.clicked.connect(lambda: self.said.emit(word))
        return chip

    def _details(self) -> QWidget:
        name = self._use.name
        self.text_weight = self._slider(f"Text weight of {name}", "How much of it goes into the reading of the prompt.")
        self.text_weight.edited.connect(self._take_text_weight)
        self.blocks = BlocksField(name, self)
        self.blocks.edited.connect(self._take_blocks)
        area = QWidget(self)
        rows = form(area)
        rows.addRow(label("Text"), self.text_weight)
        rows.addRow(label("Blocks"), self.blocks.line)
        area.hide()
        return area

    # ------------------------------------------------------------ what people change

    def _edit(self, use: LoraUse) -> None:
        self.show_use(use, self.on.isChecked())
        self.edited.emit(use)

    def _take_weight(self, weight: float) -> None:
        self._edit(replace(self._use, weight=_possible(weight)))

    def _take_text_weight(self, weight: float) -> None:
        weight = _possible(weight)
        self._edit(replace(self._use, text_weight=None if weight == self._use.weight else weight))

    def _take_blocks(self, found: Blocks) -> None:
        blocks = tuple((path, _possible(factor)) for path, factor in found)
        if blocks != self._use.blocks:
            self._edit(replace(self._use, blocks=blocks))


def _possible(weight: float) -> float:
    """The nearest that a LoRA can have."""
    return max(-MOST_WEIGHT, min(weight, MOST_WEIGHT))
