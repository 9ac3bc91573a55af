"""What can go wrong with picture files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QRect

from desktop.canvas.files import limits
from desktop.canvas.files.formats import OPENS, SAVES, open_file, save_file
from desktop.canvas.layer import Layer
from desktop.canvas.snapshot import Snapshot
from desktop.errors import UserError
from desktop.raster import Raster
from tests.canvas.pictures.files import ONE_EACH
from tests.canvas.profiles import swapped
from tests.canvas.things import filled, noise
from tests.test_raster import hand_made_png


@pytest.mark.parametrize("name", ["a.xcf", "a.psd", "a", "a.png.zip"])
def test_what_cannot_be_opened_is_told_with_what_can(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(UserError) as caught:
        open_file(tmp_path / name)
    assert all(suffix in caught.value.hint for suffix in OPENS)


@pytest.mark.parametrize("name", ["a.xcf", "a", "a.gif"])
def test_what_cannot_be_saved_is_told_with_what_can(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError) as caught:
        save_file(tmp_path / name, Snapshot.new())
    assert all(suffix in caught.value.hint for suffix in SAVES)
    assert not [*tmp_path.glob("a*")]


@pytest.mark.parametrize("name", ["A.PNG", "A.Ora", "A.JPEG"])
def test_endings_may_be_in_capitals(tmp_path: Path, name: str) -> None:
    save_file(tmp_path / name, Snapshot.new())
    assert open_file(tmp_path / name).snapshot.frame == QRect(0, 0, 512, 512)


@pytest.mark.parametrize("suffix", [".ora", *ONE_EACH])
def test_the_profile_goes_with_the_document(tmp_path: Path, suffix: str) -> None:
    save_file(tmp_path / f"a{suffix}", Snapshot.new(), swapped())
    assert open_file(tmp_path / f"a{suffix}").profile == swapped()


BAD = {
    "a bomb": (hand_made_png(100_000, 100_000, 8, 0, bytes(100)), "too large"),
    "a letter": (b"Dear Sir or Madam", "no picture"),
    "cut short": (Raster(noise(40, 40, 3)).png()[:2000], "cannot be read"),
    "nothing": (b"", "no picture"),
}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".avif"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_a_user_error(tmp_path: Path, name: str, suffix: str) -> None:
    content, message = BAD[name]
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        open_file(tmp_path / f"a{suffix}")
    assert caught.value.hint


def test_a_picture_that_spans_too_much_is_not_even_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dots = [Layer("dot", plane=filled(QRect(x, x, 2, 2), 0, 0, 0, 255)) for x in (0, 10**6)]
    with pytest.raises(UserError, match="1000002 × 1000002"):
        save_file(tmp_path / "a.png", Snapshot(tuple(dots)))
    monkeypatch.setattr(limits, "MOST_PIXELS", 100)
    save_file(tmp_path / "b.png", Snapshot(frame=QRect(0, 0, 10, 10)))
    with pytest.raises(UserError, match="11 × 10"):
        save_file(tmp_path / "c.png", Snapshot(frame=QRect(0, 0, 11, 10)))


@pytest.mark.parametrize("suffix", SAVES)
def test_a_full_disk_is_told_and_leaves_what_was_there(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left") as caught:
        save_file(file, Snapshot.new(QRect(0, 0, 64, 64)))
    assert caught.value.hint
    assert file.read_bytes() == b"before"
    assert [each for each in tmp_path.iterdir() if each.is_file()] == [file]


@pytest.mark.parametrize("suffix", SAVES)
def test_a_folder_that_is_not_there_is_a_user_error(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(UserError, match="Cannot save"):
        save_file(tmp_path / "missing" / f"a{suffix}", Snapshot.new(QRect(0, 0, 64, 64)))
