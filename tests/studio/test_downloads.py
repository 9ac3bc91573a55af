"""Downloads in their lane: in turn, paused, resumed, failed, removed, and there again at the next launch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from desktop.database import Database
from desktop.library.inputs import Inputs
from desktop.models.getting.client import Patience
from desktop.models.getting.network import Network
from desktop.studio.downloads import Downloads, State
from desktop.studio.memory import Memory
from desktop.studio.notice import Notice
from desktop.studio.online import Online
from tests.models.getting.server import Reply, Server, serving
from tests.models.getting.things import CONTENT, FOLDER, order, parts, stored
from tests.studio.things import heard
from tests.ui.hands import until

MIB = 1 << 20
Make = Callable[[], Downloads]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def make(memory: Memory, models: Path, parent: QObject) -> Iterator[Make]:
    made: list[Downloads] = []

    def make() -> Downloads:
        online = Online(Network, Patience(pauses=(0.0,)), parent)
        made.append(Downloads(online.client, lambda: models, memory, parent))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def downloads(make: Make) -> Downloads:
    return make()


def halting(server: Server, name: str = "model.safetensors") -> threading.Event:
    """It is served to the middle, and no further."""
    halfway = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield CONTENT[:MIB]
        halfway.set()
        server.leaving.wait(20)

    server.routes[f"/files/{name}"] = Reply(headers={"Content-Length": str(len(CONTENT))}, pieces=pieces())
    return halfway


def test_a_download_comes_and_is_told(downloads: Downloads, server: Server, models: Path) -> None:
    stored(server)
    arrived, notices = heard(downloads.arrived), heard(downloads.noticed)
    download = downloads.begin(order(server))
    until(lambda: download.state is State.DONE)
    assert arrived == [models / FOLDER / "model.safetensors"]
    assert arrived[0].read_bytes() == CONTENT
    assert notices[0].message == "A model is here."
    assert download.progress
    assert (download.progress.step, download.progress.steps) == (len(CONTENT), len(CONTENT))
    downloads.clear()
    assert downloads.all == ()


def test_they_come_in_turn(downloads: Downloads, server: Server) -> None:
    for name in ("one.safetensors", "two.safetensors"):
        stored(server, name)
    first = order(server, "one.safetensors")
    second = downloads_of(downloads, first, order(server, "two.safetensors"))
    assert [each.state for each in second] == [State.COMING, State.WAITING]
    until(lambda: all(each.state is State.DONE for each in second))
    assert server.paths() == ["/files/one.safetensors", "/files/two.safetensors"]


def downloads_of(downloads: Downloads, *orders: object) -> list:  # type: ignore[type-arg]
    return [downloads.begin(each) for each in orders]  # type: ignore[arg-type]


def test_the_same_is_not_ordered_twice(downloads: Downloads, server: Server) -> None:
    stored(server)
    wanted = order(server)
    halting(server)
    assert downloads.begin(wanted) is downloads.begin(wanted)
    assert len(downloads.all) == 1


def test_a_download_is_paused_and_goes_on(downloads: Downloads, server: Server, models: Path) -> None:
    file = stored(server)
    wanted = order(server)
    halfway = halting(server)
    download = downloads.begin(wanted)
    until(lambda: halfway.is_set() and bool(download.progress))
    downloads.pause(download)
    assert download.state is State.PAUSED
    server.routes["/files/model.safetensors"] = file
    downloads.resume(download)
    until(lambda: download.state is State.DONE)
    assert server.asked[-1].header("range")
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT


def test_what_waits_comes_while_another_is_paused(downloads: Downloads, server: Server) -> None:
    for name in ("one.safetensors", "two.safetensors"):
        stored(server, name)
    orders = [order(server, name) for name in ("one.safetensors", "two.safetensors")]
    halfway = halting(server, "one.safetensors")
    one, two = downloads_of(downloads, *orders)
    until(halfway.is_set)
    downloads.pause(one)
    until(lambda: two.state is State.DONE)
    assert one.state is State.PAUSED


def test_a_download_that_fails_says_why_and_can_be_tried_again(downloads: Downloads, server: Server) -> None:
    file = stored(server)
    wanted = order(server)
    server.routes["/files/model.safetensors"] = Reply(status=404)
    notices = heard(downloads.noticed)
    download = downloads.begin(wanted)
    until(lambda: download.state is State.FAILED)
    assert download.failure
    assert "does not have this" in download.failure.message
    server.routes["/files/model.safetensors"] = file
    (again,) = notices[0].actions
    again[1]()
    until(lambda: download.state is State.DONE)
    assert download.failure is None


def test_refusals_are_told_in_the_sites_words(downloads: Downloads, server: Server) -> None:
    stored(server)
    wanted = order(server)
    server.routes["/files/model.safetensors"] = Reply(status=401, headers={"X-Error-Code": "GatedRepo"})
    download = downloads.begin(wanted)
    until(lambda: download.state is State.FAILED)
    assert download.failure
    assert "https://there.example" in download.failure.hint


def test_a_download_that_is_removed_leaves_nothing(downloads: Downloads, server: Server, models: Path) -> None:
    stored(server)
    wanted = order(server)
    halfway = halting(server)
    download = downloads.begin(wanted)
    until(lambda: halfway.is_set() and bool(parts(models)))
    downloads.remove(download)
    assert downloads.all == ()
    until(lambda: not parts(models))


def test_another_launch_knows_what_was_not_complete(
    make: Make, server: Server, models: Path, memory: Memory, database: Database, inputs: Inputs, parent: QObject
) -> None:
    file = stored(server)
    wanted = order(server)
    halfway = halting(server)
    first = make()
    download = first.begin(wanted)
    until(lambda: halfway.is_set() and bool(download.progress))
    first.close()
    memory.close()
    server.routes["/files/model.safetensors"] = file
    asked = len(server.asked)
    second = Downloads(Online(Network, parent=parent).client, lambda: models, Memory(database, inputs, parent), parent)
    notices: list[Notice] = heard(second.noticed)
    second.restore()
    assert [(each.order, each.state) for each in second.all] == [(wanted, State.PAUSED)]
    assert len(server.asked) == asked  # nobody has said so yet
    (go_on,) = notices[0].actions
    go_on[1]()
    until(lambda: second.all[0].state is State.DONE)
    assert server.asked[-1].header("range")
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT
    second.close()


@pytest.mark.parametrize("kept", [None, 7, {}, [7], [{}], [{"title": "a", "files": [7]}]])
def test_what_was_kept_by_another_version_is_left_out(make: Make, database: Database, kept: object) -> None:
    database.keep_state("downloads", kept)
    downloads = make()
    downloads.restore()
    assert downloads.all == ()


def test_closing_does_not_wait_for_a_silent_site(make: Make, server: Server) -> None:
    stored(server)
    wanted = order(server)
    halfway = halting(server)
    downloads = make()
    downloads.begin(wanted)
    until(halfway.is_set)
    downloads.close()
    assert not server.leaving.is_set()
