"""Recipe: one frozen value that says everything about a picture, so that it can be made again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

from desktop.errors import UserError
from desktop.intents import INTENTS
from desktop.models import samplers

SIZES = range(64, 8192 + 1)  # pixels a side
ROOMY = 1.5  # times the model's native number of pixels: what it makes at once without seeing double
STEPS = range(1, 1000 + 1)
SEEDS = range(0, 2**64)
MOST_GUIDANCE = 100.0
MOST_FEATHER = 1000.0  # pixels


@dataclass(frozen=True)
class Source:
    """The picture that a run starts from: image to image as a whole, or inpainting under a mask.

    `strength` is the share of the steps that is run on it: near 0 keeps it, 1 starts from noise. With a mask, or where
    the picture has empty pixels (of alpha 0) and is not scaled, only what is masked or empty is made, and the recipe's
    width and height are the picture's own.
    """

    image: str  # Raster.sha256
    strength: float = 0.75
    mask: str = ""  # Raster.sha256 of a grey picture of the same size: white is what changes
    intent: str = "fill"  # a key of intents.INTENTS
    feather: float | None = None  # pixels that the change may reach beyond the mask; None: what suits the model
    unknown: Mapping[str, Any] = field(default_factory=dict, hash=False)  # fields of a newer Sfumato, kept as they came

    def __post_init__(self) -> None:
        for name, sha256 in (("source", self.image), ("mask", self.mask or self.image)):
            if not re.fullmatch("[0-9a-f]{64}", sha256):  # it becomes a file name
                raise UserError(f"The recipe's {name} is no sha256 of a picture.", f"Choose the {name} anew.")
        if not 0 < self.strength <= 1:  # NaN fails too
            raise UserError(
                f"Strength {self.strength} is out of range.", "Choose above 0 (keeps most) up to 1 (keeps nothing)."
            )
        if self.intent not in INTENTS:
            raise UserError(f"There is no intent {self.intent!r}.", f"Choose one of {', '.join(INTENTS)}.")
        if self.feather is not None and not 0 <= self.feather <= MOST_FEATHER:
            raise UserError(f"Feather {self.feather} is out of range.", f"Choose 0 to {MOST_FEATHER:g} pixels.")

    @property
    def pictures(self) -> tuple[str, ...]:
        """The sha256 of all that a job with it needs."""
        return (self.image, self.mask) if self.mask else (self.image,)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; what an ordinary image-to-image run need not say is left out."""
        data = asdict(self)
        unknown = data.pop("unknown")
        usual = [name for name in ("mask", "intent", "feather") if data[name] == getattr(Source, name)]
        return {name: value for name, value in data.items() if name not in usual} | unknown


@dataclass(frozen=True)
class Recipe:
    """What to draw and how. The task follows from what is present. Anything impossible raises UserError."""

    model: str  # content id, never a path: see models.identify
    prompt: str
    width: int
    height: int
    steps: int
    guidance: float
    sampler: str  # a key of samplers.SAMPLERS
    seed: int
    negative: str = ""
    source: Source | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict, hash=False)  # fields of a newer Sfumato, kept as they came

    def __post_init__(self) -> None:
        for name, side in (("Width", self.width), ("Height", self.height)):
            if side not in SIZES:
                raise UserError(f"{name} {side} is out of range.", f"Choose {SIZES[0]} to {SIZES[-1]} pixels.")
        if self.steps not in STEPS:
            raise UserError(
                f"{self.steps} steps are out of range.", f"Choose {STEPS[0]} to {STEPS[-1]}; 20 to 30 is usual."
            )
        if not 0 <= self.guidance <= MOST_GUIDANCE:  # NaN fails too
            raise UserError(
                f"Guidance {self.guidance} is out of range.", f"Choose 0 to {MOST_GUIDANCE:g}; 4 to 8 is usual."
            )
        if self.seed not in SEEDS:
            raise UserError(f"Seed {self.seed} is out of range.", "Choose a whole number from 0 to 2**64 - 1.")
        if self.sampler not in samplers.SAMPLERS:
            raise UserError(f"There is no sampler {self.sampler!r}.", f"Choose one of {', '.join(samplers.SAMPLERS)}.")
        for text in (self.prompt, self.negative):
            if any(0xD800 <= ord(character) < 0xE000 for character in text):  # half a character: cannot be stored
                raise UserError(
                    "The prompt holds characters that are no text.", "Type it again, or paste it as plain text."
                )

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; `from_json` gives back an equal recipe."""
        data = asdict(self)
        if self.source is None:
            del data["source"]
        else:
            data["source"] = self.source.to_json()
        return data | data.pop("unknown")

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Recipe:
        """Raises UserError where a field is missing or holds the wrong kind of value."""
        values = {name: _checked(name, data[name], kind) for name, kind in KINDS.items() if name in data}
        required = [f.name for f in fields(Recipe) if f.default is MISSING and f.default_factory is MISSING]
        if missing := [name for name in required if name not in values]:
            hint = "It may come from another program; type in what is missing."
            raise UserError(f"The recipe lacks {', '.join(missing)}.", hint)
        if "source" in values:
            values["source"] = source_from_json(values["source"])
        return Recipe(**values, unknown={name: value for name, value in data.items() if name not in KINDS})


KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("model", "prompt", "negative", "sampler"), (str,)),
    **dict.fromkeys(("width", "height", "steps", "seed"), (int,)),
    "guidance": (int, float),
    "source": (dict,),
}


SOURCE_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("image", "mask", "intent"), (str,)),
    "strength": (int, float),
    "feather": (int, float, type(None)),
}


def _checked(name: str, value: Any, kinds: tuple[type, ...]) -> Any:
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise UserError(f"The recipe's {name} is {value!r}.", "Correct the recipe, or leave that field out.")
    return value


def source_from_json(data: Mapping[str, Any]) -> Source:
    """Raises UserError."""
    _checked("source", data, (Mapping,))
    values = {name: _checked(f"source {name}", data[name], kind) for name, kind in SOURCE_KINDS.items() if name in data}
    if "image" not in values:
        raise UserError("The recipe's source names no picture.", "Choose the picture anew.")
    return Source(**values, unknown={name: value for name, value in data.items() if name not in SOURCE_KINDS})
