"""EarlierMenu: the canvases that were worked on before this one, to go back to."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from desktop.studio.documents import Documents, Sheet
from desktop.studio.easel import Easel


class EarlierMenu(QMenu):
    """Filled whenever it is opened."""

    def __init__(self, documents: Documents, easel: Easel, parent: QWidget | None = None):
        super().__init__("Earlier canvases", parent)
        self._documents, self._easel = documents, easel
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for sheet in self._documents.recent[1:]:
            self.addAction(sheet.title).triggered.connect(partial(self._go_back_to, sheet))
        if self.isEmpty():
            self.addAction("There is none yet").setEnabled(False)

    def _go_back_to(self, sheet: Sheet) -> None:
        self._easel.active = True
        self._documents.take(sheet)
