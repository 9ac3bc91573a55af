"""The options that bring other files into a picture: LoRAs, another VAE."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from desktop.errors import UserError
from desktop.models.catalog import Catalog
from desktop.models.extras import Extras, with_called
from desktop.models.model import Model
from desktop.models.parts import completed
from desktop.models.weights import content_id
from desktop.paths import is_there
from desktop.recipe import LoraUse, Recipe


@dataclass(frozen=True)
class Beside:
    """What the options name beside the model, and where it lies."""

    changes: Mapping[str, object] = field(default_factory=dict)  # of the recipe
    files: Mapping[str, Path] = field(default_factory=dict)  # by content id
    extras: Extras = field(default_factory=Extras)  # those of the catalog, which prompts may call


def add_to(parser: argparse.ArgumentParser) -> None:
    lora = "a LoRA by name or file, and how much of it: ink:0.8; again for more"
    parser.add_argument("--lora", action="append", metavar="NAME|FILE:WEIGHT", help=lora)
    parser.add_argument("--vae", metavar="NAME|FILE", help="another VAE than the model's own")
    clip = "layers of the text encoders to leave out at their end; A1111 counts one more"
    parser.add_argument("--clip-skip", type=int, metavar="N", help=clip)


def read_beside(options: argparse.Namespace, catalog: Catalog) -> Beside:
    """Raises UserError."""
    extras = Extras.of(catalog.extras())
    files: dict[str, Path] = {}
    changes: dict[str, object] = {}
    if options.lora:
        changes["loras"] = tuple(_use(text, extras, files) for text in options.lora)
    if options.vae:
        changes["parts"] = {"vae": find_file("vae", options.vae, extras, files)[0]}
    if options.clip_skip is not None:
        changes["clip_skip"] = options.clip_skip
    for file in files.values():
        catalog.remember(file)  # the recipe names its content only
    return Beside(changes, files, extras)


def called(recipe: Recipe, model: Model, beside: Beside) -> Recipe:
    """With what the options and the prompt's tags bring, and what the model lacks. Raises UserError."""
    changed = replace(recipe, **beside.changes)  # pyright: ignore[reportArgumentType]
    return with_called(replace(changed, parts=completed(model, changed.parts, beside.extras)), beside.extras)


def _use(text: str, extras: Extras, files: dict[str, Path]) -> LoraUse:
    """A weight is what stands behind the last colon, if that is a number: C:\\ink.safetensors has none."""
    name, colon, weight = text.rpartition(":")
    try:
        number = float(weight) if colon else 1.0
    except ValueError:
        name, number = text, 1.0
    id, known_as = find_file("lora", name if colon else text, extras, files)
    return LoraUse(id, known_as, number)


def find_file(kind: str, name: str, extras: Extras, files: dict[str, Path]) -> tuple[str, str]:
    """Content id and name of a file that is given by its path, or by a name that the catalog knows."""
    path = Path(name)
    if not is_there(path):
        extra = extras.find(kind, name)
        files[extra.id] = extra.entry.path
        return extra.id, extra.name
    try:
        id = content_id(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Choose another file.") from None
    files[id] = path.resolve()
    return id, path.stem
