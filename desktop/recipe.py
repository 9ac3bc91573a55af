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
MOST_WEIGHT = 20.0  # of a LoRA, either way
CLIP_SKIPS = range(0, 11 + 1)  # a text encoder of CLIP has 12 layers or more
SHA256 = re.compile("[0-9a-f]{64}")


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
            if not SHA256.fullmatch(sha256):  # it becomes a file name
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
class LoraUse:
    """A LoRA, or one of its relatives, and how much of it goes into the picture."""

    file: str  # content id: see models.weights
    name: str  # as people and other programs call it
    weight: float = 1.0
    text_weight: float | None = None  # for the text encoders; None: `weight`, too
    blocks: tuple[tuple[str, float], ...] = ()  # a factor for the modules whose path begins so; the longest one counts
    unknown: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check_id("LoRA", self.file)
        for weight in (self.weight, self.text_weight or 0.0, *(factor for _, factor in self.blocks)):
            if not abs(weight) <= MOST_WEIGHT:  # NaN fails too
                raise UserError(
                    f"The weight {weight} of {self.name} is out of range.",
                    f"Choose -{MOST_WEIGHT:g} to {MOST_WEIGHT:g}; 0.6 to 1 is usual.",
                )

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; what is usual is left out."""
        data: dict[str, Any] = {"file": self.file, "name": self.name, "weight": self.weight}
        if self.text_weight is not None:
            data["text_weight"] = self.text_weight
        if self.blocks:
            data["blocks"] = dict(self.blocks)
        return data | dict(self.unknown)


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
    loras: tuple[LoraUse, ...] = ()
    embeddings: Mapping[str, str] = field(default_factory=dict, hash=False)  # content ids by the words that call them
    parts: Mapping[str, str] = field(default_factory=dict, hash=False)  # content ids of other files by component: "vae"
    clip_skip: int = 0  # layers of the text encoders that are left out at their end; A1111 counts one more
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
        if self.clip_skip not in CLIP_SKIPS:
            raise UserError(f"Clip skip {self.clip_skip} is out of range.", "Choose 0, or 1 for most drawn styles.")
        for name, file in (*self.embeddings.items(), *self.parts.items()):
            _check_id(name, file)
        for text in (self.prompt, self.negative):
            if any(0xD800 <= ord(character) < 0xE000 for character in text):  # half a character: cannot be stored
                raise UserError(
                    "The prompt holds characters that are no text.", "Type it again, or paste it as plain text."
                )

    @property
    def files(self) -> tuple[str, ...]:
        """The content ids of all model files that a job with it needs, the model first."""
        others = (*self.parts.values(), *(use.file for use in self.loras), *self.embeddings.values())
        return tuple(dict.fromkeys((self.model, *others)))

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; `from_json` gives back an equal recipe. What is not made use of is left out."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("source", "loras", "embeddings", "parts", "clip_skip"):
            if not data[name]:
                del data[name]
        if self.source:
            data["source"] = self.source.to_json()
        if self.loras:
            data["loras"] = [use.to_json() for use in self.loras]
        for name in ("embeddings", "parts"):
            if name in data:
                data[name] = dict(data[name])
        return data | dict(data.pop("unknown"))

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
        if "loras" in values:
            values["loras"] = tuple(map(lora_from_json, values["loras"]))
        return Recipe(**values, unknown={name: value for name, value in data.items() if name not in KINDS})


KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("model", "prompt", "negative", "sampler"), (str,)),
    **dict.fromkeys(("width", "height", "steps", "seed"), (int,)),
    "guidance": (int, float),
    **dict.fromkeys(("source", "embeddings", "parts"), (dict,)),
    "loras": (list,),
    "clip_skip": (int,),
}
LORA_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("file", "name"), (str,)),
    "weight": (int, float),
    "text_weight": (int, float, type(None)),
    "blocks": (dict,),
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


def lora_from_json(data: Any) -> LoraUse:
    """Raises UserError."""
    _checked("LoRA", data, (Mapping,))
    values = {name: _checked(f"LoRA's {name}", data[name], kind) for name, kind in LORA_KINDS.items() if name in data}
    if "file" not in values or "name" not in values:
        raise UserError("The recipe's LoRA names no file.", "Choose the LoRA anew, or leave it out.")
    if "blocks" in values:
        factors = values["blocks"].items()
        values["blocks"] = tuple((path, _checked("LoRA's blocks", factor, (int, float))) for path, factor in factors)
    return LoraUse(**values, unknown={name: value for name, value in data.items() if name not in LORA_KINDS})


def _check_id(what: str, file: Any) -> None:
    if not isinstance(file, str) or not SHA256.fullmatch(file):
        raise UserError(f"The recipe's {what} is no content id of a file.", f"Choose the {what} anew.")
