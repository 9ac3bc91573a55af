"""StockModel: the model files that were found, as rows; their pictures are read when they are seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from desktop.studio.observable import watch
from desktop.studio.sifting import Item
from desktop.studio.stock import Stock
from desktop.ui.models import words
from desktop.ui.widgets.images import to_image
from desktop.ui.widgets.tips import plain

if TYPE_CHECKING:
    from desktop.raster import Raster

Index = QModelIndex | QPersistentModelIndex
IN_MEMORY = 96_000_000  # bytes of pixmaps
DEPTH = 4  # bytes of a pixel


class StockModel(QAbstractListModel):
    """Bound to a stock. The UserRole gives an Item, the DecorationRole its picture, None until it has come."""

    def __init__(self, stock: Stock, parent: QObject | None = None):
        super().__init__(parent)
        self._stock = stock
        self._items: tuple[Item, ...] = ()
        self._pixmaps: OrderedDict[Path, QPixmap | None] = (
            OrderedDict()
        )  # None: it cannot be read; last used at the end
        self._fresh: set[Path] = set()  # read since the last look, in the size that is wanted
        self._rows: dict[Path, int] = {}  # of pictures that were asked for
        self._side = 0
        self._bytes = 0
        stock.previews.came.connect(self._came)
        watch(stock, "found", self._take, self)
        watch(stock, "is_looking", lambda on: on or self._fresh.clear(), self)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._items)

    def item(self, index: Index) -> Item:
        return self._items[index.row()]

    def path(self, row: int) -> Path:
        return self._items[row].entry.path

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return item
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pixmaps.get(item.picture) if item.picture else None
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain(words.briefly(item))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words.briefly(item)
        return None

    def want(self, rows: Iterable[int], side: int) -> None:
        """Those rows are seen: pictures that are not there yet are asked for, of that side."""
        if side != self._side:
            self._side = side
            self._fresh.clear()
        shown = ((row, self._items[row].picture) for row in rows)
        self._rows = {file: row for row, file in shown if file}
        for file in self._rows.keys() & self._pixmaps.keys():
            self._pixmaps.move_to_end(file)
        self._stock.previews.wish([file for file in self._rows if file not in self._fresh], side)

    def _take(self, items: tuple[Item, ...]) -> None:
        """Where the same ones stay in the same order, only what is said of them changes."""
        if [item.entry.path for item in items] == [item.entry.path for item in self._items]:
            self._items = items
            if items:
                self.dataChanged.emit(self.index(0), self.index(len(items) - 1))
            return
        self.beginResetModel()
        self._items = items
        self._rows.clear()
        self.endResetModel()

    def _came(self, file: Path, side: int, raster: Raster | None) -> None:
        if side != self._side:
            return
        self._drop(file)
        self._fresh.add(file)
        self._pixmaps[file] = pixmap = QPixmap.fromImage(to_image(raster)) if raster else None
        self._bytes += _bytes(pixmap)
        row = self._rows.get(file, -1)
        if 0 <= row < len(self._items):
            self.dataChanged.emit(self.index(row), self.index(row))
        while self._bytes > IN_MEMORY and len(self._pixmaps) > len(self._rows):
            self._drop(next(iter(self._pixmaps)))

    def _drop(self, file: Path) -> None:
        self._fresh.discard(file)
        self._bytes -= _bytes(self._pixmaps.pop(file, None))


def _bytes(pixmap: QPixmap | None) -> int:
    return pixmap.width() * pixmap.height() * DEPTH if pixmap else 0
