"""GalleryModel: what was found, as rows; their cards are read when they are seen."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl
from PySide6.QtGui import QPixmap

from desktop.studio.cards import Card
from desktop.studio.gallery import Gallery
from desktop.ui.gallery import words
from desktop.ui.widgets.images import to_image
from desktop.ui.widgets.tips import plain

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-sfumato-pictures"
IN_MEMORY = 96_000_000  # bytes of pixmaps
FEW = 64  # rows that come at once, and need not begin the list anew
MOST_DRAGGED = 1000  # files for other programs


class GalleryModel(QAbstractListModel):
    """Bound to a gallery. The DecorationRole gives a pixmap, the UserRole its Card, each None until it has come."""

    def __init__(self, gallery: Gallery, parent: QObject | None = None):
        super().__init__(parent)
        self._gallery = gallery
        self._ids: array[int] = array("q")
        self._cards: OrderedDict[int, Card] = OrderedDict()  # the last used at the end
        self._pixmaps: dict[int, QPixmap] = {}
        self._rows: dict[int, int] = {}  # of cards that were asked for
        self._stale: set[int] = set()  # shown as they were until they have come anew
        self._bytes = 0
        gallery.changed.connect(lambda name: self._take(gallery.found) if name == "found" else None)
        gallery.cards_came.connect(self._came)
        gallery.stale.connect(self._forget)
        self._take(gallery.found)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._ids)

    def id(self, index: Index) -> int:
        return self._ids[index.row()]

    def ids(self, rows: Iterable[int]) -> list[int]:
        return [self._ids[row] for row in rows]

    def between(self, first: int, last: int) -> array[int]:
        """The ids of these rows and all between."""
        return self._ids[first : last + 1]

    def ranges(self, ids: Iterable[int]) -> list[tuple[int, int]]:
        """The first and the last row of each run of these ids, as far as they were found."""
        wanted = set(ids)
        found: list[tuple[int, int]] = []
        for row in (row for row, id in enumerate(self._ids) if id in wanted) if wanted else ():
            if found and found[-1][1] == row - 1:
                found[-1] = (found[-1][0], row)
            else:
                found.append((row, row))
        return found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        id = self._ids[index.row()]
        card = self._cards.get(id)
        if role == Qt.ItemDataRole.UserRole:
            return card
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pixmaps.get(id)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) and card:
            told = words.briefly(card.picture, card.is_missing)
            return plain(told) if role == Qt.ItemDataRole.ToolTipRole else told
        return None

    def want(self, rows: Sequence[int], side: int) -> None:
        """Those rows are seen: what is not there of them is asked for."""
        ids = self.ids(rows)
        for id in ids:
            if id in self._cards:
                self._cards.move_to_end(id)
        missing = [id for id in ids if id not in self._cards or id in self._stale]
        self._rows = dict(zip(ids, rows, strict=True))
        self._gallery.wish(missing, side)

    def forget_thumbnails(self) -> None:
        """Those of another size are wanted."""
        self._stale.update(self._cards)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [MIME, "text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Ids for our own collections, files for other programs."""
        mime = QMimeData()
        ids = [self.id(index) for index in indexes[:MOST_DRAGGED]]
        all_ids = self._gallery.chosen if len(indexes) > MOST_DRAGGED else ids
        mime.setData(MIME, ",".join(map(str, all_ids)).encode())
        pictures = self._gallery.library.pictures(ids)  # at once, since a drag begins: some milliseconds
        mime.setUrls([QUrl.fromLocalFile(str(picture.file)) for picture in pictures])
        return mime

    # ------------------------------------------------------------ what changes

    def _take(self, ids: array[int]) -> None:
        """New ones in front and at the end come in as rows; for all else the list begins anew."""
        before = len(self._ids)
        more = len(ids) - before
        at_end = before > 0 and ids[:before] == self._ids
        if more > 0 and (at_end or (more <= FEW and ids[more:] == self._ids)):
            first = before if at_end else 0
            self.beginInsertRows(QModelIndex(), first, first + more - 1)
            self._ids = ids
            self.endInsertRows()
        elif ids != self._ids:
            self.beginResetModel()
            self._ids = ids
            self.endResetModel()
        self._rows.clear()

    def _came(self, cards: list[Card]) -> None:
        for card in cards:
            self._keep(card)
            row = self._rows.get(card.picture.id, -1)
            if 0 <= row < len(self._ids) and self._ids[row] == card.picture.id:
                self.dataChanged.emit(self.index(row), self.index(row))
        while self._bytes > IN_MEMORY and len(self._cards) > len(self._rows):
            self._drop(next(iter(self._cards)))

    def _keep(self, card: Card) -> None:
        id = card.picture.id
        self._drop(id)
        self._stale.discard(id)
        self._cards[id] = replace(card, thumbnail=None)  # the pixmap is the same, once more
        if card.thumbnail:
            pixmap = QPixmap.fromImage(to_image(card.thumbnail))
            self._pixmaps[id] = pixmap
            self._bytes += _bytes(pixmap)

    def _drop(self, id: int) -> None:
        self._cards.pop(id, None)
        if pixmap := self._pixmaps.pop(id, None):
            self._bytes -= _bytes(pixmap)

    def _forget(self, ids: Iterable[int] | None) -> None:
        self._stale.update(self._cards if ids is None else set(ids) & self._cards.keys())
        self.layoutChanged.emit()


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
