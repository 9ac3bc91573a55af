"""PictureView: a picture to zoom and pan, that sharpens as it is made, or two with a divider between them."""

from __future__ import annotations

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
from desktop.ui.picture.lens import Lens
from desktop.ui.widgets.images import to_image

STEP = 1.25  # a notch of the wheel
PIXELS_FROM = 12.0  # from this zoom on single pixels are meant to be seen
GRAB = 12  # units around the divider that take hold of it
NUDGE = {Qt.Key.Key_Left: -0.02, Qt.Key.Key_Right: 0.02}  # of the divider, as a share of the picture's width


class PictureView(QWidget):
    """Shows a stage. `zoomed(zoom)`: 1 is a pixel of the screen for each of the picture's."""

    zoomed = Signal(float)
    menu_wanted = Signal(QPoint)  # where on the screen

    def __init__(self, stage: Stage, parent: QWidget | None = None):
        super().__init__(parent)
        self.lens = Lens()
        self._stage = stage
        self._image: QImage | None = None
        self._rival: QImage | None = None
        self._divider = 0.5  # share of the picture's width
        self._held: QPointF | None = None  # where the mouse was when it last moved the picture
        self._holds_divider = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Picture")
        stage.changed.connect(self._stage_changed)
        for name in ("picture", "rival"):
            self._stage_changed(name)

    def fit(self) -> None:
        """The whole picture, as large as there is room."""
        self.lens.fit()
        self._moved()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """The point under `at`, by default the middle, stays where it is."""
        self.lens.zoom_to(zoom, at)
        self._moved()

    def zoom_by(self, factor: float) -> None:
        self.zoom_to(self.lens.zoom * factor)

    def _stage_changed(self, name: str) -> None:
        if name == "picture":
            self._image = to_image(self._stage.picture) if self._stage.picture else None
            size = QSizeF(*self._stage.size)
            if size != self.lens.picture:
                self.lens.picture = size
                self.lens.fits = True
            self._settle()
        elif name == "rival":
            self._rival = to_image(self._stage.rival) if self._stage.rival else None
            self._divider = 0.5
            self.update()

    def _settle(self) -> None:
        self.lens.view, self.lens.ratio = QSizeF(self.size()), self.devicePixelRatioF()
        self.lens.settle()
        self._moved()

    def _moved(self) -> None:
        self.zoomed.emit(self.lens.zoom)
        self.update()

    # ------------------------------------------------------------ painting

    def sizeHint(self) -> QSize:
        return QSize(720, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._settle()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().surround))
        if self._image is None:
            return
        preview = self._image.width() != self.lens.picture.width()
        smooth = preview or self.lens.zoom < PIXELS_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(self.lens.place, self._image)
        if self._rival:
            self._paint_rival(painter, self._rival)

    def _paint_rival(self, painter: QPainter, rival: QImage) -> None:
        x, place = self._divider_x(), self.lens.place
        painter.save()
        painter.setClipRect(QRectF(QPointF(x, place.top()), place.bottomRight()))
        painter.drawImage(place, rival)
        painter.restore()
        accent = QColor(theme.current().accent)
        painter.setPen(QPen(accent, 2))
        painter.setBrush(accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        painter.drawEllipse(QPointF(x, place.center().y()), 7, 7)

    # ------------------------------------------------------------ mouse and keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        if notches := event.angleDelta().y() / 120:
            self.zoom_to(self.lens.zoom * STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._held = event.position()
            left = event.button() == Qt.MouseButton.LeftButton
            self._holds_divider = left and self._over_divider(event.position())
            self._point(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            self._point(event.position())
        elif self._holds_divider:
            place = self.lens.place
            self._divide((event.position().x() - place.left()) / place.width())
        else:
            self.lens.pan(event.position() - self._held)
            self._held = event.position()
            self._moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self._holds_divider = False
        self._point(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Between the whole picture and its actual pixels."""
        if self.lens.fits:
            self.zoom_to(1.0, event.position())
        else:
            self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._rival and event.key() in NUDGE:
            self._divide(self._divider + NUDGE[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _divide(self, share: float) -> None:
        self._divider = min(max(share, 0.0), 1.0)
        self.update()

    def _divider_x(self) -> float:
        return self.lens.place.left() + self.lens.place.width() * self._divider

    def _over_divider(self, point: QPointF) -> bool:
        return self._rival is not None and abs(point.x() - self._divider_x()) < GRAB

    def _point(self, at: QPointF) -> None:
        if self._over_divider(at):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.setCursor(Qt.CursorShape.ClosedHandCursor if self._held else Qt.CursorShape.ArrowCursor)
