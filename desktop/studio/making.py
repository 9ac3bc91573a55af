"""Making: what the engine's lane does with a job, from what it lacks to the picture on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from desktop.engine.api import Cancelled, Checkup, Conversion, Engine, Event, Job, Produced, Release, Work
from desktop.errors import UserError
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.library.picture import Picture

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.models.catalog import Catalog
    from desktop.raster import Raster

THUMBNAIL = 192  # pixels of the longer side: the strip's cells, twice for dense screens


@dataclass(frozen=True)
class Kept:
    """A picture that is made, and is on disk."""

    picture: Picture
    raster: Raster
    thumbnail: Raster


@dataclass(frozen=True)
class Unkept:
    """A picture that is in memory only: nobody wants it on disk, or it could not be written, as the message says."""

    produced: Produced
    thumbnail: Raster
    message: str = ""
    hint: str = ""


def thumbnail(raster: Raster) -> Raster:
    scale = min(1.0, THUMBNAIL / max(raster.width, raster.height))
    return raster.resize(max(1, round(raster.width * scale)), max(1, round(raster.height * scale)))


class Keeping(Enum):
    """Where pictures go that are made."""

    DISK = auto()
    MEMORY = auto()  # until the program is closed, or people save them
    NOWHERE = auto()  # they are only seen


class Maker:
    """Runs jobs on an engine, which `make_engine` makes anew whenever `wishes` (device, precision) have changed.

    `merges`: whether LoRAs go into the weights.
    """

    def __init__(
        self,
        make_engine: Callable[[str | None, str | None], Engine],
        wishes: Callable[[], tuple[str, str]],
        catalog: Callable[[], Catalog],
        inputs: Inputs,
        library: Library,
        merges: Callable[[], bool] = lambda: False,
    ):
        self._make_engine = make_engine
        self._wishes = wishes
        self._catalog = catalog
        self._inputs = inputs
        self._library = library
        self._merges = merges
        self._engine: Engine | None = None
        self._made_for: tuple[str, str] | None = None
        self._lock = threading.Lock()  # guards what follows
        self._handed_over: str | None = None  # id of the job that the engine knows of
        self._unwanted: set[str] = set()
        self._stopped = False

    def warm_up(self) -> Iterator[Event]:
        engine = self._present_engine()
        with self._lock:
            if not self._stopped:
                engine.warm_up()
        return iter(())

    def make(self, job: Job, keeping: Keeping = Keeping.DISK) -> Iterator[Event | Kept | Unkept]:
        """The engine's events, with a Kept or Unkept in place of each Produced that goes anywhere. Raises UserError."""
        from wakepy import keep  # here: it takes its time to import

        from desktop.models.hashes import Hashes  # here: the first frame comes sooner

        job = self._complete(job)
        with keep.running(on_fail="pass"):  # the machine does not fall asleep over it
            began = time.perf_counter()
            for event in self._hand_over(job):
                if isinstance(event, Produced):
                    made = replace(event, made=Hashes(self._catalog().folder).told(event.made, job.work.files))
                    yield from self.keep(made, time.perf_counter() - began, keeping)
                else:
                    yield event

    def do(self, job: Job[Checkup | Conversion | Release]) -> Iterator[Event]:
        """The engine's events of work beside pictures. Raises UserError."""
        work = job.work
        models = self._files_of(work) if isinstance(work, Checkup) else {}
        return self._hand_over(replace(job, models=models))

    def keep(self, produced: Produced, seconds: float, keeping: Keeping) -> Iterator[Event | Kept | Unkept]:
        """Puts the picture where it goes, and tells of it."""
        if keeping is Keeping.NOWHERE:
            yield produced
        elif keeping is Keeping.MEMORY:
            yield Unkept(produced, thumbnail(produced.picture))
        else:
            yield self._keep(produced, seconds)

    def cancel(self, job_id: str) -> None:
        """From any thread, also before the job has reached the engine; a second time by force."""
        with self._lock:
            self._unwanted.add(job_id)
            if self._engine and self._handed_over == job_id:
                self._engine.cancel(job_id)

    def devices(self) -> dict[str, str]:
        """Those that can be chosen, each in words; from any thread, without waiting."""
        return dict(self._engine.devices()) if self._engine else {}

    def stop(self) -> None:
        """From any thread: what runs is cancelled at once, and nothing begins any more."""
        with self._lock:
            self._stopped = True
        if self._engine:
            self._engine.close()

    def _present_engine(self) -> Engine:
        """In the lane only."""
        wishes = self._wishes()
        if self._engine is None or wishes != self._made_for:
            if self._engine:
                self._engine.close()
                self._made_for = None  # even if another cannot be made
            device, precision = wishes
            self._engine, self._made_for = self._make_engine(device or None, precision or None), wishes
        return self._engine

    def _hand_over(self, job: Job[Work]) -> Iterator[Event]:
        engine = self._present_engine()
        with self._lock:
            if self._stopped or job.id in self._unwanted:
                return iter((Cancelled(),))
            self._handed_over = job.id
            return engine.run(job)

    def _files_of(self, work: Checkup) -> dict[str, Path]:
        catalog = self._catalog()
        model = catalog.path_of(work.model)
        try:
            return {work.model: model, work.lora: catalog.path_of(work.lora)}
        except UserError as error:
            raise UserError(f"The LoRA {work.name}".rstrip() + " is not here.", error.hint) from None

    def _complete(self, job: Job) -> Job:
        """With the models and pictures that a job of another day does not carry. Raises UserError."""
        recipe = job.work
        models = self._catalog().paths(recipe, job.models)
        inputs = dict(job.inputs)
        for sha256 in recipe.source.pictures if recipe.source else ():
            if sha256 not in inputs:
                picture = self._inputs.find(sha256)
                if picture is None:
                    raise UserError("The picture that this starts from is gone.", "Choose it anew and generate again.")
                inputs[sha256] = picture
        return replace(job, models=models, inputs=inputs, merges=self._merges())

    def _keep(self, produced: Produced, seconds: float) -> Kept | Unkept:
        small = thumbnail(produced.picture)
        try:
            return Kept(self._library.add(produced, seconds), produced.picture, small)
        except UserError as error:
            return Unkept(produced, small, error.message, error.hint)
