"""Downloads that are killed, and disks that are full."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.errors import UserError
from desktop.models.getting.client import Client
from tests.models.getting.server import Asked, Reply, Server
from tests.models.getting.things import CONTENT, FOLDER, got, order, parts, stored

ROOT = Path(__file__).parents[3]
MIB = 1 << 20


def test_a_download_that_is_killed_goes_on_and_brings_the_same_bytes(
    client: Client, server: Server, tmp_path: Path
) -> None:
    file = stored(server)
    wanted = order(server)
    halfway = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield CONTENT[: 2 * MIB]
        halfway.set()
        server.leaving.wait(20)

    server.routes["/files/model.safetensors"] = Reply(headers={"Content-Length": str(len(CONTENT))}, pieces=slowly())
    command = [sys.executable, "-m", "tests.models.getting.victim", json.dumps(wanted.to_json()), str(tmp_path)]
    victim = subprocess.Popen(command, cwd=ROOT)
    assert halfway.wait(60)
    while not (begun := parts(tmp_path)) or not begun[0].stat().st_size:
        assert victim.poll() is None
    victim.kill()
    victim.wait()
    assert not (tmp_path / FOLDER / "model.safetensors").exists()
    server.routes["/files/model.safetensors"] = file
    there = begun[0].stat().st_size
    got(wanted, tmp_path, client)
    assert server.asked[-1].header("range") == f"bytes={there}-"
    assert (tmp_path / FOLDER / "model.safetensors").read_bytes() == CONTENT


class Disk:
    """A small one of its own."""

    def __init__(self, folder: Path, mebibytes: int):
        self.folder = folder
        folder.mkdir()
        self._run("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder))

    def close(self) -> None:
        self._run("umount", "-l", str(self.folder))

    def forbid_writing(self) -> None:
        self._run("mount", "-o", "remount,ro", str(self.folder))

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    try:
        disk = Disk(tmp_path / "disk", 4)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")
    yield disk
    disk.close()


def test_a_disk_that_is_too_small_is_told_before_anything_comes(client: Client, server: Server, disk: Disk) -> None:
    for name in ("one.safetensors", "two.safetensors"):
        stored(server, name)
    with pytest.raises(UserError, match="no room"):
        got(order(server, "one.safetensors", "two.safetensors"), disk.folder, client)
    assert server.asked == []


def test_a_disk_that_fills_on_the_way_is_told_and_what_has_come_goes_on(
    client: Client, server: Server, disk: Disk
) -> None:
    file, ballast = stored(server), disk.folder / "ballast"
    wanted = order(server)

    def fill(asked: Asked) -> Reply:
        with ballast.open("wb") as stream:
            stream.write(bytes(2 * MIB))
        return file(asked)

    server.routes["/files/model.safetensors"] = fill
    with pytest.raises(UserError, match="No space left") as told:
        got(wanted, disk.folder, client)
    assert "Make room" in told.value.hint
    ballast.unlink()
    there = parts(disk.folder)[0].stat().st_size
    assert MIB < there < 2 * MIB + 1
    server.routes["/files/model.safetensors"] = file
    got(wanted, disk.folder, client)
    assert server.asked[-1].header("range") == f"bytes={there}-"
    assert (disk.folder / FOLDER / "model.safetensors").read_bytes() == CONTENT


def test_a_disk_that_may_only_be_read_is_told(client: Client, server: Server, disk: Disk) -> None:
    stored(server)
    disk.forbid_writing()
    with pytest.raises(UserError, match="cannot be written"):
        got(order(server), disk.folder, client)
