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
from desktop.models.getting.part import part_of
from desktop.studio.downloads import Download, Downloads, State
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


@pytest.fixture
def chosen(models: Path) -> list[Path]:
    """The folder of the setting: the last one."""
    return [models]


@pytest.fixture
def movable(chosen: list[Path], memory: Memory, parent: QObject) -> Iterator[Downloads]:
    online = Online(Network, Patience(pauses=(0.0,)), parent)
    downloads = Downloads(online.client, lambda: chosen[-1], memory, parent)
    yield downloads
    downloads.close()


def begun(downloads: Downloads, server: Server) -> Download:
    """To the middle; from there on the file is there."""
    file = stored(server)
    wanted = order(server)
    halfway = halting(server)
    download = downloads.begin(wanted)
    until(lambda: halfway.is_set() and bool(download.progress))
    downloads.pause(download)
    server.routes["/files/model.safetensors"] = file
    return download


def test_a_download_goes_on_where_it_began(
    movable: Downloads, chosen: list[Path], server: Server, models: Path, tmp_path: Path
) -> None:
    download = begun(movable, server)
    chosen.append(tmp_path / "other")
    movable.resume(download)
    until(lambda: download.state is State.DONE)
    assert download.path == models / FOLDER / "model.safetensors"
    assert not chosen[-1].exists()


def test_its_half_is_removed_where_it_is_at_another_launch_too(
    movable: Downloads, chosen: list[Path], server: Server, memory: Memory, database: Database, inputs: Inputs
) -> None:
    models = begun(movable, server).models
    chosen.append(models / "other")
    memory.close()
    movable.close()
    again = Downloads(movable._client, lambda: chosen[-1], Memory(database, inputs, movable), movable)
    again.restore()
    assert parts(models)
    again.remove(*again.all)
    until(lambda: not parts(models))
    again.close()


def test_what_an_earlier_version_kept_is_known_and_a_half_that_stays_is_told(
    make: Make, server: Server, models: Path, database: Database
) -> None:
    stored(server)
    wanted = order(server)
    database.keep_state("downloads", [wanted.to_json()])
    downloads = make()
    downloads.restore()
    (download,) = downloads.all
    assert (download.order, download.models) == (wanted, models)
    part_of(wanted.files[0], models / FOLDER / "model.safetensors").mkdir(parents=True)  # which is no file to delete
    notices: list[Notice] = heard(downloads.noticed)
    downloads.remove(download)
    until(lambda: bool(notices))
    assert str(models) in notices[0].message


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
