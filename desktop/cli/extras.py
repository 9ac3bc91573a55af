"""The options that bring other files into a picture: LoRAs, VAEs, text encoders."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from desktop import tags
from desktop.errors import UserError
from desktop.models.catalog import Catalog
from desktop.models.entries import entry_of
from desktop.models.extras import PROMPTS, Extras, added_up, with_called
from desktop.models.model import Model
from desktop.models.parts import check, completed
from desktop.models.weights import content_id
from desktop.paths import is_there
from desktop.recipe import LoraUse, Recipe

DRIVE = re.compile(r"[A-Za-z]:[\\/][^:]*")  # a path of Windows, and no weight behind it


@dataclass(frozen=True)
class Beside:
    """What the options name beside the model, and where it lies."""

    changes: Mapping[str, object] = field(default_factory=dict)  # of the recipe
    parts: Mapping[str, str] = field(default_factory=dict)  # content ids by component
    files: Mapping[str, Path] = field(default_factory=dict)  # by content id
    extras: Extras = field(default_factory=Extras)  # those of the catalog, which prompts may call


def add_to(parser: argparse.ArgumentParser) -> None:
    lora = "a LoRA by name or file, and how much of it: ink:0.8; again for more, the same one's weights add up"
    parser.add_argument("--lora", action="append", metavar="NAME|FILE:WEIGHT", help=lora)
    parser.add_argument("--vae", metavar="NAME|FILE", help="another VAE than the model's own")
    part = "another file for a part of the model, or one that it lacks: text_encoder=NAME|FILE; again for more"
    parser.add_argument("--part", action="append", metavar="PART=NAME|FILE", help=part)
    clip = "layers of the text encoders to leave out at their end; A1111 counts one more"
    parser.add_argument("--clip-skip", type=int, metavar="N", help=clip)


def read_beside(options: argparse.Namespace, catalog: Catalog, model: Model) -> Beside:
    """For pictures by that model; what will look wrong is told on stderr. Raises UserError."""
    extras = Extras.of(catalog.extras())
    files: dict[str, Path] = {}
    changes: dict[str, object] = {}
    if options.lora:
        changes["loras"] = added_up(_use(text, extras, files) for text in options.lora)
    if options.clip_skip is not None:
        changes["clip_skip"] = options.clip_skip
    parts = {part: find_file(_kind_of(part), name, extras, files)[0] for part, name in _parts(options)}
    for part, id in parts.items():
        if wrong := check(model, part, entry_of(files[id])):
            print(f"{wrong} The picture will look wrong.", file=sys.stderr)
    for file in files.values():
        catalog.remember(file)  # the recipe names its content only
    return Beside(changes, parts, files, extras)


def tell_unread(recipes: Iterable[Recipe]) -> None:
    """What tags say and nobody here reads, on stderr. Raises UserError for weights that are no numbers."""
    called = (tag for recipe in recipes for name in PROMPTS for tag in tags.taken_out(getattr(recipe, name))[1])
    for words in dict.fromkeys(tags.left_unread(tag) for tag in called):
        if words:
            print(words, file=sys.stderr)


def called(recipe: Recipe, typed: Collection[str], model: Model, beside: Beside) -> Recipe:
    """With what the options and the prompts bring, and what the model lacks. Raises UserError.

    `typed`: the prompts whose words may call embeddings; the recipe has those of the others.
    """
    parts = completed(model, {**recipe.parts, **beside.parts}, beside.extras)
    changed = replace(recipe, **beside.changes, parts=parts)  # pyright: ignore[reportArgumentType]
    return with_called(changed, model.family.id, beside.extras, typed)


def _parts(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Components, and what is to take their places. Raises UserError."""
    if options.vae:
        yield "vae", options.vae
    for text in options.part or ():
        part, _, name = text.partition("=")
        if not (part and name):
            raise UserError(f"--part {text} names no part and file.", "Write both: --part text_encoder=clip_l")
        yield part, name


def _kind_of(part: str) -> str:
    return "vae" if part == "vae" else "text_encoder"


def _use(text: str, extras: Extras, files: dict[str, Path]) -> LoraUse:
    """A weight is what stands behind the last colon: C:\\ink.safetensors has none. Raises UserError for no number."""
    name, colon, weight = text.rpartition(":")
    if not colon or DRIVE.fullmatch(text) or is_there(Path(text)):
        return LoraUse(*find_file("lora", text, extras, files))
    try:
        number = float(weight)
    except ValueError:
        hint = "Write a number behind the last colon: ink:0.8"
        raise UserError(f"--lora {text}: {weight!r} is no weight.", hint) from None
    return LoraUse(*find_file("lora", name, extras, files), number)


def find_file(kind: str, name: str, extras: Extras, files: dict[str, Path]) -> tuple[str, str]:
    """Content id and name of a file that is given by its path, or by a name that the catalog knows."""
    path = Path(name)
    if not (is_there(path) and path.is_file()):
        extra = extras.find(kind, name)
        files[extra.id] = extra.entry.path
        return extra.id, extra.name
    try:
        id = content_id(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Choose another file.") from None
    files[id] = path.resolve()
    return id, path.stem
