"""A document with two cards for the tools, and what they said and did."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainterPath

from desktop.canvas.layer import Layer, Role
from desktop.canvas.nib import Brush, Color
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Keys, Kit
from desktop.canvas.transform import tight
from tests.canvas.things import document_of, filled

SHIFT, ALT, CONTROL, NONE = Keys.ShiftModifier, Keys.AltModifier, Keys.ControlModifier, Keys.NoModifier

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)

CARD = QRect(100, 100, 200, 100)
PAINTERS = ("move", "brush", "eraser", "bucket", "transform")


@dataclass
class Heard:
    """What tools said and showed."""

    refused: list[tuple[str, str]] = field(default_factory=list)
    picked: list[Color] = field(default_factory=list)
    outlines: list[QPainterPath | None] = field(default_factory=list)


def kit_of(snapshot: Snapshot) -> tuple[Kit, Heard]:
    heard = Heard()
    kit = Kit(document_of(snapshot), Brush(20, 1.0, pressure_sizes=False), color=(0, 200, 0))
    kit.refuse = lambda message, hint: heard.refused.append((message, hint))
    kit.picked = heard.picked.append
    kit.outline = heard.outlines.append
    return kit, heard


def cards() -> Snapshot:
    card = Layer("Card", plane=filled(CARD, *RED))
    below = Layer("Below", plane=filled(QRect(0, 0, 150, 150), *BLUE))
    return Snapshot((below, card, Layer.empty("Mask", Role.MASK)), card.id, frame=QRect(0, 0, 512, 512))


def active(kit: Kit) -> Layer:
    assert kit.document.snapshot.active
    return kit.document.snapshot.active


def names(kit: Kit) -> list[str]:
    return [step.name for step in kit.document.history.steps][1:]


def chosen(kit: Kit) -> QRect:
    return tight(kit.document.snapshot.selection)


def covered(kit: Kit) -> float:
    """How many pixels are selected."""
    selection = kit.document.snapshot.selection
    return float(selection.read(selection.bounds).sum(dtype=int)) / 255
