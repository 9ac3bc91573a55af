"""Cell: a picture among many: its thumbnail, its stars, and whether it is chosen or gone."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.studio.cards import Card
from desktop.ui import theme

Index = QModelIndex | QPersistentModelIndex
INSET = 4  # around the thumbnail
STARS = 16  # height of their line


class Cell(QStyledItemDelegate):
    """Paints a Card of the GalleryModel, and an empty field until it has come."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = theme.current()
        state, cell = option.state, option.rect  # pyright: ignore[reportAttributeAccessIssue]
        card: Card | None = index.data(Qt.ItemDataRole.UserRole)
        pixmap: QPixmap | None = index.data(Qt.ItemDataRole.DecorationRole)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        inside = cell.adjusted(INSET, INSET, -INSET, -INSET)
        place = _fitted(pixmap, inside) if pixmap else inside
        if pixmap:
            painter.setOpacity(0.35 if card and card.is_missing else 1.0)
            painter.drawPixmap(place, pixmap)
            painter.setOpacity(1.0)
        else:
            painter.fillRect(inside, QColor(colors.panel))
        if card:
            self._paint_words(painter, card, place, can_be_read=pixmap is not None)
        self._paint_frame(painter, state, place)
        painter.restore()

    def _paint_words(self, painter: QPainter, card: Card, place: QRect, can_be_read: bool) -> None:
        if card.is_missing or not can_be_read:
            painter.setPen(QColor(theme.current().text))
            words = "File is gone" if card.is_missing else "Cannot be read"
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
        if card.picture.rating:
            line = QRect(place.left(), place.bottom() - STARS + 1, place.width(), STARS)
            painter.fillRect(line, QColor(0, 0, 0, 150))
            painter.setPen(QColor("#ffffff"))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, "★" * card.picture.rating)

    def _paint_frame(self, painter: QPainter, state: QStyle.StateFlag, place: QRect) -> None:
        colors = theme.current()
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            focused = bool(state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(QColor(colors.accent if chosen else colors.muted), 3 if chosen and focused else 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(-2, -2, 2, 2), 4, 4)


def _fitted(pixmap: QPixmap, cell: QRect) -> QRect:
    place = QRect(QPoint(), pixmap.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio))
    place.moveCenter(cell.center())
    return place
