"""Pictures from and to disk, and what they say of themselves. Runs in a lane: all of it takes its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop import tags
from desktop.errors import UserError
from desktop.models.extras import NO_EXTRAS, Extra, Extras, added_up
from desktop.models.parts import suits
from desktop.paths import write_atomically
from desktop.recipe import LoraUse, Recipe
from desktop.studio.results import Result
from desktop.tags import Tag

if TYPE_CHECKING:
    from desktop.library.metadata.description import Description
    from desktop.models.catalog import Catalog
    from desktop.models.model import Model
    from desktop.raster import Raster


@dataclass(frozen=True)
class Opened:
    """A picture file: its pixels, and what it says of itself."""

    raster: Raster
    description: Description


@dataclass(frozen=True)
class Ingredients:
    """A recipe with what it names, None where that is not here; `said`: by the picture that it was found in."""

    recipe: Recipe
    model: Model | None
    source: Raster | None
    mask: Raster | None = None
    said: Description | None = None
    is_namesake: bool = False  # the model was found by its name, and not by the hash that the picture tells
    lacks: tuple[str, ...] = ()  # LoRAs, embeddings and parts that are not here, in words

    @property
    def tells_hash(self) -> bool:
        """Of its model."""
        return self.said is not None and bool(self.said.hashes.get(self.recipe.model))


def open_picture(file: Path) -> Opened:
    """Raises UserError."""
    from desktop.library.metadata.reading import describe
    from desktop.raster import Raster

    return Opened(with_hash(Raster.read(file)), describe(file))


def with_hash(raster: Raster) -> Raster:
    """The same, its hash worked out, which takes long for a large picture."""
    assert raster.sha256
    return raster


def gather(
    recipe: Recipe, catalog: Catalog, find: Callable[[str], Raster | None], said: Description | None = None
) -> Ingredients:
    """`find`: a picture by its sha256. The hashes that a picture tells help to find the model and the LoRAs."""
    catalog = catalog.snapshot()
    hash = said.hashes.get(recipe.model, "") if said else ""
    model = catalog.resolve(recipe.model, hash)
    unknown: tuple[str, ...] = ()
    if said:
        recipe, unknown = _with_loras(recipe, said, catalog)
        recipe, without = _with_vae(recipe, said, catalog, model)
        unknown += without
    lacks = (*unknown, *catalog.lacking(recipe))
    is_namesake = bool(model and hash and model.id != recipe.model and catalog.by_hash(hash) is None)
    source = find(recipe.source.image) if recipe.source else None
    mask = find(recipe.source.mask) if recipe.source and recipe.source.mask else None
    return Ingredients(recipe, model, with_hash(source) if source else None, mask, said, is_namesake, lacks)


def _with_loras(recipe: Recipe, said: Description, catalog: Catalog) -> tuple[Recipe, tuple[str, ...]]:
    """With the LoRAs that another program means, by tags in the prompt or apart from it; and what is not here.

    Tags of that stay in the prompt.
    """
    try:
        prompt, called = tags.taken_out(recipe.prompt)
    except UserError:
        return recipe, ()
    wanted = (*called, *_told_apart(said))
    extras = Extras.of(catalog.extras()) if wanted else NO_EXTRAS
    uses: tuple[LoraUse, ...] = ()
    lacks: list[str] = []
    for tag in wanted:
        found = _meant("lora", tag.name, said, catalog, extras)
        if found is None:
            lacks.append(tag.name)
            continue
        with suppress(UserError):  # a weight that nobody can mean
            uses = added_up((*uses, LoraUse(found.id, found.name, tag.weight, tag.text_weight, tag.blocks)))
    loras = {use.file: use for use in (*recipe.loras, *uses)}
    left = [tags.written(tag) for tag in called if tag.name in lacks]
    changed = replace(recipe, prompt=" ".join([prompt, *left]), loras=tuple(loras.values()))
    return changed, tuple(f"LoRA {name}" for name in lacks)


def _with_vae(
    recipe: Recipe, said: Description, catalog: Catalog, model: Model | None
) -> tuple[Recipe, tuple[str, ...]]:
    """With the VAE that another program means, if it suits the model; and what is not here."""
    name = said.unused.get("VAE")
    if not isinstance(name, str) or "vae" in recipe.parts or model is None:
        return recipe, ()
    found = _meant("vae", name, said, catalog, Extras.of(catalog.extras()))
    if found is None:
        return recipe, (f"VAE {name}",)
    if not suits(model, "vae", found.entry):
        return recipe, (f"VAE {name} that suits {model.name}",)
    return replace(recipe, parts={**recipe.parts, "vae": found.id}), ()


def _meant(kind: str, name: str, said: Description, catalog: Catalog, extras: Extras) -> Extra | None:
    """The file that is called so, or has the hash that is told."""
    entry = catalog.resolve_file(kind, name, said.hashes.get(name, ""))
    if entry and (found := next((each for each in extras.all if each.entry.path == entry.path), None)):
        return found
    with suppress(UserError):
        return extras.find(kind, name)
    return None


def _told_apart(said: Description) -> Iterator[Tag]:
    """Rows of other programs; ours name files, and are in the recipe already."""
    rows = said.recipe.get("loras")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("name"), str) and "file" not in row:
            weight = row.get("weight", 1.0)
            yield Tag(row["name"], float(weight) if isinstance(weight, int | float) else 1.0)


def read(result: Result) -> Raster:
    """The whole picture. Raises UserError."""
    from desktop.raster import Raster

    assert result.file
    return Raster.read(result.file)


def save_copy(result: Result, file: Path) -> Path:
    """Writes the picture there, recipe included. Raises UserError."""
    if file.suffix.lower() != ".png":
        raise UserError(f"{file.name} would be no PNG.", "Pictures are saved as PNG, which keeps their recipe.")
    try:
        write_atomically(file, _png(result))
    except OSError as error:
        raise UserError(f"Cannot save {file.name}: {error.strerror}.", "Choose another place.") from None
    return file


def _png(result: Result) -> bytes:
    """The file as it is, or else the picture with what is known of it."""
    from desktop.library.metadata.writing import Export, encode

    if result.file and result.file.suffix.lower() == ".png":
        return result.file.read_bytes()
    return encode(result.raster or read(result), result.said, Export("png"))
