"""LoraForm: the LoRAs that go into the next picture, and a field to add one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from desktop.models.extras import Extra, Extras
from desktop.recipe import LoraUse
from desktop.studio.clinic import Clinic, Finding
from desktop.studio.observable import watch
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.ui.prompt.lora_box import LoraBox
from desktop.ui.prompt.lora_row import LoraRow


class LoraForm(QWidget):
    """Bound to a session's LoRAs; without any file at hand it says how to get some."""

    def __init__(self, session: Session, shelf: Shelf, clinic: Clinic, find: QAction, parent: QWidget | None = None):
        super().__init__(parent)
        self._session, self._shelf, self._clinic = session, shelf, clinic
        self.rows: dict[str, LoraRow] = {}  # by file, in their order
        self.box = LoraBox(self)
        self.box.picked.connect(self._add)
        self.empty = QPushButton("Find the LoRAs of other programs", self)
        self.empty.setIcon(find.icon())
        self.empty.setToolTip("None is at hand yet. They are read where they lie: nothing is copied or moved.")
        self.empty.clicked.connect(find.trigger)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(self.box)
        self._layout.addWidget(self.empty)
        watch(shelf, "extras", self._offer, self)
        watch(session, "model", lambda _: self._offer(shelf.extras), self)
        for name in ("loras", "loras_off"):
            watch(session, name, lambda _: self._show(), self)
        watch(clinic, "findings", self._show_findings, self)

    def _offer(self, extras: Extras) -> None:
        any_at_hand = bool(extras.kind("lora"))
        self.box.setVisible(any_at_hand)
        self.empty.setVisible(not any_at_hand)
        self.box.offer(extras, self._session.model.family.id if self._session.model else "")
        for file, row in self.rows.items():
            self._show_file(file, row)

    def _show(self) -> None:
        """Rows are kept as long as their LoRA is there: one of them may be in somebody's hand."""
        wanted = {use.file: use for use in self._session.loras}
        for file in [file for file in self.rows if file not in wanted]:
            row = self.rows.pop(file)
            row.hide()  # at once: it takes no room while it is on its way out
            row.deleteLater()
        for place, use in enumerate(self._session.loras):
            row = self.rows.get(use.file) or self._new_row(use)
            row.show_use(use, use.file not in self._session.loras_off)
            self._layout.insertWidget(place, row)
        self.rows = {file: self.rows[file] for file in wanted}
        self._show_findings(self._clinic.findings)

    def _new_row(self, use: LoraUse) -> LoraRow:
        row = LoraRow(use, self)
        self._show_file(use.file, row)
        row.edited.connect(self._session.change_lora)
        row.switched.connect(lambda on: self._switch(use.file, on))
        row.removed.connect(lambda: self._session.remove_lora(use.file))
        row.said.connect(self._session.say)
        self.rows[use.file] = row
        return row

    def _show_file(self, file: str, row: LoraRow) -> None:
        extra = self._shelf.extras.by_id(file)
        row.show_triggers(extra.entry.triggers if extra else ())
        row.show_place(self._shelf.extras.place(extra) if extra else "")

    def _switch(self, file: str, on: bool) -> None:
        off = self._session.loras_off
        self._session.loras_off = off - {file} if on else off | {file}

    def _add(self, extra: Extra) -> None:
        self._session.add_lora(extra.use)

    def _show_findings(self, findings: Mapping[str, Finding]) -> None:
        for file, row in self.rows.items():
            row.show_finding(findings.get(file))
