"""Kit: what a tool has in its hands."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath

from desktop.canvas.document import Document
from desktop.canvas.nib import Brush, Color

Keys = Qt.KeyboardModifier
Apart = Callable[[Callable[[], Any], Callable[[Any], object]], object]


def at_once(work: Callable[[], Any], then: Callable[[Any], object]) -> None:
    then(work())


@dataclass(frozen=True)
class Pointer:
    """Where the pointer is on the canvas, in pixels of it."""

    at: QPointF
    pressure: float = 1.0
    down: bool = True
    keys: Keys = Keys.NoModifier
    double: bool = False  # the second press of a double click
    eraser: bool = False  # the other end of the pen
    final: bool = False  # Enter, for tools that wait for it
    tilt: float = 0.0  # of a pen: 0 upright to 1, as flat as it can lie

    def holds(self, key: Keys) -> bool:
        return bool(self.keys & key)


@dataclass
class Kit:
    """What the user has set for all tools, and where a tool draws what it is about to do."""

    document: Document
    brush: Brush = field(default_factory=Brush)
    color: Color = (0, 0, 0)
    tolerance: int = 32  # of wand and bucket: how far each channel may be off, 0 to 255
    contiguous: bool = True
    snap: int = 8  # pixels that the frame's edges keep to
    scale: float = 1.0  # pixels of the screen to one of the canvas
    last: QPointF | None = None  # where the last stroke ended
    outline: Callable[[QPainterPath | None], object] = lambda _: None  # shows it over the canvas
    picked: Callable[[Color], object] = lambda _: None
    apart: Apart = at_once  # does what takes long beside the window, and then the rest here with what that gives
    refuse: Callable[[str, str], object] = lambda message, hint: None  # tells why nothing happens


Tool = Callable[[Kit], Generator[None, Pointer, None]]
