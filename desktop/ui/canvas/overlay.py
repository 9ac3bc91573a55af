"""Overlay: what is drawn around and over the document and is no part of it: ground, frame, selection, pointer."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from desktop.studio.easel import BrushSettings
from desktop.ui import theme
from desktop.ui.canvas import rulers
from desktop.ui.canvas.lens import Lens

CHECK = 8  # units: a square of the board that stands for transparency
GRID_FROM = 12.0  # zoom


class Overlay:
    """What it draws depends on what it was told last: snapshot, pointer, outline of a tool, candidate."""

    def __init__(self, lens: Lens):
        self._lens = lens
        self.mask_color = QColor(230, 60, 120, 120)
        self.has_rulers = False
        self.selected = QPainterPath()  # around what is selected
        self.outline: QPainterPath | None = None
        self.brush: BrushSettings | None = None  # while the pointer is a brush
        self.candidate: QImage | None = None
        self.candidate_place: QRect | None = None
        self._frame = QRect()
        self._pointer: QPointF | None = None

    @property
    def candidate_area(self) -> QRect | None:
        return self.candidate_place if self.candidate else None

    def show(self, frame: QRect) -> bool:
        """Whether the frame has changed."""
        changed, self._frame = frame != self._frame, QRect(frame)
        return changed

    def move_pointer(self, at: QPointF | None) -> list[QRect]:
        """The areas of the view where it was and is."""
        before, self._pointer = self._pointer, at
        return [self._around(place) for place in (before, at) if place is not None and self.brush]

    # ------------------------------------------------------------ painting

    def paint_ground(self, painter: QPainter, area: QRect) -> None:
        """The surround, and the board that is seen through what is transparent in the frame."""
        painter.fillRect(area, QColor(theme.current().surround))
        painter.save()
        painter.setTransform(self._lens.to_view, True)
        painter.setClipRect(QRectF(self._frame))
        painter.resetTransform()
        painter.setBrushOrigin(self._lens.to_view.map(QPointF(self._frame.topLeft())))
        painter.fillRect(area, _board())
        painter.restore()

    def paint(self, painter: QPainter) -> None:
        painter.save()
        painter.setTransform(self._lens.to_view, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self.candidate and self.candidate_place:
            painter.drawImage(QRectF(self.candidate_place), self.candidate)
        self._paint_grid(painter)
        self._paint_frame(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._trace(painter, self.selected, dashes=True)
        if self.outline:
            self._trace(painter, self.outline, dashes=False)
        painter.restore()
        if self.has_rulers:
            rulers.paint(painter, self._lens)
        self._paint_pointer(painter)

    def _paint_grid(self, painter: QPainter) -> None:
        """Between single pixels, once they are large."""
        if self._lens.zoom < GRID_FROM:
            return
        sight = self._lens.sight.toAlignedRect()
        lines = [QLineF(x, sight.top(), x, sight.bottom() + 1) for x in range(sight.left(), sight.right() + 2)]
        lines += [QLineF(sight.left(), y, sight.right() + 1, y) for y in range(sight.top(), sight.bottom() + 2)]
        pen = QPen(QColor(128, 128, 128, 96), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(lines)

    def _paint_frame(self, painter: QPainter) -> None:
        accent = QPen(QColor(theme.current().accent), 1.5)
        accent.setCosmetic(True)
        painter.setPen(accent)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self._frame))

    def _trace(self, painter: QPainter, path: QPainterPath, dashes: bool) -> None:
        """Black and white, to be seen on any picture."""
        for color, offset in ((Qt.GlobalColor.black, 0), (Qt.GlobalColor.white, 4)):
            pen = QPen(color, 1)
            pen.setCosmetic(True)
            if dashes or color == Qt.GlobalColor.white:
                pen.setDashPattern([4, 4])
                pen.setDashOffset(offset)
            painter.setPen(pen)
            painter.drawPath(path)

    def _paint_pointer(self, painter: QPainter) -> None:
        """The brush's true outline."""
        if self._pointer is None or self.brush is None:
            return
        radius = max(self.brush.size * self._lens.scale / 2, 1.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, by in ((QColor(0, 0, 0, 160), 1), (QColor(255, 255, 255, 220), 0)):
            painter.setPen(QPen(color, 1))
            painter.drawEllipse(self._pointer, radius + by, radius + by)
        if radius > 12:
            painter.drawPoint(self._pointer)

    def _around(self, at: QPointF) -> QRect:
        assert self.brush
        reach = self.brush.size * self._lens.scale / 2 + 4
        return QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach).toAlignedRect()


def _board() -> QBrush:
    """A chequer of two greys."""
    dark = QColor(theme.current().surround).lightness() < 128
    one, other = (QColor("#4a4a4a"), QColor("#5a5a5a")) if dark else (QColor("#ffffff"), QColor("#dddddd"))
    tile = QPixmap(2 * CHECK, 2 * CHECK)
    tile.fill(one)
    painter = QPainter(tile)
    for x, y in ((0, 0), (CHECK, CHECK)):
        painter.fillRect(x, y, CHECK, CHECK, other)
    painter.end()
    return QBrush(tile)
