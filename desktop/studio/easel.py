"""Easel: the document that is worked on, the tool in the hand, and how it is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRect, Signal

from desktop.canvas.nib import Brush, Color
from desktop.studio.memory import Memory
from desktop.studio.observable import Observable, Observed
from desktop.studio.scene import Facts, Spot
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.canvas.document import Document
    from desktop.canvas.snapshot import Snapshot

STROKES = ("brush", "eraser", "mask")  # the tools that have a brush each
STATE = "easel"


def _share(value: float) -> float:
    return min(max(float(value), 0.0), 1.0)


class BrushSettings(Observable):
    """A brush that can be changed; see desktop.canvas.nib."""

    size = Observed(Brush.size, lambda size: min(max(float(size), 1.0), 2000.0))
    hardness = Observed(Brush.hardness, _share)
    opacity = Observed(Brush.opacity, _share)
    flow = Observed(Brush.flow, lambda flow: max(_share(flow), 0.01))
    spacing = Observed(Brush.spacing, lambda share: min(max(float(share), 0.02), 2.0))
    pressure_sizes = Observed(Brush.pressure_sizes)
    pressure_covers = Observed(Brush.pressure_covers)
    tilt_widens = Observed(Brush.tilt_widens)
    curve = Observed(Brush.curve, lambda curve: min(max(float(curve), 0.2), 5.0))

    def brush(self) -> Brush:
        return Brush(**{name: getattr(self, name) for name in BRUSH})

    def restore(self, data: object) -> None:
        """What does not fit is left as it is."""
        for name in BRUSH:
            value = data.get(name) if isinstance(data, Mapping) else None
            if type(value) is type(getattr(self, name)):
                setattr(self, name, value)


BRUSH = tuple(Brush.__dataclass_fields__)


class Easel(Observable):
    """`document` is None until it has been read: see documents.py."""

    sheet = ""  # the document's name
    document = Observed["Document | None"](None)
    tool = Observed("brush")
    color = Observed[Color]((0, 0, 0))
    other_color = Observed[Color]((255, 255, 255))
    tolerance = Observed(32, lambda value: min(max(int(value), 0), 255))
    contiguous = Observed(True)
    snap = Observed(8)  # pixels that the frame's sides are multiples of
    active = Observed(False)  # whether the canvas is what is worked on, rather than single pictures
    at_work = Observed(False)  # a tool is in the middle of something
    facts = Observed[Facts | None](None)  # of what is in the frame; None while that is not known
    changed_inside = Signal()  # the document's snapshot is another
    stepped = Signal()  # something was done, undone or done again
    interrupted = Signal()  # a tool must give up what it is in the middle of

    def __init__(self, memory: Memory, lane: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._memory, self.lane = memory, lane
        self._waiting: list[Callable[[], object]] = []  # for the end of what a tool is in the middle of
        self.brushes = {tool: BrushSettings(self) for tool in STROKES}
        self._restore(memory.recall(STATE))
        for each in (self, *self.brushes.values()):
            each.changed.connect(self._keep)
        self.changed.connect(lambda name: self._go_on() if name == "at_work" else None)

    @property
    def brush(self) -> BrushSettings:
        """Of the tool in the hand, or of the brush."""
        return self.brushes.get(self.tool, self.brushes["brush"])

    @property
    def snapshot(self) -> Snapshot | None:
        return self.document.snapshot if self.document else None

    def has(self, spot: Spot | None) -> bool:
        """Whether that is a place on this canvas."""
        return spot is not None and spot.sheet == self.sheet

    def swap_colors(self) -> None:
        self.color, self.other_color = self.other_color, self.color

    # ------------------------------------------------------------ the document

    def do(self, name: str, edit: Callable[[Snapshot], Snapshot], merge: str = "") -> None:
        """A step onwards, where that changes anything. What a tool is in the middle of is given up."""
        self.interrupted.emit()
        if self.document:
            before = self.document.snapshot
            after = edit(before)
            if after is not before:
                self.document.do(name, after, merge)

    def amend(self, edit: Callable[[Snapshot], Snapshot]) -> None:
        """Changes what is not worth a step."""
        self.interrupted.emit()
        if self.document:
            self.document.amend(edit)

    def undo(self) -> None:
        self.interrupted.emit()
        if self.document:
            self.document.undo()

    def redo(self) -> None:
        self.interrupted.emit()
        if self.document:
            self.document.redo()

    def apart(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        """`work` beside the window; `then` here, once no tool is at work, if the document is still the same."""
        document = self.document

        def rest(value: Any) -> None:
            if self.document is document:
                then(value)

        self.lane.send(work, lambda value: self._when_free(partial(rest, value)))

    def do_apart(self, name: str, edit: Callable[[Snapshot], Snapshot]) -> None:
        """As `do`, worked out beside the window; once more, if something else has been done meanwhile."""
        self.interrupted.emit()
        if (before := self.snapshot) is None:
            return

        def then(after: Snapshot) -> None:
            if self.snapshot is before:
                self.do(name, lambda _: after)
            else:
                self.do_apart(name, edit)

        self.apart(partial(edit, before), then)

    def _when_free(self, work: Callable[[], object]) -> None:
        """At once, unless a tool is in the middle of something, which then ends first."""
        self._waiting.append(work)
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and not self.at_work:
            self._waiting.pop(0)()

    def set_frame(self, frame: QRect) -> None:
        """One step, however often in a row."""
        from dataclasses import replace

        self.do("Frame", lambda before: replace(before, frame=frame) if frame != before.frame else before, "frame")

    def put(self, document: Document, sheet: str) -> None:
        """That one, of that name, is worked on from now on."""
        self.interrupted.emit()
        document.changed.connect(lambda _: self.changed_inside.emit())
        document.stepped.connect(self.stepped)
        self.sheet, self.document = sheet, document
        self.changed_inside.emit()

    # ------------------------------------------------------------ what is remembered

    def _restore(self, data: object) -> None:
        if not isinstance(data, Mapping):
            return
        for tool, brush in self.brushes.items():
            brush.restore(data.get(tool))
        color = data.get("color")
        if (
            isinstance(color, list)
            and len(color) == 3
            and all(type(part) is int and 0 <= part <= 255 for part in color)
        ):
            self.color = (color[0], color[1], color[2])
        self.active = data.get("active") is True

    def _keep(self) -> None:
        self._memory.keep(STATE, self._to_json)

    def _to_json(self) -> dict[str, Any]:
        brushes = {tool: {name: getattr(brush, name) for name in BRUSH} for tool, brush in self.brushes.items()}
        return brushes | {"color": list(self.color), "active": self.active}
