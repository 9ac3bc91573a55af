"""What an engine takes and what it tells: Job in, Events out.

Neither torch nor numpy is imported here: the window stands before either is.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol

from desktop.recipe import Recipe

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from desktop.raster import Raster

    W = TypeVar("W", bound="Work", covariant=True, default=Recipe)
else:
    from typing import TypeVar  # typing_extensions knows defaults before Python 3.13, but takes its time to import

    W = TypeVar("W")

PRECISIONS = ("float32", "bfloat16", "float16")  # that a model's weights can be made to have


@dataclass(frozen=True)
class Conversion:
    """A pickle of weights, to be written as safetensors beside it."""

    file: Path


@dataclass(frozen=True)
class Checkup:
    """A LoRA to be examined on a model before it is used; both by content id, the LoRA by its name, too."""

    model: str
    lora: str
    name: str
    parts: Mapping[str, str] = field(default_factory=dict)  # as in a recipe


@dataclass(frozen=True)
class Release:
    """The memory of all models is given back."""


Work = Recipe | Conversion | Checkup | Release


@dataclass(frozen=True)
class Job(Generic[W]):
    """One piece of work with all it needs: pictures by their sha256, models and other files by content id.

    A plain `Job` is one for a picture, `Job[Work]` any.
    """

    work: W
    models: Mapping[str, Path]
    inputs: Mapping[str, Raster] = field(default_factory=dict)
    id: str = field(default_factory=lambda: os.urandom(16).hex())
    merges: bool = False  # LoRAs go into the weights: faster steps, slower changes, and other last bits


@dataclass(frozen=True)
class Started:
    """The engine has taken up the job."""


@dataclass(frozen=True)
class Progress:
    """`step` of `steps` are done; `note` says of what: "starting the engine", "loading model", "denoising"."""

    step: int
    steps: int
    note: str


@dataclass(frozen=True)
class Preview:
    """What the picture will be, as seen after `step`: small, one pixel a latent, at most 512 a side."""

    picture: Raster
    step: int


@dataclass(frozen=True)
class Produced:
    """A finished picture; `made` (JSON) is all that its pixels depend on beside the recipe."""

    picture: Raster
    recipe: Recipe
    made: Mapping[str, Any]


@dataclass(frozen=True)
class Converted:
    """What was a pickle is this file of safetensors, too."""

    file: Path


@dataclass(frozen=True)
class Report:
    """What the doctor has found of a LoRA on a model. Effects are changes relative to the weights they change."""

    name: str
    kind: str  # "LoRA", "LoHa", ...
    works: bool
    verdict: str  # for people
    family: str  # a key of FAMILIES: what it was made for; empty where that cannot be told
    model_family: str
    layers: int
    fitting: int  # of these
    unused: tuple[str, ...]  # some of those that do not fit
    rank: int | None  # the largest
    effect: float | None  # None where the model's weights are quantized
    parts: Mapping[str, float]  # effects by component
    blocks: Mapping[str, float]  # those of the blocks that change most
    places: tuple[str, ...] = ()  # the names of all blocks, by which they can be weighted

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Examined:
    """A checkup is done."""

    report: Report


@dataclass(frozen=True)
class Warned:
    """Something the user should know though the job goes on; `trace` where it is to be reported, too."""

    message: str
    trace: str = ""


@dataclass(frozen=True)
class Finished:
    """The job is done: seconds by phase (load, encode, denoise, decode), and the most memory it held at once."""

    seconds: Mapping[str, float]
    peak_bytes: int


@dataclass(frozen=True)
class Cancelled:
    """The job was stopped at the user's wish."""


@dataclass(frozen=True)
class Failed:
    """The job could not be done: what happened, what to do, and the traceback where it is a bug.

    `lasting`: the same would fail again until people mend something.
    """

    message: str
    hint: str
    trace: str = ""
    lasting: bool = field(default=False, compare=False)


Last = Finished | Cancelled | Failed
Event = Started | Progress | Preview | Produced | Converted | Examined | Warned | Last


class Engine(Protocol):
    """Runs jobs one after the other."""

    def warm_up(self) -> None:
        """Begins to make ready for the first job and returns at once; not needed before `run`. From any thread."""
        ...

    def devices(self) -> Mapping[str, str]:
        """Those that can be chosen, by name, each in words; empty while they are not known yet. Never waits."""
        ...

    def run(self, job: Job[Work]) -> Generator[Event]:
        """Never raises; ends with exactly one Last event. Closing the iterator early cancels the job."""
        ...

    def cancel(self, job_id: str) -> None:
        """From any thread; also before the job's turn has come."""
        ...

    def close(self) -> None:
        """Stops what runs and gives back all memory."""
        ...
