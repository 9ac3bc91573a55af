"""OfferCard: a model that somebody shares, to click on: its picture, name and family, and what may not be sold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.models.getting.offer import Offer
from desktop.ui import theme
from desktop.ui.getting import words
from desktop.ui.icons import icon
from desktop.ui.models.words import ICONS
from desktop.ui.widgets.images import to_image
from desktop.ui.widgets.tips import plain

if TYPE_CHECKING:
    from desktop.raster import Raster

WIDTH = 188
HIGH = 150  # of the picture
LOW = 92  # of the words in its place
PAD = 8
SIGN = 40  # side of the drawing where there is no picture
RADIUS = 8
OVER = QColor(0, 0, 0, 170)  # under what lies over the picture
ON_PICTURE = "#ffffff"


class OfferCard(QAbstractButton):
    """`use` is what it is proposed for, `good_for` a sentence on that, and `note` a line below its name."""

    def __init__(self, offer: Offer, use: str = "", note: str = "", good_for: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self._good_for = good_for
        self.offer = offer
        self._title, self._lines = use or offer.name, [offer.name] * bool(use) + [note or words.in_short(offer)]
        self._pixmap: QPixmap | None = None
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(" ".join((self._title, *self._lines)))
        self.setToolTip(plain("\n".join(filter(None, (good_for, words.briefly(offer))))))

    def show_picture(self, raster: Raster) -> None:
        self._pixmap = QPixmap.fromImage(to_image(raster))
        self.update()

    def sizeHint(self) -> QSize:
        lines = 1 + len(self._lines)
        return QSize(WIDTH, self._high + lines * self.fontMetrics().lineSpacing() + 2 * PAD)

    @property
    def _high(self) -> int:
        return HIGH if self.offer.samples else LOW

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.fillPath(whole, QColor(colors.hover if self.underMouse() else colors.raised))
        painter.setClipPath(whole)
        place = QRect(0, 0, self.width(), self._high)
        self._paint_picture(painter, place)
        if mark := words.BRIEFLY.get(self.offer.license.use):
            self._paint_mark(painter, mark, place)
        self._paint_words(painter, self.rect().adjusted(PAD, place.height() + PAD, -PAD, -PAD))
        painter.setClipping(False)
        chosen = self.isChecked() or self.hasFocus()
        painter.setPen(QPen(QColor(colors.accent if chosen else colors.line), 2 if chosen else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(whole)

    def _paint_picture(self, painter: QPainter, place: QRect) -> None:
        if self._pixmap is None and self._good_for:
            painter.setPen(QColor(theme.current().muted))
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place.adjusted(PAD, PAD, -PAD, 0), flags, self._good_for)
            return
        if self._pixmap is None:
            painter.fillRect(place, QColor(theme.current().panel))
            sign = QRect(0, 0, SIGN, SIGN)
            sign.moveCenter(place.center())
            icon(ICONS.get(self.offer.kind, "help"), "muted").paint(painter, sign)
            return
        scale = max(place.width() / self._pixmap.width(), place.height() / self._pixmap.height())
        wide, high = place.width() / scale, place.height() / scale
        left, top = (self._pixmap.width() - wide) / 2, (self._pixmap.height() - high) / 4  # faces are above the middle
        painter.drawPixmap(QRectF(place), self._pixmap, QRectF(left, top, wide, high))

    def _paint_mark(self, painter: QPainter, mark: str, place: QRect) -> None:
        metrics = painter.fontMetrics()
        box = QRectF(PAD, PAD, metrics.horizontalAdvance(mark) + 12, metrics.height() + 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(OVER)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(ON_PICTURE))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark)

    def _paint_words(self, painter: QPainter, place: QRect) -> None:
        colors, height = theme.current(), painter.fontMetrics().lineSpacing()
        bold = painter.font()
        for number, text in enumerate((self._title, *self._lines)):
            bold.setBold(number == 0)
            painter.setFont(bold)
            painter.setPen(QColor(colors.text if number == 0 else colors.muted))
            line = QRect(place.left(), place.top() + number * height, place.width(), height)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
