"""Touch: mouse, pen and keys over the canvas become what a tool is sent, or move the view."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainterPath, QPointingDevice, QTabletEvent

from desktop.canvas.tools.table import BY_NAME, Cursor
from desktop.studio.easel import Easel
from desktop.studio.notice import Kind, Notice
from desktop.ui.canvas.guide import GUIDES, Guide

if TYPE_CHECKING:
    from desktop.canvas.document import Document
    from desktop.canvas.tools.kit import Kit, Pointer
    from desktop.ui.canvas.hand import Hand
    from desktop.ui.canvas.view import CanvasView

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
PICKERS = ("brush", "bucket")  # with Alt these are eyedroppers for once
FLATTEST = 60.0  # degrees from upright that pens tell of
SHAPES = {
    Cursor.BRUSH: Qt.CursorShape.BlankCursor,  # the overlay draws it
    Cursor.CROSS: Qt.CursorShape.CrossCursor,
    Cursor.ARROW: Qt.CursorShape.ArrowCursor,
    Cursor.HAND: Qt.CursorShape.OpenHandCursor,
}
FLIPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class Touch(QObject):
    """Filters the events of a view. Space or the middle button moves the canvas, all else is the tool's."""

    refused = Signal(object)  # Notice: why a tool does nothing
    accepted = Signal()  # Enter, and no tool waits for it
    left = Signal()  # Escape, and there is nothing to give up
    flipped = Signal(int)  # an arrow key: onwards or back

    def __init__(self, easel: Easel, view: CanvasView):
        super().__init__(view)
        self._easel, self._view = easel, view
        self._hand: Hand | None = None
        self._kit: Kit | None = None
        self._guide: Guide | None = None
        self._space = False
        self.may_begin: Callable[[], bool] = lambda: True  # asked at each press that would begin something
        self._pen = False  # is down: the mouse events that the system makes of it are not wanted
        view.installEventFilter(self)
        easel.changed.connect(self._easel_changed)
        easel.interrupted.connect(self.give_up)
        self._show_cursor()

    def take(self, document: Document) -> None:
        """From now on that document is worked on."""
        from desktop.canvas.tools.kit import Kit
        from desktop.ui.canvas.hand import Hand

        self.give_up()
        self._hand = Hand()
        self._kit = Kit(
            document,
            outline=self._outline,
            picked=lambda color: setattr(self._easel, "color", color),
            apart=self._easel.apart,
            refuse=lambda message, hint: self.refused.emit(Notice(Kind.INFO, message, hint)),
        )

    def give_up(self) -> None:
        if self._hand:
            self._hand.give_up()
            self._tell()

    def _tell(self) -> None:
        self._easel.at_work = self._hand is not None and self._hand.busy

    def _easel_changed(self, name: str) -> None:
        if name == "tool":
            self.give_up()
            self._pen = False
            self._show_cursor()

    def _outline(self, path: QPainterPath | None) -> None:
        self._view.overlay.outline = path
        self._view.update()

    def _show_cursor(self) -> None:
        cursor = BY_NAME[self._easel.tool].cursor
        self._view.overlay.brush = self._easel.brush if cursor is Cursor.BRUSH else None
        self._view.setCursor(SHAPES[cursor])
        self._view.update()

    # ------------------------------------------------------------ events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event:
            case QTabletEvent():
                return self._tablet(event)
            case QMouseEvent():
                return self._mouse(event)
            case QKeyEvent():
                return self._key(event)
        if event.type() == QEvent.Type.Leave:
            self._view.point_at(None)
        if event.type() == QEvent.Type.FocusOut:
            self._space = self._pen = False
            self._show_cursor()
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick:
                self._mouse_down(event)
            case QEvent.Type.MouseMove:
                self._view.point_at(event.position())
                if self._guide:
                    self._guide.move(event.position(), event.modifiers())
                elif not self._pen:
                    self._send(event, down=bool(event.buttons() & LEFT))
            case QEvent.Type.MouseButtonRelease if self._guide:
                self._guide.release(event.modifiers())
                self._guide = None
                self._show_cursor()
            case QEvent.Type.MouseButtonRelease if event.button() == LEFT and not self._pen:
                self._send(event, down=False)
            case _:
                return False
        return True

    def _mouse_down(self, event: QMouseEvent) -> None:
        self._view.setFocus()
        double = event.type() == QEvent.Type.MouseButtonDblClick
        if event.button() == MIDDLE or self._space:
            self._lead("hand", event.position())
        elif event.button() == LEFT and self._easel.tool in GUIDES:
            if double and self._easel.tool == "turn":
                self._view.turn(-self._view.lens.angle)
            else:
                self._lead(self._easel.tool, event.position())
        elif event.button() == LEFT and not self._pen:
            self._press(self._pointer(event, True, double))

    def _lead(self, name: str, at: QPointF) -> None:
        self._guide = GUIDES[name](self._view, at)
        if name == "hand":
            self._view.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _tablet(self, event: QTabletEvent) -> bool:
        self._view.point_at(event.position())
        if self._easel.tool in GUIDES:
            return False  # as the mouse does
        if event.type() == QEvent.Type.TabletPress and event.button() == LEFT:
            self._pen = True
            self._press(self._pointer(event, down=True))
        elif event.type() == QEvent.Type.TabletRelease and self._pen:
            self._pen = False
            self._send(event, down=False)
        elif self._pen:
            self._send(event, down=True)
        else:
            return False  # hovering: as the mouse does
        event.accept()
        return True

    def _key(self, event: QKeyEvent) -> bool:
        if event.isAutoRepeat():
            return event.key() == Qt.Key.Key_Space
        down = event.type() == QEvent.Type.KeyPress
        match event.key():
            case Qt.Key.Key_Space if event.type() != QEvent.Type.ShortcutOverride:
                self._space = down
                self._view.setCursor(Qt.CursorShape.OpenHandCursor) if down else self._show_cursor()
            case Qt.Key.Key_Escape if down:
                self.give_up() if self._easel.at_work else self.left.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if down and not event.modifiers():
                self._finish() if self._easel.at_work else self.accepted.emit()
            case key if key in FLIPS and down and not event.modifiers() and not self._easel.at_work:
                self.flipped.emit(FLIPS[Qt.Key(key)])
            case _:
                return False
        return True

    # ------------------------------------------------------------ to the tool

    def _press(self, pointer: Pointer) -> None:
        if self._hand is None or self._kit is None:
            return
        easel, kit = self._easel, self._kit
        kit.brush, kit.color = easel.brush.brush(), easel.color
        kit.tolerance, kit.contiguous, kit.snap = easel.tolerance, easel.contiguous, easel.snap
        kit.scale = self._view.lens.scale
        if not self._hand.busy:
            if not self.may_begin():
                return
            picks = easel.tool in PICKERS and pointer.holds(Qt.KeyboardModifier.AltModifier)
            self._hand.take(BY_NAME["eyedropper" if picks else easel.tool].run, kit)
        self._hand.send(pointer)
        self._tell()

    def _finish(self) -> None:
        if self._hand:
            self._hand.finish()
            self._tell()

    def _send(self, event: QMouseEvent | QTabletEvent, down: bool) -> None:
        if self._hand and self._hand.busy:
            self._hand.send(self._pointer(event, down))
            self._tell()

    def _pointer(self, event: QMouseEvent | QTabletEvent, down: bool, double: bool = False) -> Pointer:
        from desktop.canvas.tools.kit import Pointer

        at = self._view.lens.to_canvas.map(event.position())
        pressure, tilt, eraser = 1.0, 0.0, False
        if isinstance(event, QTabletEvent):
            pressure = event.pressure()
            tilt = min(hypot(event.xTilt(), event.yTilt()) / FLATTEST, 1.0)
            eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        return Pointer(at, pressure, down, event.modifiers(), double, eraser, tilt=tilt)
