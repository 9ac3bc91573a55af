"""Importing a folder: everything in it, whoever made it, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL.PngImagePlugin import PngInfo

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.library.importing import BATCH, Imported, import_folder
from desktop.library.library import Library
from desktop.library.metadata import writing
from desktop.library.query import Query
from desktop.library.thumbnails import SIDES, Thumbnails, opened, stamp_of
from tests.library.things import files_in, last, never, picture, produced

INFOTEXT = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 64x48, Model: dream"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder of pictures of several programs, and other things."""
    folder = tmp_path / "their pictures ö"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "ours.png").write_bytes(writing.png(produced(1)))
    info = PngInfo()
    info.add_text("parameters", INFOTEXT)
    (folder / "deep" / "cat.PNG").write_bytes(picture(2).png(info))
    picture(3).image().save(folder / "deep" / "er" / "photo.jpg", quality=95)
    (folder / "broken.png").write_bytes(picture(4).png()[:500])
    (folder / "letter.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(picture(5).png())
    return folder


def test_everything_gets_a_row_where_it_lies(library: Library, thumbnails: Thumbnails, theirs: Path) -> None:
    before = files_in(theirs)
    done = last(import_folder(theirs, library, thumbnails, never))
    assert (done.added, done.known) == (3, 0)
    assert [file.name for file, _ in done.failed] == ["broken.png"]
    assert files_in(theirs) == before
    rows = {each.file.name: each for each in library.pictures(library.ids(Query()))}
    assert set(rows) == {"ours.png", "cat.PNG", "photo.jpg"}
    ours, cat, photo = rows["ours.png"], rows["cat.PNG"], rows["photo.jpg"]
    assert (ours.tool, ours.recipe, ours.model) == ("sfumato", produced(1).recipe, "starter")
    assert (cat.tool, cat.fields["prompt"], cat.fields["seed"], cat.model) == ("a1111", "a cat", 42, "dream")
    assert (photo.tool, dict(photo.fields), photo.task) == ("", {}, "")
    for each in rows.values():
        facts = each.file.stat()
        assert (each.width, each.height, each.created) == (64, 48, facts.st_mtime)
    assert ours.content == picture(1).sha256
    assert [each.fields["prompt"] for each in library.pictures(library.ids(Query(text="cat")))] == ["a cat"]


def test_thumbnails_come_with_it(library: Library, thumbnails: Thumbnails, theirs: Path) -> None:
    last(import_folder(theirs, library, thumbnails, never))
    pictures = library.pictures(library.ids(Query()))
    for side in SIDES:
        jpegs = thumbnails.find({each.id: stamp_of(each.file) for each in pictures}, side)
        assert len(jpegs) == 3
        assert all(small and (small.width, small.height) == (64, 48) for small in map(opened, jpegs.values()))


def test_done_again_nothing_comes_twice(library: Library, thumbnails: Thumbnails, theirs: Path) -> None:
    last(import_folder(theirs, library, thumbnails, never))
    ids = list(library.ids(Query()))
    done = last(import_folder(theirs, library, thumbnails, never))
    assert (done.added, done.known) == (0, 3)
    assert list(library.ids(Query())) == ids


@pytest.mark.parametrize("after", [0, 1, BATCH, BATCH + 1])
def test_stopped_it_keeps_what_it_has_and_goes_on_the_next_time(
    library: Library, thumbnails: Thumbnails, tmp_path: Path, after: int
) -> None:
    for seed in range(2 * BATCH + 3):
        (tmp_path / f"{seed:03}.png").write_bytes(picture(seed, 8, 8).png())
    asked = iter(range(10_000))
    done = last(import_folder(tmp_path, library, thumbnails, lambda: next(asked) >= after))
    assert done == Imported(added=after)
    done = last(import_folder(tmp_path, library, thumbnails, never))
    assert (done.added, done.known) == (2 * BATCH + 3 - after, after)
    assert len(library.ids(Query())) == 2 * BATCH + 3


def test_progress_counts_all_there_is(library: Library, thumbnails: Thumbnails, theirs: Path) -> None:
    steps = [event for event in import_folder(theirs, library, thumbnails, never) if isinstance(event, Progress)]
    assert (steps[0].step, steps[0].steps) == (0, 4)
    assert (steps[-1].step, steps[-1].steps) == (4, 4)


def test_a_folder_that_is_not_there_is_told(library: Library, thumbnails: Thumbnails, tmp_path: Path) -> None:
    for wrong in (tmp_path / "nowhere", tmp_path / "file"):
        (tmp_path / "file").write_text("no folder")
        with pytest.raises(UserError, match="cannot be read") as caught:
            last(import_folder(wrong, library, thumbnails, never))
        assert caught.value.hint


def test_turned_pictures_are_upright(library: Library, thumbnails: Thumbnails, tmp_path: Path) -> None:
    image = picture(1).image()
    exif = image.getexif()
    exif[0x0112] = 6  # lies on its side
    image.save(tmp_path / "turned.jpg", exif=exif)
    last(import_folder(tmp_path, library, thumbnails, never))
    (row,) = library.pictures(library.ids(Query()))
    assert (row.width, row.height) == (48, 64)


def test_a_file_has_one_row_whatever_leads_there(library: Library, thumbnails: Thumbnails, theirs: Path) -> None:
    last(import_folder(theirs, library, thumbnails, never))
    (theirs.parent / "linked").symlink_to(theirs, target_is_directory=True)
    for way in (theirs / "deep" / "..", theirs.parent / "linked"):
        done = last(import_folder(way, library, thumbnails, never))
        assert (done.added, done.known) == (0, 3)
