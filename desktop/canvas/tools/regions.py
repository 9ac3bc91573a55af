"""Tools that choose a part of the picture: rectangle, ellipse, lasso, polygon, wand; and the bucket that fills one."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainterPath

from desktop.canvas.brush import painted
from desktop.canvas.composite import flatten
from desktop.canvas.layer import Layer
from desktop.canvas.nib import Color
from desktop.canvas.selection import Join, alike, joined, of_path
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Plane
from desktop.canvas.tools.kit import Keys, Kit, Pointer
from desktop.canvas.tools.strokes import may_paint, selected

FAR = 2048  # pixels around the frame and what is painted that can be selected
CLOSE = 8.0  # pixels of the screen: a polygon is closed by a click that near to where it began

Shape = Callable[[QRectF], QPainterPath]


def rectangle(kit: Kit) -> Generator[None, Pointer, None]:
    """Shift makes it a square, if it is held after the press; before, it adds."""
    yield from _drag(kit, "Select a rectangle", _rectangle)


def ellipse(kit: Kit) -> Generator[None, Pointer, None]:
    """Shift makes it a circle, as it does a square of a rectangle."""
    yield from _drag(kit, "Select an ellipse", _ellipse)


def lasso(kit: Kit) -> Generator[None, Pointer, None]:
    """Follows the hand, and closes by itself."""
    pointer = first = yield
    path = QPainterPath(pointer.at)
    while pointer.down:
        path.lineTo(pointer.at)
        kit.outline(path)
        pointer = yield
    _select(kit, "Select by lasso", path, first)


def polygon(kit: Kit) -> Generator[None, Pointer, None]:
    """A corner at each click; a double click, or a click where it began, closes it."""
    pointer = first = yield
    corners = [pointer.at]
    while not pointer.final:
        kit.outline(_through([*corners, pointer.at]))
        was_down = pointer.down
        pointer = yield
        if pointer.down and not was_down:
            if pointer.double or _distance(pointer.at, corners[0]) * kit.scale < CLOSE:
                break
            corners.append(pointer.at)
    _select(kit, "Select a polygon", _through(corners), first)


def wand(kit: Kit) -> Generator[None, Pointer, None]:
    """What looks like the place that is clicked."""
    pointer = yield

    def select(found: Plane | None) -> None:
        if found:
            before = kit.document.snapshot
            kit.document.do("Select by wand", before.select(joined(before.selection, found, _join(pointer))))

    kit.apart(_look(kit, pointer.at), select)


def bucket(kit: Kit) -> Generator[None, Pointer, None]:
    """Fills what looks like the place that is clicked, on the active layer."""
    pointer = yield
    snapshot, look, color = kit.document.snapshot, _look(kit, pointer.at), kit.color
    layer = snapshot.active
    if layer is None or not may_paint(kit, layer):
        return

    def fill(filled: Layer | None) -> None:
        now = kit.document.snapshot
        if filled is None:
            return
        if now.find(layer.id) is layer:
            kit.document.do("Fill", now.put(filled))
        else:
            kit.refuse("The layer has been changed meanwhile.", "Click again to fill it.")

    kit.apart(lambda: _filled(layer, look(), snapshot, color), fill)


def _filled(layer: Layer, found: Plane | None, snapshot: Snapshot, color: Color) -> Layer | None:
    if not found:
        return None
    area = found.bounds
    coverage = found.read(area)[..., 0] / np.float32(255) * selected(snapshot.selection, area)
    return layer.write(area, painted(layer.read(area), coverage, color, layer.alpha_locked))


def eyedropper(kit: Kit) -> Generator[None, Pointer, None]:
    """Takes up the colour that is seen there."""
    pointer = yield
    while pointer.down:
        red, green, blue, alpha = flatten(kit.document.snapshot, QRect(*_pixel(pointer.at), 1, 1))[0, 0]
        if alpha:
            kit.picked((int(red), int(green), int(blue)))
        pointer = yield


def _drag(kit: Kit, name: str, shape: Shape) -> Generator[None, Pointer, None]:
    pointer = first = yield
    path = QPainterPath()
    while pointer.down:
        square = pointer.holds(Keys.ShiftModifier) and not first.holds(Keys.ShiftModifier)
        path = shape(_between(first.at, pointer.at, square))
        kit.outline(path)
        pointer = yield
    _select(kit, name, path, first)


def _select(kit: Kit, name: str, path: QPainterPath, first: Pointer) -> None:
    """A mere click selects nothing, which is how one gets rid of a selection."""
    kit.outline(None)
    before = kit.document.snapshot
    path = _within_reach(path, before)
    new = of_path(path) if min(path.boundingRect().width(), path.boundingRect().height()) >= 1 else Plane(1)
    if new.tiles or before.selection.tiles:
        kit.document.do(name if new.tiles else "Deselect", before.select(joined(before.selection, new, _join(first))))


def _within_reach(path: QPainterPath, snapshot: Snapshot) -> QPainterPath:
    """What of it is not far from all that there is: a selection takes memory for every pixel."""
    reach = QRectF(snapshot.frame.united(snapshot.bounds).adjusted(-FAR, -FAR, FAR, FAR))
    if reach.contains(path.boundingRect()):
        return path
    within = QPainterPath()
    within.addRect(reach)
    return path.intersected(within)


def _join(first: Pointer) -> Join:
    """Shift adds, Alt takes away, both keep what is in both."""
    adds, takes = first.holds(Keys.ShiftModifier), first.holds(Keys.AltModifier)
    if adds and takes:
        return Join.INTERSECT
    return Join.ADD if adds else Join.SUBTRACT if takes else Join.REPLACE


def _look(kit: Kit, at: QPointF) -> Callable[[], Plane | None]:
    """Looks for what is like that place, which takes its time on a large canvas."""
    return partial(_alike, kit.document.snapshot, *_pixel(at), kit.tolerance, kit.contiguous)


def _alike(snapshot: Snapshot, x: int, y: int, tolerance: int, contiguous: bool) -> Plane | None:
    """Within what is painted and the frame, where something can be told from something else."""
    area = snapshot.bounds.united(snapshot.frame)
    if not area.contains(x, y):
        return None
    seed = QPointF(x - area.x(), y - area.y())
    return Plane(1).write(area, alike(flatten(snapshot, area), seed, tolerance, contiguous))


def _pixel(at: QPointF) -> tuple[int, int]:
    return int(np.floor(at.x())), int(np.floor(at.y()))


def _between(begin: QPointF, end: QPointF, square: bool) -> QRectF:
    """Whole pixels from one corner to the other."""
    dx, dy = round(end.x()) - round(begin.x()), round(end.y()) - round(begin.y())
    if square:
        side = max(abs(dx), abs(dy))
        dx, dy = side if dx >= 0 else -side, side if dy >= 0 else -side
    return QRectF(round(begin.x()), round(begin.y()), dx, dy).normalized()


def _rectangle(area: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRect(area)
    return path


def _ellipse(area: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(area)
    return path


def _through(corners: list[QPointF]) -> QPainterPath:
    path = QPainterPath(corners[0])
    for corner in corners[1:]:
        path.lineTo(corner)
    path.closeSubpath()
    return path


def _distance(one: QPointF, other: QPointF) -> float:
    return float(np.hypot(one.x() - other.x(), one.y() - other.y()))
