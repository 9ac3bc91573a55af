"""`sfumato generate`: from the command line's options to pictures in files."""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from desktop import app, versions
from desktop.cli.extras import called, read_beside, tell_unread
from desktop.cli.start import Pictures, read_start
from desktop.cli.terminal import engine_for, follow
from desktop.engine.api import Job
from desktop.errors import UserError
from desktop.library.inputs import Inputs
from desktop.library.metadata import writing
from desktop.library.metadata.description import OURS
from desktop.library.metadata.reading import describe
from desktop.models import samplers, sizes
from desktop.models.catalog import Catalog
from desktop.models.extras import PROMPTS
from desktop.models.hashes import Hashes
from desktop.models.model import Model
from desktop.paths import data_folder, write_atomically
from desktop.raster import Raster
from desktop.recipe import SEEDS, Recipe
from desktop.wildcards import FOLDER, escape, read_lists, resolve

MOST_PICTURES = 10_000

SHARED = ("model", "prompt", "negative", "width", "height", "steps", "guidance", "sampler", "seed")  # with others
ELSEWHERE = "Choose another place with --out."


class Asked(NamedTuple):
    """What to make. `typed`: the prompts whose words may call embeddings; the recipe has those of the others."""

    recipe: Recipe
    typed: Collection[str]
    model: Model
    pictures: Pictures


def run(options: argparse.Namespace) -> int:
    if not 1 <= options.count <= MOST_PICTURES:
        raise UserError(f"Cannot make {options.count} pictures.", f"Choose 1 to {MOST_PICTURES}.")
    inputs, catalog = Inputs(data_folder() / "inputs"), app.make_catalog()
    recipe, typed, model, pictures = read_options(options, catalog, inputs)
    beside = read_beside(options, catalog, model)
    resolved = list(_resolved(recipe, options))
    tell_unread(resolved)
    recipes = [called(each, typed, model, beside) for each in resolved]
    models = [catalog.paths(each, {model.id: model.path, **beside.files}) for each in recipes]
    hashes = Hashes(catalog.folder)
    files = targets(options.out, [each.seed for each in recipes])
    for picture in pictures.values():
        _keep(picture, inputs)
    results = []
    with closing(engine_for(options, (file for needed in models for file in needed.values()))) as engine:
        for each, needed, file in zip(recipes, models, files, strict=True):
            produced, finished = follow(engine, Job(each, needed, pictures))
            produced = replace(produced, made=hashes.told(produced.made, each.files))
            save(writing.png(produced), file)
            results.append(
                {
                    "file": str(file),
                    "seed": each.seed,
                    "seconds": sum(finished.seconds.values()),
                    "recipe": each.to_json(),
                }
            )
            if not options.json:
                print(file)
    if options.json:
        print(json.dumps(results, indent=1, ensure_ascii=False))
    return 0


def _resolved(recipe: Recipe, options: argparse.Namespace) -> Iterator[Recipe]:
    """One a picture, with seeds one apart, and the words that each seed makes of the prompts that were typed."""
    given = {"prompt": recipe.prompt, "negative": recipe.negative}
    typed = {name: text if getattr(options, name) is not None else escape(text) for name, text in given.items()}
    lists = read_lists(data_folder() / FOLDER, *typed.values())
    for number in range(options.count):
        seed = (recipe.seed + number) % SEEDS.stop
        yield replace(recipe, seed=seed, **{name: resolve(text, seed, lists) for name, text in typed.items()})


# ---------------------------------------------------------------- options to recipe


def read_options(options: argparse.Namespace, catalog: Catalog, inputs: Inputs) -> Asked:
    """What to make: the given picture's recipe if any, changed by the options, filled up by the model's defaults."""
    if options.prompt is None and options.recipe is None:
        raise UserError("There is no prompt.", f'Say what to draw: {versions.command()} generate "a lake at dawn"')
    given, is_ours = _given_recipe(options.recipe, catalog) if options.recipe else ({}, False)
    model = _model(options.model, given.pop("model", None), catalog)
    start = read_start(options, given, inputs)
    family = model.family
    defaults = {
        "sampler": family.sampler,
        "steps": family.steps,
        "guidance": family.guidance,
        "seed": random.randrange(2**32),  # 64 bits are legal, but other programs stumble over them
        **_default_size(model, start.picture),
    }
    named = ("prompt", "negative", "steps", "guidance", "seed")
    changes: dict[str, Any] = {name: value for name in named if (value := getattr(options, name)) is not None}
    if options.sampler:
        changes["sampler"] = samplers.find(options.sampler)
    if start.picture and start.inpaints:
        changes |= {"width": start.picture.width, "height": start.picture.height}
    elif options.size:
        changes |= _size(options.size)
    recipe = replace(Recipe.from_json(defaults | given | changes | {"model": model.id}), source=start.source)
    model.check(recipe, start.inpaints)
    typed = [name for name in PROMPTS if getattr(options, name) is not None or not is_ours]
    return Asked(recipe, typed, model, start.pictures)


def _given_recipe(file: Path, catalog: Catalog) -> tuple[dict[str, Any], bool]:
    """The fields of a picture's recipe, and whether it is ours.

    Of another program's those that say the same here, its model as one at hand.
    """
    found = describe(file)
    if not found.recipe:
        raise UserError(f"{file.name} holds no recipe.", "Choose a picture that Sfumato or another program has made.")
    if found.tool == OURS:
        return {**found.recipe, **found.unused}, True
    given = {name: value for name, value in found.recipe.items() if name in SHARED}
    name = str(given.get("model", ""))
    if model := catalog.resolve(name, found.hashes.get(name, "")):
        given["model"] = model.id
    return given, False


def _model(name: str | None, given: Any, catalog: Catalog) -> Model:
    """The model of the options, or that of the recipe."""
    if name is not None or given is None:
        return catalog.find(name or "starter")
    if re.fullmatch("[0-9a-f]{64}", str(given)):
        return catalog.by_id(str(given))
    if model := catalog.resolve(str(given)):
        return model
    raise UserError(f"There is no model {str(given)!r} here, which the picture names.", "Choose another with --model.")


def _default_size(model: Model, picture: Raster | None) -> dict[str, int]:
    """The model's own size; or that of the picture to start from, scaled down where the model cannot do as much."""
    if picture is None:
        return {"width": model.native, "height": model.native}
    width, height = sizes.fit(model.native, model.family.size_step, picture.width, picture.height)
    return {"width": width, "height": height}


def _size(text: str) -> dict[str, int]:
    found = re.fullmatch(r"(\d{1,9})[xX](\d{1,9})", text.strip())
    if not found:
        raise UserError(f"{text!r} is no size.", "Write width x height in pixels: 512x768.")
    return {"width": int(found[1]), "height": int(found[2])}


# ---------------------------------------------------------------- files


def targets(out: str | None, seeds: list[int]) -> list[Path]:
    """One file a picture. A file that is named outright may exist; others get a free name. Raises UserError."""
    path = Path(out or ".")
    with _writing(path, ELSEWHERE):  # a name may be longer than any file can have
        named = out is not None and not path.is_dir() and not out.endswith(("/", "\\"))
    if named and path.suffix.lower() not in ("", ".png"):
        raise UserError(f"{path.name} would be no PNG.", "Pictures are written as PNG: name it so, or give a folder.")
    folder = path.parent if named else path
    _make_writable(folder)
    if named and len(seeds) == 1:
        return [path]
    stem, suffix = (path.stem, path.suffix or ".png") if named else ("sfumato", ".png")
    files: list[Path] = []
    for seed in seeds:
        names = (
            folder / f"{stem}-{seed}{again}{suffix}" for again in ("", *(f"-{n}" for n in range(2, MOST_PICTURES)))
        )
        files.append(next(name for name in names if not name.exists() and name not in files))
    return files


@contextmanager
def _writing(to: Path, hint: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"Cannot write to {to}: {error.strerror}.", hint) from None


def _make_writable(folder: Path) -> None:
    """Known before the picture is made rather than after."""
    with _writing(folder, ELSEWHERE):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass


def save(content: bytes, file: Path) -> None:
    with _writing(file, ELSEWHERE):
        write_atomically(file, content)


def _keep(picture: Raster, inputs: Inputs) -> None:
    with _writing(inputs.folder, "Choose another data folder: set SFUMATO_DATA."):
        inputs.keep(picture)
