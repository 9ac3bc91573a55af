"""Guides: what moves the view rather than the document, from the press of a button until its release."""

from __future__ import annotations

from math import atan2, degrees
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from desktop.ui.canvas.view import CanvasView

Keys = Qt.KeyboardModifier
CLICK = 4  # units that a click may slip without being a drag
PER_UNIT = 1.01  # times: the zoom, a unit to the side
NOTCH = 1.5  # times: the zoom, a click
TURN = 15.0  # degrees that Shift keeps to


class Guide(Protocol):
    """Begins where the button was pressed, in units of the view."""

    def move(self, at: QPointF, keys: Keys) -> None: ...

    def release(self, keys: Keys) -> None: ...


class Pan:
    """The canvas follows the hand."""

    def __init__(self, view: CanvasView, at: QPointF):
        self._view, self._last = view, at

    def move(self, at: QPointF, keys: Keys) -> None:
        self._view.pan(at - self._last)
        self._last = at

    def release(self, keys: Keys) -> None:
        pass


class Zoom:
    """To the right nearer, to the left further away; a click takes a notch. Where it began stays."""

    def __init__(self, view: CanvasView, at: QPointF):
        self._view, self._first = view, at
        self._zoom, self._dragged = view.lens.zoom, False

    def move(self, at: QPointF, keys: Keys) -> None:
        way = at.x() - self._first.x()
        self._dragged = self._dragged or abs(way) > CLICK
        if self._dragged:
            self._view.zoom_to(self._zoom * PER_UNIT**way, self._first)

    def release(self, keys: Keys) -> None:
        if not self._dragged:
            self._view.zoom_to(self._zoom * (1 / NOTCH if keys & Keys.AltModifier else NOTCH), self._first)


class Turn:
    """Around the middle of the view."""

    def __init__(self, view: CanvasView, at: QPointF):
        self._view = view
        self._angle = view.lens.angle - self._toward(at)

    def move(self, at: QPointF, keys: Keys) -> None:
        angle = self._angle + self._toward(at)
        if keys & Keys.ShiftModifier:
            angle = round(angle / TURN) * TURN
        self._view.turn(angle - self._view.lens.angle)

    def release(self, keys: Keys) -> None:
        pass

    def _toward(self, at: QPointF) -> float:
        way = at - self._view.lens.middle
        return degrees(atan2(way.y(), way.x()))


GUIDES = {"hand": Pan, "zoom": Zoom, "turn": Turn}
