"""Easel: the document that is worked on, the tool in the hand, and how it is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRect, Signal

from desktop.canvas.nib import Brush, Color
from desktop.paths import data_folder
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.observable import Observable, Observed
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.canvas.document import Document
    from desktop.canvas.history import History
    from desktop.canvas.journal import Journal
    from desktop.canvas.snapshot import Snapshot

STROKES = ("brush", "eraser", "mask")  # the tools that have a brush each
BUDGET = 256 * 2**20  # bytes of memory that the past may take
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
    """`document` is None until it has been read, which begins with `open`."""

    document = Observed["Document | None"](None)
    tool = Observed("brush")
    color = Observed[Color]((0, 0, 0))
    other_color = Observed[Color]((255, 255, 255))
    tolerance = Observed(32, lambda value: min(max(int(value), 0), 255))
    contiguous = Observed(True)
    active = Observed(False)  # whether the canvas is what is worked on, rather than single pictures
    noticed = Signal(object)  # Notice
    changed_inside = Signal()  # the document's snapshot is another

    def __init__(self, memory: Memory, errands: Errands, parent: QObject | None = None):
        super().__init__(parent)
        self._memory, self._errands = memory, errands
        self.brushes = {tool: BrushSettings(self) for tool in STROKES}
        self._restore(memory.recall(STATE))
        for each in (self, *self.brushes.values()):
            each.changed.connect(self._keep)

    @property
    def brush(self) -> BrushSettings:
        """Of the tool in the hand, or of the brush."""
        return self.brushes.get(self.tool, self.brushes["brush"])

    @property
    def snapshot(self) -> Snapshot | None:
        return self.document.snapshot if self.document else None

    def swap_colors(self) -> None:
        self.color, self.other_color = self.other_color, self.color

    # ------------------------------------------------------------ documents

    def open(self) -> None:
        """The document of the last time, or a new one."""
        name = self._memory.recall("document")
        self._load(str(name) if name else _new_name())

    def begin(self, snapshot: Snapshot | None = None) -> None:
        """A new document; the one before stays where it is kept."""
        self._load(_new_name(), snapshot)

    def do(self, name: str, edit: Callable[[Snapshot], Snapshot]) -> None:
        """A step onwards, where that changes anything."""
        if self.document:
            before = self.document.snapshot
            after = edit(before)
            if after is not before:
                self.document.do(name, after)

    def set_frame(self, width: int, height: int) -> None:
        """Of that size around the same middle."""
        from dataclasses import replace

        document = self.document
        if document and (width, height) != (document.snapshot.frame.width(), document.snapshot.frame.height()):
            frame = QRect(0, 0, width, height)
            frame.moveCenter(document.snapshot.frame.center())
            document.do("Frame", replace(document.snapshot, frame=frame), "frame")

    def close(self) -> None:
        """Once nothing is under way any more."""
        if self.document:
            self.document.journal.close()

    def _load(self, name: str, snapshot: Snapshot | None = None) -> None:
        self._errands.send(partial(_read, _folder() / f"{name}.db"), partial(self._loaded, name, snapshot))

    def _loaded(self, name: str, snapshot: Snapshot | None, found: tuple[Journal, History | None]) -> None:
        journal, history = found
        before, document = self.document, self._make(journal, history)
        if snapshot:
            document.do("Open", snapshot)
        document.changed.connect(lambda _: self.changed_inside.emit())
        self.document = document
        self._memory.keep("document", lambda: name)
        if journal.database.notice:
            self.noticed.emit(Notice(Kind.WARNING, journal.database.notice))
        if before:
            before.deleteLater()
            self._memory.lane.send(before.journal.close)

    def _make(self, journal: Journal, history: History | None) -> Document:
        from desktop.canvas import document  # here: numpy comes with it, later than the window

        return document.Document(journal, self._memory.lane.send, lambda: BUDGET, history, self)

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


def _folder() -> Path:
    return data_folder() / "documents"


def _new_name() -> str:
    from uuid import uuid4

    return uuid4().hex


def _read(file: Path) -> tuple[Journal, History | None]:
    """Raises UserError."""
    from desktop.canvas.journal import Journal

    journal = Journal(file)
    return journal, journal.load()
