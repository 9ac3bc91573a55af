"""ModelCell: a model file as a card: its picture, what it is, and what is to be known before it is used."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache

from PySide6.QtCore import (
    QAbstractItemModel,
    QByteArray,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QColor, QFont, QMouseEvent, QPainter, QPainterPath, QPen, QPixmap, QTransform
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.studio.sifting import Item
from desktop.ui import theme
from desktop.ui.icons import svg
from desktop.ui.models import words

Index = QModelIndex | QPersistentModelIndex
RADIUS = 6
PAD = 8  # around the words
LINES = 3
USUAL = "SD 1.5 · Checkpoint"  # few are longer
BADGE = 22  # side of what lies over the picture
MOST_PICTURES = 128  # that are kept as they are painted
SIGN = 0.3  # of the card's width: the drawing where there is no picture
OVER = QColor(0, 0, 0, 150)  # under what lies over the picture
ON_PICTURE = "#ffffff"


class ModelCell(QStyledItemDelegate):
    """Paints an Item of the StockModel. `starred` comes with a click on the star in its corner."""

    starred = Signal(object)  # Item

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._drawings: dict[tuple[str, str, int], QPixmap] = {}
        self._pictures: OrderedDict[tuple[int, int, float], QPixmap] = OrderedDict()  # the last used at the end

    @staticmethod
    def foot(widget: QWidget) -> int:
        """Height of the words below the picture."""
        return LINES * widget.fontMetrics().lineSpacing() + 2 * PAD

    @staticmethod
    def least(widget: QWidget) -> int:
        """The width at which the second line of most is seen whole."""
        return widget.fontMetrics().horizontalAdvance(USUAL) + 2 * PAD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = theme.current()
        cell, state = option.rect, option.state  # pyright: ignore[reportAttributeAccessIssue]
        item: Item = index.data(Qt.ItemDataRole.UserRole)
        picture = QRect(cell.left(), cell.top(), cell.width(), cell.width())
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(QColor(colors.line))
        painter.setBrush(QColor(colors.raised))
        painter.drawRoundedRect(QRectF(cell).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        self._paint_picture(painter, item, index.data(Qt.ItemDataRole.DecorationRole), picture)
        self._paint_badges(painter, item, picture, bool(state & QStyle.StateFlag.State_MouseOver))
        self._paint_words(painter, item, cell.adjusted(PAD, picture.height() + PAD, -PAD, -PAD))
        _paint_frame(painter, state, cell)
        painter.restore()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        if not isinstance(event, QMouseEvent) or event.button() != Qt.MouseButton.LeftButton:
            return False
        if not _corner(option.rect).contains(event.position().toPoint()):  # pyright: ignore[reportAttributeAccessIssue]
            return False
        if event.type() == QEvent.Type.MouseButtonRelease:
            self.starred.emit(index.data(Qt.ItemDataRole.UserRole))
        return True

    def _paint_picture(self, painter: QPainter, item: Item, pixmap: QPixmap | None, place: QRect) -> None:
        if pixmap is None:
            painter.fillPath(_round_on_top(place.width()).translated(place.topLeft()), QColor(theme.current().panel))
            side = round(SIGN * place.width())
            sign = QRect(0, 0, side, side)
            sign.moveCenter(place.center())
            self._draw(painter, words.ICONS.get(item.entry.kind, "help"), theme.current().line, sign)
            return
        painter.drawPixmap(place, self._fitted(pixmap, place.width(), painter.device().devicePixelRatio()))

    def _fitted(self, pixmap: QPixmap, side: int, ratio: float) -> QPixmap:
        """From memory, as scaling takes most of a card's time."""
        key = (pixmap.cacheKey(), side, ratio)
        if key not in self._pictures:
            self._pictures[key] = _cut(pixmap, side, ratio)
        self._pictures.move_to_end(key)
        while len(self._pictures) > MOST_PICTURES:
            self._pictures.popitem(last=False)
        return self._pictures[key]

    def _paint_badges(self, painter: QPainter, item: Item, picture: QRect, hot: bool) -> None:
        if item.mark.favourite or hot:
            self._paint_badge(painter, "star-on" if item.mark.favourite else "star", _corner(picture))
        left = QRect(picture.left() + 6, picture.top() + 6, BADGE, BADGE)
        if item.entry.problem:
            self._paint_badge(painter, "warning", left, theme.DARK.failure)
            left.translate(BADGE + 4, 0)
        if item.is_non_commercial:
            left.setWidth(BADGE + 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(OVER)
            painter.drawRoundedRect(left, BADGE / 2, BADGE / 2)
            painter.setPen(QColor(ON_PICTURE))
            painter.drawText(left, Qt.AlignmentFlag.AlignCenter, "NC")

    def _paint_badge(self, painter: QPainter, name: str, place: QRect, color: str = ON_PICTURE) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(OVER)
        painter.drawEllipse(place)
        self._draw(painter, name, color, place.adjusted(4, 4, -4, -4))

    def _paint_words(self, painter: QPainter, item: Item, place: QRect) -> None:
        colors, entry = theme.current(), item.entry
        below = entry.problem or ", ".join(entry.triggers[: words.MOST_TRIGGERS]) or entry.path.parent.name
        step = painter.fontMetrics().lineSpacing()
        line = QRect(place.left(), place.top(), place.width(), step)
        plain, heavy = painter.font(), QFont(painter.font())
        heavy.setWeight(QFont.Weight.DemiBold)
        painter.setFont(heavy)
        _write(painter, line, item.title, colors.text)
        painter.setFont(plain)
        line.translate(0, step)
        _write(painter, line, words.in_short(entry), colors.muted)
        line.translate(0, step)
        at_end = " · ".join((*([f"{item.used} ×"] if item.used else []), words.weight(entry.bytes)))
        _write(painter, line, below, colors.failure if entry.problem else colors.muted, at_end)

    def _draw(self, painter: QPainter, name: str, color: str, place: QRect) -> None:
        """From memory, as the same few are drawn many times."""
        pixels = round(place.width() * painter.device().devicePixelRatio())
        key = (name, color, pixels)
        if key not in self._drawings:
            self._drawings[key] = _drawn(name, color, pixels)
        painter.drawPixmap(place, self._drawings[key])


def _cut(pixmap: QPixmap, side: int, ratio: float) -> QPixmap:
    """So that it fills a card's square with round upper corners."""
    scale = max(side / pixmap.width(), side / pixmap.height())
    left = (side - pixmap.width() * scale) / 2
    top = (side - pixmap.height() * scale) / 4  # faces are mostly in the upper part
    brush = QBrush(pixmap)
    brush.setTransform(QTransform(scale, 0, 0, scale, left, top))
    cut = QPixmap(round(side * ratio), round(side * ratio))
    cut.setDevicePixelRatio(ratio)
    cut.fill(Qt.GlobalColor.transparent)
    painter = QPainter(cut)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.fillPath(_round_on_top(side), brush)
    painter.end()
    return cut


def _drawn(name: str, color: str, pixels: int) -> QPixmap:
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg(name, color))).render(painter, QRectF(pixmap.rect()))
    painter.end()
    return pixmap


def _corner(card: QRect) -> QRect:
    """Of the star."""
    return QRect(card.right() - 5 - BADGE, card.top() + 6, BADGE, BADGE)


@lru_cache(maxsize=8)
def _round_on_top(side: int) -> QPainterPath:
    """A square with two round corners."""
    path = QPainterPath(QPointF(0, side))
    path.lineTo(0, RADIUS)
    path.arcTo(0, 0, 2 * RADIUS, 2 * RADIUS, 180, -90)
    path.lineTo(side - RADIUS, 0)
    path.arcTo(side - 2 * RADIUS, 0, 2 * RADIUS, 2 * RADIUS, 90, -90)
    path.lineTo(side, side)
    path.closeSubpath()
    return path


def _write(painter: QPainter, line: QRect, text: str, color: str, at_end: str = "") -> None:
    """As much of the text as there is room for, and all of what stands at the end of the line."""
    room = line.width()
    if at_end:
        painter.setPen(QColor(theme.current().muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, at_end)
        room -= painter.fontMetrics().horizontalAdvance(at_end) + PAD
    painter.setPen(QColor(color))
    short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short)


def _paint_frame(painter: QPainter, state: QStyle.StateFlag, cell: QRect) -> None:
    colors = theme.current()
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    if chosen or state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(QColor(colors.accent if chosen else colors.muted), 3 if chosen and focused else 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(cell).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
