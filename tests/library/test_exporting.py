"""Exporting: copies that are what was asked for, and say no more than they shall."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from desktop.errors import UserError
from desktop.library.exporting import ENDINGS, Exported, Order, export
from desktop.library.library import Library
from desktop.library.metadata.description import Description
from desktop.library.metadata.reading import describe
from desktop.library.metadata.writing import Export
from desktop.library.picture import Picture
from desktop.raster import Raster
from tests.library.things import files_in, last, never, picture, produced

PROMPT = "a very secret castle"


@pytest.fixture
def pictures(library: Library) -> list[Picture]:
    return [library.add(produced(seed, prompt=PROMPT), 0) for seed in range(3)]


@pytest.mark.parametrize("format", ENDINGS)
def test_a_copy_is_in_the_format_and_holds_the_recipe(pictures: list[Picture], tmp_path: Path, format) -> None:
    done = last(export(pictures[:1], Order(Export(format, 95), pattern="{seed}"), tmp_path / "out", None, never))
    assert done == Exported(tmp_path / "out", 1)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == f"0{ENDINGS[format]}"
    with Image.open(file) as image:
        assert (image.format or "").lower() == format
        assert image.size == (64, 48)
    found = describe(file)
    assert (found.tool, found.recipe["prompt"], found.ai_generated) == ("sfumato", PROMPT, True)
    if format == "png":
        assert Raster.read(file) == picture(0)


@pytest.mark.parametrize(
    ("how", "prompt", "steps", "mark"),
    [
        (Export("png", prompts=False), False, True, True),
        (Export("png", recipe=False), False, False, True),
        (Export("png", recipe=False, mark=False), False, False, False),
        (Export("jpeg", prompts=False), False, True, True),
        (Export("webp", recipe=False), False, False, True),
        (Export("avif", mark=False), True, True, False),
    ],
)
def test_no_more_is_said_than_shall_be(
    pictures: list[Picture], tmp_path: Path, how: Export, prompt: bool, steps: bool, mark: bool
) -> None:
    last(export(pictures[:1], Order(how), tmp_path / "out", None, never))
    (file,) = (tmp_path / "out").iterdir()
    found, content = describe(file), file.read_bytes()
    assert (b"secret" in content) == prompt
    assert ("steps" in found.recipe) == steps
    assert (b"trainedAlgorithmicMedia" in content) == mark


def test_large_ones_are_scaled_down_and_small_ones_left(pictures: list[Picture], tmp_path: Path) -> None:
    for side, expected in ((32, (32, 24)), (64, (64, 48)), (500, (64, 48))):
        out = tmp_path / str(side)
        last(export(pictures[:1], Order(Export("png"), side), out, None, never))
        (file,) = out.iterdir()
        assert (Raster.read(file).width, Raster.read(file).height) == expected


def test_names_follow_the_pattern_and_never_write_over_another(pictures: list[Picture], tmp_path: Path) -> None:
    (tmp_path / "castle").mkdir()
    (tmp_path / "castle" / "starter.png").write_text("theirs")
    last(export(pictures, Order(Export("png"), pattern="castle/{model}"), tmp_path, None, never))
    assert (tmp_path / "castle" / "starter.png").read_text() == "theirs"
    assert {"castle/starter-2.png", "castle/starter-3.png", "castle/starter-4.png"} <= set(files_in(tmp_path))


def test_a_zip_holds_all_and_is_there_whole_or_not_at_all(pictures: list[Picture], tmp_path: Path) -> None:
    place = tmp_path / "all.zip"
    last(export(pictures, Order(Export("jpeg"), pattern="same", zipped=True), place, None, never))
    with zipfile.ZipFile(place) as archive:
        assert archive.namelist() == ["same.jpg", "same-2.jpg", "same-3.jpg"]
        assert archive.testzip() is None
    steps = export(pictures, Order(Export("jpeg"), zipped=True), tmp_path / "half.zip", None, never)
    next(steps)
    next(steps)
    del steps  # given up in the middle
    assert not [name for name in files_in(tmp_path) if "half" in name or name.endswith(".part")]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(pictures: list[Picture], tmp_path: Path) -> None:
    pictures[1].file.unlink()
    done = last(export(pictures, Order(Export("png")), tmp_path / "out", None, never))
    assert done.count == 2
    assert [file for file, _ in done.failed] == [pictures[1].file]


def test_it_stops_where_it_is_told_to(pictures: list[Picture], tmp_path: Path) -> None:
    asked = iter(range(100))
    done = last(export(pictures, Order(Export("png")), tmp_path / "out", None, lambda: next(asked) >= 2))
    assert done.count == len(files_in(tmp_path / "out")) == 2


@pytest.mark.parametrize("order", [Order(Export("png")), Order(Export("png"), zipped=True)], ids=["folder", "zip"])
def test_a_place_that_cannot_be_written_is_told(pictures: list[Picture], tmp_path: Path, order: Order) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="Cannot write") as caught:
        last(export(pictures, order, tmp_path / "file" / "out", None, never))
    assert caught.value.hint


def test_a_pattern_that_is_none_is_told_before_anything_is_written(pictures: list[Picture], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no"):
        last(export(pictures, Order(Export("png"), pattern="{sead}"), tmp_path / "out", None, never))
    assert not (tmp_path / "out").exists()


def test_what_is_exported_can_be_signed(pictures: list[Picture], tmp_path: Path) -> None:
    asked: list[tuple[bytes, Any]] = []

    def sign(content: bytes, said: Description) -> bytes:
        asked.append((content[:4], said.recipe["prompt"]))
        return b"signed " + content

    last(export(pictures[:1], Order(Export("png")), tmp_path / "out", sign, never))
    (file,) = (tmp_path / "out").iterdir()
    assert file.read_bytes().startswith(b"signed \x89PNG")
    assert asked == [(b"\x89PNG", PROMPT)]


def test_a_photograph_is_not_signed_as_made_by_ai(pictures: list[Picture], tmp_path: Path) -> None:
    photograph = replace(pictures[0], ai_generated=False)
    last(export([photograph], Order(Export("png")), tmp_path / "out", lambda *_: b"signed", never))
    (file,) = (tmp_path / "out").iterdir()
    assert file.read_bytes().startswith(b"\x89PNG")


def test_pictures_of_other_programs_keep_what_they_say(library: Library, thumbnails, tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    from desktop.library.importing import import_folder
    from desktop.library.query import Query
    from tests.library.test_importing import INFOTEXT

    (tmp_path / "in").mkdir()
    info = PngInfo()
    info.add_text("parameters", INFOTEXT)
    (tmp_path / "in" / "cat.png").write_bytes(picture(1).png(info))
    last(import_folder(tmp_path / "in", library, thumbnails, never))
    last(export(library.pictures(library.ids(Query())), Order(Export("webp")), tmp_path / "out", None, never))
    found = describe(tmp_path / "out" / "cat.webp")
    assert (found.recipe["prompt"], found.recipe["seed"], found.ai_generated) == ("a cat", 42, True)
    assert json.dumps(dict(found.recipe))
