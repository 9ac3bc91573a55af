"""PictureView: a picture to zoom and pan, that sharpens as it is made, or two with a divider between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.studio.stage import Stage
from desktop.ui import theme
from desktop.ui.widgets.images import to_image

if TYPE_CHECKING:
    from desktop.raster import Raster

STEP = 1.25  # a notch of the wheel
SMALLEST, LARGEST = 0.02, 64.0
MARGIN = 24  # pixels around a picture that fits
MOST_FIT = 8.0  # a small picture is not blown up further than that
PIXELS_FROM = 12.0  # from this zoom on single pixels are meant to be seen
GRAB = 12  # pixels around the divider that take hold of it


class PictureView(QWidget):
    """Shows a stage. `zoomed(share)` tells the zoom: 1 is a screen pixel for each of the picture's."""

    zoomed = Signal(float)
    menu_wanted = Signal(QPoint)  # where on the screen
    first_painted = Signal()  # once

    def __init__(self, stage: Stage, parent: QWidget | None = None):
        super().__init__(parent)
        self._stage = stage
        self._image: QImage | None = None
        self._rival: QImage | None = None
        self._size = QSizeF()
        self._zoom = 1.0
        self._center = QPointF()  # the point of the picture in the middle of the view
        self._fits = True
        self._divider = 0.5  # share of the picture's width
        self._held: QPointF | None = None
        self._holds_divider = False
        self._space = False
        self._painted = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Picture")
        stage.changed.connect(self._stage_changed)
        self._stage_changed("rival")
        self._stage_changed("picture")

    # ------------------------------------------------------------ what it shows

    @property
    def zoom(self) -> float:
        return self._zoom

    def fit(self) -> None:
        """The whole picture, as large as there is room."""
        self._fits = True
        self._settle()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """The point of the view under `at`, by default its middle, stays where it is."""
        at = at or QRectF(self.rect()).center()
        still = self._to_picture(at)
        self._fits = False
        self._zoom = min(max(zoom, SMALLEST), LARGEST)
        self._center = still - (at - QRectF(self.rect()).center()) / self._scale()
        self._settle()

    def zoom_by(self, factor: float) -> None:
        self.zoom_to(self._zoom * factor)

    def _stage_changed(self, name: str) -> None:
        if name == "picture":
            self._show(self._stage.picture)
        elif name == "rival":
            self._rival = to_image(self._stage.rival) if self._stage.rival else None
            self._divider = 0.5
            self.update()

    def _show(self, picture: Raster | None) -> None:
        self._image = to_image(picture) if picture else None
        size = QSizeF(*self._stage.size)
        if size != self._size:
            self._size = size
            self._fits = True
        self._settle()

    def _settle(self) -> None:
        if self._fits and not self._size.isEmpty():
            room = QSizeF(self.size()) - QSizeF(2 * MARGIN, 2 * MARGIN)
            ratio = self.devicePixelRatioF()
            fitting = min(room.width() / self._size.width(), room.height() / self._size.height()) * ratio
            self._zoom = min(max(fitting, SMALLEST), MOST_FIT * ratio)
            self._center = QPointF(self._size.width() / 2, self._size.height() / 2)
        self.zoomed.emit(self._zoom)
        self.update()

    # ------------------------------------------------------------ from view to picture and back

    def _scale(self) -> float:
        """Units of the view for a pixel of the picture."""
        return self._zoom / self.devicePixelRatioF()

    def _to_picture(self, point: QPointF) -> QPointF:
        return self._center + (point - QRectF(self.rect()).center()) / self._scale()

    def _place(self) -> QRectF:
        """Where the picture is in the view."""
        scale = self._scale()
        corner = QRectF(self.rect()).center() - self._center * scale
        return QRectF(corner, self._size * scale)

    def _divider_x(self) -> float:
        place = self._place()
        return place.left() + place.width() * self._divider

    # ------------------------------------------------------------ painting

    def sizeHint(self) -> QSize:
        return QSize(720, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._settle()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._painted:
            self._painted = True
            self.first_painted.emit()
        colors = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colors.surround))
        if self._image is None:
            return
        place = self._place()
        preview = self._image.width() != round(self._size.width())
        smooth = preview or self._scale() * self.devicePixelRatioF() < PIXELS_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(place, self._image)
        if self._rival:
            self._paint_rival(painter, place, self._rival, colors)

    def _paint_rival(self, painter: QPainter, place: QRectF, rival: QImage, colors: theme.Colors) -> None:
        x = self._divider_x()
        right = QRectF(QPointF(x, place.top()), place.bottomRight())
        painter.save()
        painter.setClipRect(right)
        painter.drawImage(place, rival)
        painter.restore()
        painter.setPen(QPen(QColor(colors.accent), 2))
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        painter.setBrush(QColor(colors.accent))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawEllipse(QPointF(x, place.center().y()), 7, 7)

    # ------------------------------------------------------------ mouse and keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        if notches := event.angleDelta().y() / 120:
            self.zoom_to(self._zoom * STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        if left or event.button() == Qt.MouseButton.MiddleButton:
            self._held = event.position()
            self._holds_divider = left and not self._space and self._over_divider(event.position())
            self._point(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            self._point(event.position())
        elif self._holds_divider:
            place = self._place()
            self._divider = min(max((event.position().x() - place.left()) / place.width(), 0.0), 1.0)
            self.update()
        else:
            self._fits = False
            self._center -= (event.position() - self._held) / self._scale()
            self._held = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self._holds_divider = False
        self._point(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._fits:
            self.zoom_to(self.devicePixelRatioF() if self._zoom > 1 else 1.0, event.position())
        else:
            self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() == Qt.Key.Key_Space:
            self._space = True
        elif self._rival and event.key() in moves:
            self._divider = min(max(self._divider + moves[Qt.Key(event.key())] * 0.02, 0.0), 1.0)
            self.update()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._space = self._space and event.key() != Qt.Key.Key_Space
        super().keyReleaseEvent(event)

    def _over_divider(self, point: QPointF) -> bool:
        return self._rival is not None and abs(point.x() - self._divider_x()) < GRAB

    def _point(self, at: QPointF) -> None:
        if self._over_divider(at):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.setCursor(Qt.CursorShape.ClosedHandCursor if self._held else Qt.CursorShape.ArrowCursor)
