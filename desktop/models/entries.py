"""What a file or folder is: from its header, what it says of itself, and what lies beside it. Never its weights."""

from __future__ import annotations

import re
from pathlib import Path

from desktop.errors import UserError
from desktop.models import labels
from desktop.models.contents import Contents, read_contents
from desktop.models.damage import Damaged
from desktop.models.entry import RUNNABLE, Entry
from desktop.models.folders import identify_folder, title_of
from desktop.models.sidecars import Beside, read_beside
from desktop.models.signatures import Told, tell
from desktop.models.weights import opened

INDEX = "model_index.json"  # makes a folder a model
LICENSE = re.compile(r"^license(?:_name)?:\s*(\S+)", re.MULTILINE)
LONGEST_README = 64 * 1024


def entry_of(path: Path) -> Entry:
    """Of a file, or of a diffusers folder. What is wrong with it is its `problem`; nothing is raised."""
    path = path.absolute()
    try:
        return _folder(path) if path.is_dir() else examined(path)[0]
    except OSError as error:
        return _unreadable(path, error)


def examined(file: Path) -> tuple[Entry, Contents]:
    """As `entry_of`, with the contents of the file; there are none of one that cannot be read."""
    path = file.absolute()
    try:
        contents = read_contents(path)
        return _file(path, contents), contents
    except Damaged as error:
        return Entry(path, "unknown", _size(path), problem=str(error)), Contents(0)
    except OSError as error:
        return _unreadable(path, error), Contents(0)


def _unreadable(path: Path, error: OSError) -> Entry:
    return Entry(path, "unknown", 0, problem=f"cannot be read: {error.strerror or error}")


def _file(path: Path, contents: Contents) -> Entry:
    told = tell(contents)
    beside = read_beside(path)
    title = contents.said("modelspec.title")
    names = (path.stem, title, contents.said("ss_output_name"), beside.title)
    return Entry(
        path,
        told.kind,
        contents.bytes,
        _family(told, contents, beside, path.stem),
        told.variant or labels.prediction(contents) or _variant(told.kind, names),
        contents.precision,
        contents.quantization,
        beside.title or title,
        contents.said("ss_output_name"),
        beside.triggers or labels.triggers(contents),
        beside.preview,
        beside.license or contents.said("modelspec.license"),
        problem=contents.problem,
        weight=beside.weight,
        alike=tuple(filter(None, told.alike)),
    )


def _family(told: Told, contents: Contents, beside: Beside, name: str) -> str:
    """Labels count only between families that the weights do not tell apart."""
    if len(told.alike) == 1 or told.kind == "unknown":
        return told.family
    said = [contents.said(key) for key in ("modelspec.architecture", "ss_base_model_version", "general.architecture")]
    others = tuple(each for each in told.alike if each)
    return labels.family([*filter(None, said), *beside.labels, name], others) or told.family


def _variant(kind: str, names: tuple[str, ...]) -> str:
    return labels.variant(kind, names) if kind in (*RUNNABLE, "lora") else ""


def _folder(path: Path) -> Entry:
    title = title_of(path)
    license = _license(path)
    try:
        model = identify_folder(path)
    except UserError as error:
        return Entry(path, "checkpoint", _total(path), title=title, license=license, problem=error.message)
    variant = next(iter(model.variants), "") or labels.variant("checkpoint", (title or path.name,))
    precision = _precision(path / model.family.denoiser)
    return Entry(path, "checkpoint", model.bytes, model.family.id, variant, precision, title=title, license=license)


def _precision(part: Path) -> str:
    try:
        return next((read_contents(file).precision for file in sorted(part.glob("*.safetensors"))), "")
    except (OSError, Damaged):
        return ""


def _license(folder: Path) -> str:
    try:
        with opened(folder / "README.md") as (stream, _):
            found = LICENSE.search(stream.read(LONGEST_README).decode(errors="replace"))
    except OSError:
        return ""
    return found[1].strip("\"'") if found else ""


def _total(folder: Path) -> int:
    return sum(_size(file) for file in folder.glob("*/*"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
