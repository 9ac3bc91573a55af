"""CanvasView: the document to look at and to work on with the tool in the hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.engine.api import Failed
from desktop.studio.easel import Easel
from desktop.ui.canvas.lens import Lens
from desktop.ui.canvas.overlay import Overlay
from desktop.ui.canvas.touch import Touch

if TYPE_CHECKING:
    from desktop.canvas.document import Document
    from desktop.canvas.snapshot import Snapshot
    from desktop.canvas.tiles import Plane
    from desktop.ui.canvas.surface import Surface

STEP = 1.25  # a notch of the wheel
TURN = 15.0  # degrees, a notch with Shift and Ctrl
PATIENCE = 0.008  # seconds that a frame may take to compose tiles
PIXELS_FROM = 4.0  # from this zoom on single pixels are meant to be seen


class CanvasView(QWidget):
    """Bound to an easel. `zoomed(zoom)`: 1 is a pixel of the screen for each of the canvas's."""

    zoomed = Signal(float)
    menu_wanted = Signal(QPoint)  # where on the screen

    def __init__(self, easel: Easel, parent: QWidget | None = None):
        super().__init__(parent)
        self.lens = Lens()
        self.overlay = Overlay(self.lens)
        self._easel = easel
        self._surface: Surface | None = None
        self._traced: Plane | None = None  # the selection whose outline is seen, or will be
        self._tracing = False
        self._later = QTimer(self, singleShot=True, interval=0)  # for tiles that a frame had no time for
        self._later.timeout.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Canvas")
        self.touch = Touch(easel, self)
        easel.changed.connect(self._easel_changed)
        self._easel_changed("document")

    # ------------------------------------------------------------ what is seen

    def fit(self) -> None:
        """The frame and what is painted."""
        if snapshot := self._easel.snapshot:
            self.lens.fit(QRectF(snapshot.sight))
            self._moved()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        self.lens.zoom_to(zoom, at)
        self._moved()

    def zoom_by(self, factor: float) -> None:
        self.zoom_to(self.lens.zoom * factor)

    def turn(self, by: float, at: QPointF | None = None) -> None:
        """By so many degrees, clockwise."""
        self.lens.turn(by, at)
        self._moved()

    def show_candidate(self, image: QImage | None, place: QRect | None) -> None:
        """A picture over the canvas that is no part of it."""
        before = self.overlay.candidate_area
        self.overlay.candidate, self.overlay.candidate_place = image, place
        for area in (before, self.overlay.candidate_area):
            if area:
                self._update_area(area)

    def show_marks(self, mask: QColor, rulers: bool) -> None:
        """In which colour masks are seen, and whether there are rulers."""
        self.overlay.mask_color, self.overlay.has_rulers = mask, rulers
        if self._surface:
            self._surface.recolor()
        self.update()

    def _moved(self) -> None:
        self.zoomed.emit(self.lens.zoom)
        self.update()

    def pan(self, by: QPointF) -> None:
        """In units of the view."""
        self.lens.pan(by)
        self._moved()

    def point_at(self, at: QPointF | None) -> None:
        """The pointer is there now; None: elsewhere."""
        for area in self.overlay.move_pointer(at):
            self.update(area)

    def _easel_changed(self, name: str) -> None:
        if name == "document" and self._easel.document:
            self._take(self._easel.document)
        if name == "at_work":
            self._trace()

    def _take(self, document: Document) -> None:
        from desktop.ui.canvas.surface import Surface

        self._surface = Surface(lambda: self.overlay.mask_color)
        self.touch.take(document)
        document.changed.connect(self._show)
        self._show(document.snapshot)
        self.fit()

    def _show(self, snapshot: Snapshot) -> None:
        assert self._surface
        for area in self._surface.show(snapshot):
            self._update_area(area)
        if self.overlay.show(snapshot.frame):
            self.update()
        self._trace()

    def _trace(self) -> None:
        """Around what is selected, which takes its time where that is large: one at a time, between strokes."""
        snapshot = self._easel.snapshot
        if snapshot is None or self._easel.at_work or self._tracing or snapshot.selection is self._traced:
            return
        from desktop.canvas.selection import outline

        self._traced, self._tracing = snapshot.selection, True
        self._easel.lane.send(partial(outline, snapshot.selection), self._show_outline, self._show_no_outline)

    def _show_outline(self, path: QPainterPath) -> None:
        self.overlay.selected, self._tracing = path, False
        self.update()
        self._trace()

    def _show_no_outline(self, _: Failed) -> None:
        self._show_outline(QPainterPath())

    def _update_area(self, area: QRect) -> None:
        shown = self.lens.to_view.mapRect(QRectF(area)).toAlignedRect().adjusted(-2, -2, 2, 2)
        self.update(shown & self.rect())

    # ------------------------------------------------------------ painting

    def sizeHint(self) -> QSize:
        return QSize(720, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        first = self.lens.view.isEmpty()
        self.lens.view, self.lens.ratio = QSizeF(self.size()), self.devicePixelRatioF()
        if first:
            self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.overlay.paint_ground(painter, event.rect())
        if self._surface:
            if self.lens.angle:
                self._paint_turned(painter, self._surface, event.rect())
            else:
                self._paint_upright(painter, self._surface, event.rect())
            if self._surface.unfinished:
                self._later.start()
        self.overlay.paint(painter)

    def _paint_upright(self, painter: QPainter, surface: Surface, area: QRect) -> None:
        """In pixels of the screen, so that a tile begins where another ends."""
        lens = self.lens
        painter.save()
        painter.scale(1 / lens.ratio, 1 / lens.ratio)
        origin = lens.to_view.map(QPointF()) * lens.ratio
        painter.translate(round(origin.x()), round(origin.y()))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, lens.zoom < PIXELS_FROM)
        surface.paint(painter, lens.to_canvas.mapRect(QRectF(area)), lens.zoom, PATIENCE)
        painter.restore()

    def _paint_turned(self, painter: QPainter, surface: Surface, area: QRect) -> None:
        """Upright first, then turned as one, since turned tiles would not meet."""
        lens = self.lens
        sight = lens.to_canvas.mapRect(QRectF(area))
        zoom = lens.zoom
        size = QSize(round(sight.width() * zoom) + 2, round(sight.height() * zoom) + 2)
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        inside = QPainter(image)
        inside.translate(-round(sight.x() * zoom), -round(sight.y() * zoom))
        inside.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < PIXELS_FROM)
        surface.paint(inside, sight, zoom, PATIENCE)
        inside.end()
        painter.save()
        painter.setTransform(QTransform.fromScale(1 / zoom, 1 / zoom) * lens.to_view, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QPointF(round(sight.x() * zoom), round(sight.y() * zoom)), image)
        painter.restore()

    # ------------------------------------------------------------ Qt's events

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120 or event.angleDelta().x() / 120
        turns = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.modifiers() & turns == turns:
            self.turn(TURN * notches, event.position())
        elif notches:
            self.zoom_to(self.lens.zoom * STEP**notches, event.position())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())
