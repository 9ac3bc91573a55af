"""What the canvas's tests work with: noise, documents, hands that lead tools, and actions at random."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRect

from desktop.canvas import edits
from desktop.canvas.document import Document, Later
from desktop.canvas.history import History
from desktop.canvas.journal import Journal
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.nib import Brush
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import Plane
from desktop.canvas.tools.kit import Keys, Kit, Pointer
from desktop.canvas.tools.table import BY_NAME
from desktop.raster import Raster

SMALL = QRect(0, 0, 96, 80)  # a frame that takes no time
PLENTY = 2**40  # bytes that the past may take
NONE = Keys.NoModifier

Work = Generator[None, Pointer, None]


# ---------------------------------------------------------------- pixels


def noise(width: int, height: int, channels: int = 4, seed: int = 0) -> np.ndarray:
    """Of which a quarter is wholly transparent and a quarter wholly opaque; without colour where it is transparent."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, channels), np.uint8)
    kind = random.integers(0, 4, (height, width))
    pixels[kind == 0] = 0
    pixels[kind == 1, -1] = 255
    pixels[pixels[..., -1] == 0] = 0
    return pixels


def filled(area: QRect, *value: int) -> Plane:
    return Plane(len(value)).write(area, np.full((area.height(), area.width(), len(value)), value, np.uint8))


def noisy(area: QRect, channels: int = 4, seed: int = 0) -> Plane:
    return Plane(channels).write(area, noise(area.width(), area.height(), channels, seed))


def pixel(plane: Plane | Layer, x: int, y: int) -> list[int]:
    return plane.read(QRect(x, y, 1, 1))[0, 0].tolist()


def content(plane: Plane) -> dict[tuple[int, int], str]:
    """All that is in it, for comparing."""
    return {key: hashlib.sha1(tile.pixels.tobytes()).hexdigest() for key, tile in sorted(plane.tiles.items())}


def print_of(snapshot: Snapshot) -> dict[str, Any]:
    """All that is in it, for comparing: every pixel, every property."""
    planes = {layer.id: content(layer.plane) for layer in snapshot.layers}
    return snapshot.to_json() | {"planes": planes, "selected": content(snapshot.selection)}


# ---------------------------------------------------------------- documents


class Nowhere:
    """A journal that keeps nothing."""

    def sync(self, steps: Sequence[object], at: int) -> None:
        pass


def at_once(work: Callable[[], object]) -> None:
    work()


def document_of(
    snapshot: Snapshot | None = None,
    journal: Journal | None = None,
    history: History | None = None,
    budget: int = PLENTY,
) -> Document:
    """One that keeps what it does before it goes on."""
    history = history or (History.beginning(snapshot) if snapshot else None)
    return Document(journal or Nowhere(), at_once, lambda: budget, history)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Past:
    """Of each step its name, how it merges, and all that is in it; and which one is the present."""

    steps: tuple[tuple[str, str, dict[str, Any]], ...]
    at: int = 0

    @staticmethod
    def of(history: History) -> Past:
        return Past(tuple((step.name, step.merge, print_of(step.snapshot)) for step in history.steps), history.at)


class Watched(Document):
    """One that knows what its past must be, by what it was told to do."""

    def __init__(self, journal: Journal | Nowhere, later: Later, budget: int = PLENTY, history: History | None = None):
        self.past = Past.of(history or History.beginning(Snapshot()))
        super().__init__(journal, later, lambda: budget, history)  # type: ignore[arg-type]
        if history is None:
            self.past = Past.of(self.history)

    def do(self, name: str, snapshot: Snapshot, merge: str = "") -> None:
        steps, at = self.past.steps, self.past.at
        last = at == len(steps) - 1
        merges = bool(merge) and at > 0 and last and steps[at][1] == merge
        begin = at if merges else at + 1
        self.past = Past((*steps[:begin], (name, merge, print_of(snapshot))), begin)
        super().do(name, snapshot, merge)

    def amend(self, edit: Callable[[Snapshot], Snapshot]) -> None:
        steps, at = self.past.steps, self.past.at
        amended = edit(self.history.present.snapshot)
        self.past = Past((*steps[:at], (*steps[at][:2], print_of(amended)), *steps[at + 1 :]), at)
        super().amend(lambda _: amended)

    def undo(self) -> None:
        self.past = replace(self.past, at=max(self.past.at - 1, 0))
        super().undo()

    def redo(self) -> None:
        self.past = replace(self.past, at=min(self.past.at + 1, len(self.past.steps) - 1))
        super().redo()


def picture(pixels: np.ndarray, left: int = 0, top: int = 0, **properties: Any) -> Layer:
    height, width, _ = pixels.shape
    return replace(
        Layer("Picture", Role.PICTURE), plane=Plane(4).write(QRect(left, top, width, height), pixels), **properties
    )


# ---------------------------------------------------------------- hands


def drag(*places: tuple[float, float], keys: Keys = NONE, pressure: float = 1.0) -> list[Pointer]:
    """Pressed at the first place, lifted at the last."""
    down = [Pointer(QPointF(*place), pressure, True, keys) for place in places]
    return [*down, Pointer(QPointF(*places[-1]), 0.0, False, keys)]


def click(x: float, y: float, keys: Keys = NONE, double: bool = False) -> list[Pointer]:
    return [Pointer(QPointF(x, y), 1.0, True, keys, double), Pointer(QPointF(x, y), 0.0, False, keys)]


def enter(x: float, y: float) -> Pointer:
    return Pointer(QPointF(x, y), 0.0, down=False, final=True)


def take(kit: Kit, name: str) -> Work:
    work = BY_NAME[name].run(kit)
    next(work)
    return work


def send(work: Work, *pointers: Pointer) -> bool:
    """Whether the tool waits for more afterwards."""
    for pointer in pointers:
        try:
            work.send(pointer)
        except StopIteration:
            return False
    return True


def use(kit: Kit, name: str, *pointers: Pointer) -> None:
    """From the press until the tool is done."""
    assert not send(take(kit, name), *pointers), f"{name} waits for more"


# ---------------------------------------------------------------- actions at random


def _place(random: Random) -> tuple[float, float]:
    return random.uniform(-40, 300), random.uniform(-40, 120)


def _places(random: Random, number: int = 3) -> list[tuple[float, float]]:
    return [_place(random) for _ in range(number)]


def _keys(random: Random) -> Keys:
    return random.choice([NONE, NONE, Keys.ShiftModifier, Keys.AltModifier, Keys.ControlModifier])


def _lead(name: str, number: int = 3, final: bool = False) -> Callable[[Kit, Random], None]:
    def action(kit: Kit, random: Random) -> None:
        kit.color = (random.randrange(256), random.randrange(256), random.randrange(256))
        kit.brush = Brush(random.uniform(1, 30), random.random(), random.random(), random.uniform(0.05, 1), 0.3)
        kit.contiguous = random.random() < 0.5
        pointers = drag(*_places(random, number), keys=_keys(random), pressure=random.random())
        send(take(kit, name), *pointers, *([enter(0, 0)] if final else []))

    return action


def _edit(edit: Callable[..., Snapshot], *arguments: float) -> Callable[[Kit, Random], None]:
    return lambda kit, random: kit.document.do(edit.__name__, edit(kit.document.snapshot, *arguments))


def _change(merge: bool = False, **choices: Sequence[Any]) -> Callable[[Kit, Random], None]:
    def action(kit: Kit, random: Random) -> None:
        snapshot = kit.document.snapshot
        chosen = {name: random.choice(values) for name, values in choices.items()}
        which = f"{[*chosen]} {snapshot.active_id}" if merge else ""
        kit.document.do("Change", snapshot.change(snapshot.active_id, **chosen), which)

    return action


def _activate(kit: Kit, random: Random) -> None:
    if layers := kit.document.snapshot.layers:
        chosen = random.choice(layers).id
        kit.document.amend(lambda snapshot: snapshot.activate(chosen))


def _reorder(kit: Kit, random: Random) -> None:
    snapshot = kit.document.snapshot
    if snapshot.active:
        kit.document.do("Reorder", snapshot.move(snapshot.active_id, random.randrange(len(snapshot.layers))))


def placed(snapshot: Snapshot, pixels: np.ndarray, left: int, top: int, name: str) -> Snapshot:
    """With a picture as a layer above the active one."""
    return snapshot.add(edits.layer_of(Raster(pixels), left, top, name), snapshot.active_id)


def _place_picture(kit: Kit, random: Random) -> None:
    pixels = noise(random.randrange(1, 60), random.randrange(1, 60), seed=random.randrange(100))
    place = random.randrange(-300, 300), random.randrange(-300, 300)
    kit.document.do("Place", placed(kit.document.snapshot, pixels, *place, "Placed"))


ACTIONS: dict[str, Callable[[Kit, Random], None]] = {
    "brush": _lead("brush"),
    "eraser": _lead("eraser"),
    "mask": _lead("mask"),
    "rectangle": _lead("rectangle"),
    "ellipse": _lead("ellipse"),
    "lasso": _lead("lasso", 5),
    "wand": _lead("wand", 1),
    "bucket": _lead("bucket", 1),
    "move": _lead("move"),
    "frame": _lead("frame"),
    "crop": _lead("crop"),
    "transform": _lead("transform", final=True),
    "add layer": _edit(edits.add_layer),
    "add mask": _edit(edits.add_mask),
    "duplicate": _edit(edits.duplicate),
    "merge down": _edit(edits.merge_down),
    "flatten": _edit(edits.flatten_all),
    "clear": _edit(edits.clear),
    "remove": lambda kit, _: kit.document.do("Remove", kit.document.snapshot.remove(kit.document.snapshot.active_id)),
    "reorder": _reorder,
    "activate": _activate,
    "place": _place_picture,
    "opacity": _change(merge=True, opacity=[0.0, 0.25, 0.5, 1.0]),
    "blend": _change(merge=True, blend=[*Blend]),
    "name": _change(name=["a", "„ö“ 🌅", ""]),
    "locks": _change(locked=[True, False], alpha_locked=[True, False]),
    "visible": _change(visible=[True, False]),
    "invert": _edit(edits.invert_selection),
    "grow": _edit(edits.grow_selection, 3),
    "feather": _edit(edits.feather_selection, 2),
    "to mask": _edit(edits.selection_to_mask),
    "from mask": _edit(edits.mask_to_selection),
    "undo": lambda kit, _: kit.document.undo(),
    "redo": lambda kit, _: kit.document.redo(),
}


def act(kit: Kit, name: str, seed: int) -> None:
    ACTIONS[name](kit, Random(seed))
