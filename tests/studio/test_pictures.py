"""Copies of pictures, and the pictures of the last time."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.engine.api import Produced
from desktop.errors import UserError
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.library.metadata import reading, writing
from desktop.models.catalog import Catalog
from desktop.raster import Raster
from desktop.recipe import Recipe, Source
from desktop.studio import pictures
from desktop.studio.results import Result
from tests.fakes import painted
from tests.library.test_library import MADE
from tests.studio.things import plain, recipe_of, starter, unkept


def _add(library: Library, seed: int) -> Result:
    recipe = recipe_of(seed)
    picture = library.add(Produced(painted(recipe), recipe, MADE), 1.5)
    return Result.of(picture, painted(recipe))


def test_a_copy_is_the_same_file(library: Library, tmp_path: Path) -> None:
    result = _add(library, 3)
    assert result.file
    copy = pictures.save_copy(result, tmp_path / "copy.PNG")
    assert copy.read_bytes() == result.file.read_bytes()


def test_a_copy_of_what_was_in_memory_only_holds_the_recipe(tmp_path: Path) -> None:
    copy = pictures.save_copy(unkept(3), tmp_path / "copy.png")
    assert Raster.read(copy) == plain(3)
    found = reading.describe(copy)
    assert Recipe.from_json(found.recipe) == recipe_of(3)
    assert found.made == MADE


@pytest.mark.parametrize(
    ("name", "message"), [("copy.jpg", "no PNG"), ("copy", "no PNG"), ("missing/copy.png", "Cannot save copy.png")]
)
def test_a_copy_that_cannot_be_written_is_told(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        pictures.save_copy(unkept(), tmp_path / name)
    assert caught.value.hint
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_copy_of_what_is_gone_is_told(library: Library, tmp_path: Path) -> None:
    result = _add(library, 3)
    assert result.file
    result.file.unlink()
    with pytest.raises(UserError, match="Cannot save"):
        pictures.save_copy(result, tmp_path / "copy.png")


def test_a_picture_of_ours_gives_its_whole_recipe(inputs: Inputs, tmp_path: Path) -> None:
    source = plain(4)
    inputs.keep(source)
    recipe = recipe_of(3, source=Source(source.sha256, 0.3), unknown={"newer": 1})
    (tmp_path / "ours.png").write_bytes(writing.png(Produced(plain(3), recipe, MADE)))
    opened = pictures.open_picture(tmp_path / "ours.png")
    assert opened.raster == plain(3)
    said = opened.description
    assert Recipe.from_json({**said.recipe, **said.unused}) == recipe
    assert pictures.gather(recipe, Catalog(), inputs.find, said) == pictures.Ingredients(
        recipe, starter(), source, said=said
    )
