"""Tools that change where things are: move, transform, frame, crop."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from math import atan2, degrees, hypot

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainterPath, QTransform

from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Keys, Kit, Pointer
from desktop.canvas.tools.strokes import may_paint
from desktop.canvas.transform import Lifted
from desktop.recipe import SIZES

GRIP = 10.0  # pixels of the screen around a handle that count as the handle
HANDLE = 8.0  # pixels of the screen: its side
SNAP = 6.0  # pixels of the screen from which on edges meet
TURN = 15.0  # degrees that Shift keeps a rotation to
LEAST, MOST = SIZES[0], SIZES[-1]  # pixels a side of the frame
CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))
HANDLES = (*CORNERS, (0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5))  # shares of the box


def move(kit: Kit) -> Generator[None, Pointer, None]:
    """The active layer, or what is selected of it. Shift keeps to one direction; Ctrl does not snap to the frame."""
    pointer = first = yield
    snapshot, layer = kit.document.snapshot, kit.document.snapshot.active
    if layer is None or not may_paint(kit, layer):
        return
    lifted = Lifted(snapshot, layer)
    while pointer.down:
        kit.document.show(lifted.put(_shift(kit, lifted, first, pointer)))
        pointer = yield
    if not (matrix := _shift(kit, lifted, first, pointer)).isIdentity():
        kit.document.do("Move", lifted.put(matrix))
    else:
        kit.document.show(None)


def _shift(kit: Kit, lifted: Lifted, first: Pointer, pointer: Pointer) -> QTransform:
    way = _snapping(kit, QRectF(lifted.box), pointer.at - first.at, pointer)
    dx, dy = round(way.x()), round(way.y())
    if pointer.holds(Keys.ShiftModifier):
        dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
    return QTransform.fromTranslate(dx, dy)


def _snapping(kit: Kit, box: QRectF, way: QPointF, pointer: Pointer) -> QPointF:
    """The way so that an edge or the middle of the box meets one of the frame, where it nearly does anyhow."""
    if way.isNull() or pointer.holds(Keys.ControlModifier):
        return way
    frame, moved = QRectF(kit.document.snapshot.frame), box.translated(way)
    dx = _missing((moved.left(), moved.center().x(), moved.right()), (frame.left(), frame.center().x(), frame.right()))
    dy = _missing((moved.top(), moved.center().y(), moved.bottom()), (frame.top(), frame.center().y(), frame.bottom()))
    near = SNAP / kit.scale
    return way + QPointF(dx if abs(dx) <= near else 0, dy if abs(dy) <= near else 0)


def _missing(places: tuple[float, ...], wanted: tuple[float, ...]) -> float:
    """The shortest way from one of these to one of those."""
    return min((there - here for here in places for there in wanted), key=abs)


# ---------------------------------------------------------------- transform


def transform(kit: Kit) -> Generator[None, Pointer, None]:
    """Handles scale (Shift freely), a drag inside moves, one outside turns (Shift in steps); Enter is final."""
    snapshot, layer = kit.document.snapshot, kit.document.snapshot.active
    pointer = yield
    if layer is None or not may_paint(kit, layer):
        return
    lifted, matrix = Lifted(snapshot, layer), QTransform()
    box = QRectF(lifted.box)
    kit.outline(_box(kit, box, matrix))
    while not pointer.final:
        if pointer.down:
            matrix = yield from _drag(kit, lifted, box, matrix, pointer)
        pointer = yield
    kit.outline(None)
    if matrix.isIdentity():
        kit.document.show(None)
    else:
        kit.document.do("Transform", lifted.put(matrix))


def _drag(
    kit: Kit, lifted: Lifted, box: QRectF, before: QTransform, first: Pointer
) -> Generator[None, Pointer, QTransform]:
    change = _Change(kit, box, before, first)
    matrix, pointer = before, first
    while pointer.down:
        matrix = change.to(pointer)
        kit.document.show(lifted.put(matrix))
        kit.outline(_box(kit, box, matrix))
        pointer = yield
    return matrix


@dataclass
class _Change:
    """What one drag does to a box that a matrix has already changed."""

    kit: Kit
    box: QRectF
    before: QTransform
    first: Pointer

    def __post_init__(self) -> None:
        places = [(share, self.before.map(_at(self.box, *share))) for share in HANDLES]
        near = [(_length(place - self.first.at), share) for share, place in places]
        distance, share = min(near)
        self._share = share if distance <= GRIP / self.kit.scale else None
        inside = self.before.inverted()[0].map(self.first.at)
        self._moves = self._share is None and self.box.contains(inside)

    def to(self, pointer: Pointer) -> QTransform:
        if self._share:
            return self._scaled(pointer, *self._share)
        if self._moves:
            around = self.before.mapRect(self.box)
            way = _snapping(self.kit, around, pointer.at - self.first.at, pointer)
            return self.before * QTransform.fromTranslate(way.x(), way.y())
        return self._turned(pointer)

    def _scaled(self, pointer: Pointer, x: float, y: float) -> QTransform:
        """The opposite handle stays where it is; corners keep the sides' ratio unless Shift is held."""
        anchor, grabbed = _at(self.box, 1 - x, 1 - y), _at(self.box, x, y)
        back = self.before.inverted()[0]
        now = grabbed + back.map(pointer.at) - back.map(self.first.at)
        across, along = (
            _ratio(now.x() - anchor.x(), grabbed.x() - anchor.x()),
            _ratio(now.y() - anchor.y(), grabbed.y() - anchor.y()),
        )
        if x in (0, 1) and y in (0, 1) and not pointer.holds(Keys.ShiftModifier):
            across = along = max(across, along, key=abs)
        return _about(anchor, QTransform.fromScale(across, along)) * self.before

    def _turned(self, pointer: Pointer) -> QTransform:
        middle = self.before.map(self.box.center())
        angle = _angle(pointer.at - middle) - _angle(self.first.at - middle)
        if pointer.holds(Keys.ShiftModifier):
            angle = round(angle / TURN) * TURN
        return self.before * _about(middle, QTransform().rotate(angle))


def _ratio(now: float, before: float) -> float:
    """1 along the side that a handle is in the middle of; never 0, from which there is no way back."""
    if not before:
        return 1.0
    share = now / before
    return share if abs(share) > 1e-3 else 1e-3


def _about(place: QPointF, matrix: QTransform) -> QTransform:
    there, back = QTransform.fromTranslate(-place.x(), -place.y()), QTransform.fromTranslate(place.x(), place.y())
    return there * matrix * back


def _box(kit: Kit, box: QRectF, matrix: QTransform) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(matrix.map(QRectF(box)))
    path.closeSubpath()
    side = HANDLE / kit.scale
    for share in HANDLES:
        place = matrix.map(_at(box, *share))
        path.addRect(QRectF(place.x() - side / 2, place.y() - side / 2, side, side))
    return path


# ---------------------------------------------------------------- frame and crop


def frame(kit: Kit) -> Generator[None, Pointer, None]:
    """Its handles resize it, a drag inside moves it, one elsewhere draws a new one. Shift keeps the sides' ratio."""
    pointer = first = yield
    before = kit.document.snapshot
    share = _grabbed(before.frame, first.at, GRIP / kit.scale)
    now = before
    while pointer.down:
        frame = _reframed(before.frame, share, first, pointer, kit.snap) if pointer.at != first.at else before.frame
        now = replace(before, frame=frame)
        kit.document.show(now)
        pointer = yield
    if now.frame != before.frame:
        kit.document.do("Frame", now)
    else:
        kit.document.show(None)


def _grabbed(box: QRect, at: QPointF, grip: float) -> tuple[float, float] | None:
    """The handle there; (0.5, 0.5) is the inside; None is elsewhere."""
    area = QRectF(box)
    distance, share = min((_length(_at(area, *share) - at), share) for share in HANDLES)
    if distance <= grip:
        return share
    return (0.5, 0.5) if area.contains(at) else None


def _reframed(before: QRect, share: tuple[float, float] | None, first: Pointer, pointer: Pointer, snap: int) -> QRect:
    way = pointer.at - first.at
    if share == (0.5, 0.5):
        return before.translated(_snapped(way.x(), snap), _snapped(way.y(), snap))
    if share is None:
        return _spanned(first.at, pointer.at, snap)
    area = QRectF(before)
    left = area.left() + (way.x() if share[0] == 0 else 0)
    right = area.right() + (way.x() if share[0] == 1 else 0)
    top = area.top() + (way.y() if share[1] == 0 else 0)
    bottom = area.bottom() + (way.y() if share[1] == 1 else 0)
    if pointer.holds(Keys.ShiftModifier) and share in CORNERS:
        height = (right - left) * before.height() / before.width()
        top, bottom = (bottom - height, bottom) if share[1] == 0 else (top, top + height)
    anchor = QPointF(right if share[0] == 0 else left, bottom if share[1] == 0 else top)
    return _spanned(anchor, QPointF(left if share[0] == 0 else right, top if share[1] == 0 else bottom), snap)


def _spanned(anchor: QPointF, corner: QPointF, snap: int) -> QRect:
    """From a corner that stays to one that moves; the sides are multiples of `snap`."""
    way = corner - anchor
    width, height = (min(max(_snapped(abs(side), snap), LEAST), MOST) for side in (way.x(), way.y()))
    x, y = round(anchor.x()), round(anchor.y())
    return QRect(
        x - width if corner.x() < anchor.x() else x, y - height if corner.y() < anchor.y() else y, width, height
    )


def _snapped(length: float, snap: int) -> int:
    return round(length / snap) * snap


def crop(kit: Kit) -> Generator[None, Pointer, None]:
    """What is outside the rectangle that is drawn goes, on all layers; the frame is the rectangle."""
    pointer = first = yield
    area = QRect()
    while pointer.down:
        area = QRectF(first.at, pointer.at).normalized().toAlignedRect()
        path = QPainterPath()
        path.addRect(QRectF(area))
        kit.outline(path)
        pointer = yield
    kit.outline(None)
    if min(area.width(), area.height()) >= LEAST:
        kit.document.do("Crop", cropped(kit.document.snapshot, area))


def cropped(snapshot: Snapshot, area: QRect) -> Snapshot:
    """Nothing but what is in there."""
    layers = tuple(
        replace(layer, plane=layer.plane.cut(area.translated(-layer.offset[0], -layer.offset[1])))
        for layer in snapshot.layers
    )
    frame = QRect(area.topLeft(), area.size().boundedTo(QSize(MOST, MOST)))
    return replace(snapshot, layers=layers, selection=snapshot.selection.cut(area), frame=frame)


# ---------------------------------------------------------------- geometry


def _at(box: QRectF, x: float, y: float) -> QPointF:
    return QPointF(box.x() + box.width() * x, box.y() + box.height() * y)


def _length(way: QPointF) -> float:
    return hypot(way.x(), way.y())


def _angle(way: QPointF) -> float:
    return degrees(atan2(way.y(), way.x()))
