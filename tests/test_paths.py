"""Writing files: whole or not at all, whatever happens on the way."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import platformdirs
import pytest

from desktop.paths import (
    ABANDONED,
    STARTER,
    data_folder,
    pictures_folder,
    remove_leftovers,
    write_atomically,
    write_new,
)

OLD, NEW = b"old" * 1000, b"new" * 2000

SIZE = 4_000_000
WRITER = f"""
import itertools, sys
from pathlib import Path
from desktop.paths import write_atomically
for content in itertools.cycle([b"a" * {SIZE}, b"b" * {SIZE}]):
    write_atomically(Path(sys.argv[1]), content)
    print(flush=True)
"""


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_and_an_old_one_get_the_content(tmp_path: Path) -> None:
    for content in (OLD, NEW, b""):
        write_atomically(tmp_path / "file.png", content)
        assert (tmp_path / "file.png").read_bytes() == content
    assert _names(tmp_path) == ["file.png"]


@pytest.mark.parametrize("reason", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()], ids=["full disk", "Ctrl+C"])
@pytest.mark.parametrize("point", ["fsync", "replace"])
def test_what_goes_wrong_before_the_end_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, reason: BaseException
) -> None:
    def fail(*_: object) -> NoReturn:
        raise reason

    (tmp_path / "file.png").write_bytes(OLD)
    monkeypatch.setattr(os, point, fail)
    monkeypatch.setattr(Path, "replace", os.replace)
    with pytest.raises(type(reason)):
        write_atomically(tmp_path / "file.png", NEW)
    assert (tmp_path / "file.png").read_bytes() == OLD
    assert _names(tmp_path) == ["file.png"]


def test_the_content_is_on_the_disk_before_it_has_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        order.append("fsync")
        fsync(handle)

    def noted_replace(part: Path, target: Path) -> Path:
        assert part.read_bytes() == NEW
        order.append("rename")
        return replace(part, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_atomically(tmp_path / "file.png", NEW)
    assert order[:2] == ["fsync", "rename"]


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes in another way")
def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "file.png"
    for turns in range(1, 6):
        command = [sys.executable, "-c", WRITER, str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as child:
            assert child.stdout
            for _ in range(turns):
                child.stdout.readline()
            child.kill()  # it is writing again by now
        content = file.read_bytes()
        assert content in (b"a" * SIZE, b"b" * SIZE)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_who_may_read_the_file_is_for_the_umask_to_say(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "file.png", NEW)
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert (tmp_path / "file.png").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("name", ["a" * 251 + ".png", "山" * 80 + ".png"], ids=["letters", "signs"])
def test_the_longest_names_can_be_written(tmp_path: Path, name: str) -> None:
    write_atomically(tmp_path / name, NEW)
    assert _names(tmp_path) == [name]


@pytest.mark.parametrize("target", ["missing/file.png", "file/below.png", "folder"])
def test_where_no_file_can_be_the_error_is_an_oserror(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises((FileNotFoundError, NotADirectoryError, IsADirectoryError)):
        write_atomically(tmp_path / target, NEW)
    assert _names(tmp_path) == ["file", "folder"]


def test_a_new_file_is_written_as_any_other(tmp_path: Path) -> None:
    write_new(tmp_path / "file.png", NEW)
    assert (tmp_path / "file.png").read_bytes() == NEW
    assert _names(tmp_path) == ["file.png"]


def test_a_new_file_takes_no_others_place(tmp_path: Path) -> None:
    write_new(tmp_path / "file.png", OLD)
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "file.png", NEW)
    assert (tmp_path / "file.png").read_bytes() == OLD
    assert _names(tmp_path) == ["file.png"]


def test_of_many_who_write_a_new_file_at_once_one_does(tmp_path: Path) -> None:
    def attempt(content: bytes) -> bytes | None:
        start.wait()
        try:
            write_new(file, content)
            return content
        except FileExistsError:
            return None

    contents = [bytes([n]) * 100_000 for n in range(8)]
    for turn in range(10):
        file, start = tmp_path / f"{turn}.png", threading.Barrier(len(contents))
        with ThreadPoolExecutor(len(contents)) as pool:
            written = [content for content in pool.map(attempt, contents) if content]
        assert written == [file.read_bytes()]
    assert len(_names(tmp_path)) == 10


def test_a_new_file_that_cannot_be_written_gives_its_name_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="full"):
            write_new(tmp_path / "file.png", NEW)
    assert _names(tmp_path) == []
    write_new(tmp_path / "file.png", NEW)


def test_what_a_kill_has_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    old, new = 2 * ABANDONED, 10
    theirs, ours = (".film.part", "old.png"), (".sfumato-old.png.part", ".sfumato-new.png.part")
    for name, age in ((theirs[0], old), (theirs[1], old), (ours[0], old), (ours[1], new)):
        (tmp_path / name).write_bytes(OLD)
        then = time.time() - age
        os.utime(tmp_path / name, (then, then))
    remove_leftovers(tmp_path)
    assert set(_names(tmp_path)) == {*theirs, ours[1]}


def test_pictures_go_among_the_users_own() -> None:
    assert pictures_folder().name == "Sfumato"
    assert pictures_folder().parent == platformdirs.user_pictures_path()


def test_the_data_folder_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SFUMATO_DATA", str(tmp_path / "elsewhere"))
    assert data_folder() == tmp_path / "elsewhere"
    monkeypatch.setenv("SFUMATO_DATA", "")
    assert data_folder().name == "sfumato"


def test_the_starter_model_is_where_it_is_looked_for() -> None:
    assert (STARTER / "model_index.json").is_file()
