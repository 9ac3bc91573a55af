"""Downloads: an order's files come one after the other, each whole or not at all, and go on where they were cut."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.models.getting import notes
from desktop.models.getting.answer import Cut, Refused
from desktop.models.getting.client import Client
from desktop.models.getting.offer import Choice, Offer, RemoteFile
from desktop.models.getting.part import Part, check, part_of
from desktop.models.getting.places import inside, is_harmless
from desktop.models.getting.stop import Stop, Stopped
from desktop.paths import make_folder

TRIES = 5  # in a row that bring next to nothing
NEXT_TO_NOTHING = 1 << 20  # bytes
LAST = "model_index.json"  # while it is missing, nobody takes a folder for a model
BEAT = 0.1  # seconds between two tellings of progress


@dataclass(frozen=True)
class Order:
    """A choice of an offer: what is downloaded, and where to, below the folder for models."""

    title: str
    site: str
    page: str
    folder: str
    files: tuple[RemoteFile, ...]
    unsafe: bool = False  # files that can hold programs are wanted all the same
    about: Mapping[str, Any] = field(default_factory=dict)  # what is kept beside the file, as other tools do
    sample: str = ""  # a picture to be kept beside it

    @staticmethod
    def of(offer: Offer, choice: Choice, unsafe: bool = False) -> Order:
        about, sample = notes.about(offer, choice)
        return Order(offer.name, offer.site, offer.page, choice.folder, choice.files, unsafe, about, sample)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def places(self, models: Path) -> dict[Path, RemoteFile]:
        """Where each file goes; what makes a folder a model comes last. Raises UserError."""
        files = sorted(self.files, key=lambda file: file.name == LAST)
        return {inside(models, f"{self.folder}/{file.name}"): file for file in files}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Order:
        """Raises TypeError, KeyError for what is none."""
        return Order(**{**data, "files": tuple(RemoteFile(**file) for file in data["files"])})


def fetch(
    order: Order,
    models: Path,
    client: Client,
    stop: Stop,
    explained: Callable[[Refused], UserError] = lambda refused: refused,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Progress | Path]:
    """Progress in bytes, and last the model's path; nothing more once it is stopped. Raises UserError."""
    places = order.places(models)
    _insist_on_harmless(order)
    told, done = clock() - BEAT, 0
    with contextlib.suppress(Stopped), _explaining(explained), _on_disk(models):
        _insist_on_room(places, models)
        for target, file in places.items():
            for have in _one(file, target, client, f"download of {order.title}", stop):
                if clock() - told >= BEAT:
                    told = clock()
                    yield Progress(done + have, order.bytes, "downloading")
            done += file.bytes
        yield Progress(done, order.bytes, "downloading")
        main = _main(order, models)
        notes.keep(order.about, order.sample, main, client, stop)
        yield main


def discard(order: Order, models: Path) -> None:
    """Removes what has come of a model that is not whole. Raises UserError."""
    places = order.places(models)
    is_half_a_folder = any(file.name == LAST for file in order.files) and not any(
        target.name == LAST and target.exists() for target in places
    )
    with _on_disk(models):
        for target, file in places.items():
            part_of(file, target).unlink(missing_ok=True)
            if is_half_a_folder and target.exists() and target.stat().st_size == file.bytes:
                target.unlink()
        for folder in sorted(_folders(places, models), reverse=True):
            with contextlib.suppress(OSError):  # something else is in it, or it is not there
                folder.rmdir()


# ---------------------------------------------------------------- inside


def _one(file: RemoteFile, target: Path, client: Client, purpose: str, stop: Stop) -> Iterator[int]:
    """The bytes that are there; done when the file is in its place."""
    make_folder(target.parent)
    if target.exists():
        yield from _known(file, target, stop)
        return
    part = Part(file, target)
    with contextlib.closing(part):
        for _ in part.review():
            stop.check()
            yield part.have
        fruitless, furthest = 0, part.have
        while part.have < file.bytes:
            try:
                yield from _some(part, client, purpose, stop)
            except Cut as cut:
                fruitless = fruitless + 1 if part.have - furthest < NEXT_TO_NOTHING else 0
                furthest = max(furthest, part.have)
                if fruitless == TRIES:
                    hint = "What has come is kept: start it again, and it goes on from there."
                    raise Cut(f"{target.name} does not come: {cut.message}", hint) from None
                client.pause(stop)
        part.finish()


def _some(part: Part, client: Client, purpose: str, stop: Stop) -> Iterator[int]:
    """What one connection brings."""
    try:
        answer = client.open(part.file.url, purpose, stop, part.asked())
    except Refused as refused:
        if refused.status != 416 or not part.have:
            raise
        part.drop()
        message = f"{part.target.name} is shorter than was announced: it has changed, or was never whole."
        raise UserError(message, "Search for it anew.") from None
    with answer:
        part.meet(answer)
        for chunk in answer.chunks():
            part.take(chunk)
            yield part.have
    if part.have < part.file.bytes:
        raise Cut(f"The connection to {answer.host} ended early.", "Try again.")


def _known(file: RemoteFile, target: Path, stop: Stop) -> Iterator[int]:
    """A file of that name is there. Raises UserError where it is another one."""
    same = False
    for same in check(file, target):
        stop.check()
        yield file.bytes if same else 0
    if not same:
        raise UserError(f"There is another {target.name} in {target.parent}.", "Move it elsewhere, and try again.")


def _insist_on_harmless(order: Order) -> None:
    odd = [file.name for file in order.files if not is_harmless(file.name)]
    if odd and not order.unsafe:
        message = f"{odd[0]} can hold a program, which would run when it is read."
        raise UserError(message, "Choose a safetensors file in its place.")


def _insist_on_room(places: Mapping[Path, RemoteFile], models: Path) -> None:
    make_folder(models)
    if lacking := _lacking(places, models):
        whole = sum(file.bytes for file in places.values())
        message = f"{models} has no room for {whole / 1e9:,.2f} GB: {lacking / 1e9:,.2f} GB are missing."
        raise UserError(message, "Free some, or choose another folder for models in Settings.")


def _lacking(places: Mapping[Path, RemoteFile], models: Path) -> int:
    wanted = sum(max(0, file.bytes - _there(file, target)) for target, file in places.items())
    folder = next(each for each in (models, *models.parents) if each.exists())
    return max(0, wanted - shutil.disk_usage(folder).free)


def _there(file: RemoteFile, target: Path) -> int:
    found = next((each for each in (target, part_of(file, target)) if each.exists()), None)
    return found.stat().st_size if found and (file.hash or found == target) else 0


def _main(order: Order, models: Path) -> Path:
    """What the catalog lists: the file, or the folder."""
    first, *more = order.files
    return inside(models, order.folder if more else f"{order.folder}/{first.name}")


def _folders(places: Mapping[Path, RemoteFile], models: Path) -> set[Path]:
    """Of their own, below that for models."""
    return {folder for target in places for folder in target.parents if models in folder.parents}


@contextlib.contextmanager
def _explaining(explained: Callable[[Refused], UserError]) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise explained(refused) from None


@contextlib.contextmanager
def _on_disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Make room there, or choose another folder for models in Settings. What has come is kept."
        raise UserError(f"{folder} cannot be written to: {error.strerror or error}.", hint) from None
