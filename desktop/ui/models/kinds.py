"""KindList: what kinds of model files there are, and how many of each."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop.models.entry import KINDS
from desktop.studio.observable import watch
from desktop.studio.sifting import Item, Wanted
from desktop.studio.stock import Stock
from desktop.ui.icons import icon
from desktop.ui.models import words
from desktop.ui.widgets.buttons import SIZE

BESIDE = 56  # around the text of a row: icon, margins and frame
ALL = ""


class KindList(QWidget):
    """Bound to a stock: what is chosen here is what is looked through."""

    def __init__(self, stock: Stock, parent: QWidget | None = None):
        super().__init__(parent)
        self._stock = stock
        self._rows: list[str] = []
        title = QLabel("Kinds", self)
        title.setProperty("heading", True)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Kinds")
        self.list.setToolTip("Shows only models of one kind.")
        self.list.setIconSize(SIZE)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for name in ("bare", "rows"):
            self.list.setProperty(name, True)
        self.list.currentRowChanged.connect(lambda row: row >= 0 and stock.narrow(kind=self._rows[row]))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(title)
        layout.addWidget(self.list, 1)
        watch(stock, "items", self._fill, self)
        watch(stock, "wanted", self._show, self)

    def sizeHint(self) -> QSize:
        """Wide enough for every kind with thousands of files."""
        lines = (_line(words.kinds(kind), 1000) for kind in KINDS)
        return QSize(max(self.fontMetrics().horizontalAdvance(line) for line in lines) + BESIDE, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), super().minimumSizeHint().height())

    def _fill(self, items: tuple[Item, ...]) -> None:
        counts = Counter(item.entry.kind for item in items)
        rows = [ALL, *(kind for kind in KINDS if counts[kind] or kind == self._stock.wanted.kind)]
        lines = [_line(words.kinds(kind), counts[kind]) if kind else _line("All models", len(items)) for kind in rows]
        if lines == [self.list.item(row).text() for row in range(self.list.count())]:
            return
        self._rows = rows
        self.list.blockSignals(True)
        self.list.clear()
        for kind, line in zip(rows, lines, strict=True):
            self.list.addItem(QListWidgetItem(icon(words.ICONS[kind] if kind else "gallery"), line))
        self.list.blockSignals(False)
        self._show(self._stock.wanted)

    def _show(self, wanted: Wanted) -> None:
        self.list.blockSignals(True)
        self.list.setCurrentRow(self._rows.index(wanted.kind) if wanted.kind in self._rows else 0)
        self.list.blockSignals(False)


def _line(name: str, count: int) -> str:
    return f"{name}   {count}"
