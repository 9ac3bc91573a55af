"""Downloads: whole or not at all, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.api import Progress
from desktop.errors import UserError
from desktop.models.getting.answer import Refused
from desktop.models.getting.client import Client
from desktop.models.getting.connections import Connections
from desktop.models.getting.download import Order, discard, fetch
from desktop.models.getting.stop import Stop
from tests.models.getting.server import Asked, Reply, Server, serving, to
from tests.models.getting.things import CONTENT, FOLDER, git_hash, got, order, parts, stored

MIB = 1 << 20


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "models"


def test_a_file_comes_with_its_progress(client: Client, server: Server, models: Path) -> None:
    stored(server)
    *progress, path = got(order(server), models, client)
    assert path == models / FOLDER / "model.safetensors"
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT
    steps = [each.step for each in progress if isinstance(each, Progress)]
    assert steps == sorted(steps)
    assert steps[-1] == len(CONTENT)
    assert parts(models) == []


def test_a_connection_that_is_cut_goes_on_where_it_was(client: Client, server: Server, models: Path) -> None:
    stored(server, cuts=[MIB + 17, 99, MIB // 2])
    assert (models / FOLDER / "model.safetensors") == got(order(server), models, client)[-1]
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT
    asked = [(each.header("range"), each.header("if-range")) for each in server.asked]
    starts = [MIB + 17, MIB + 17 + 99, MIB + 17 + 99 + MIB // 2]
    assert asked == [("", ""), *((f"bytes={start}-", '"one"') for start in starts)]


def test_a_connection_that_is_cut_again_and_again_is_given_up_and_kept(
    client: Client, server: Server, models: Path
) -> None:
    file = stored(server, cuts=[MIB + 1, 0, 0, 0, 0, 0])
    with pytest.raises(UserError, match="does not come") as told:
        got(order(server), models, client)
    assert "goes on from there" in told.value.hint
    assert len(server.asked) == 6
    file.cuts = []
    got(order(server), models, client)
    assert server.asked[-1].header("range") == f"bytes={MIB + 1}-"
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT


def test_a_server_that_knows_no_parts_is_asked_for_all(client: Client, server: Server, models: Path) -> None:
    stored(server, cuts=[MIB], ranges=False)
    got(order(server), models, client)
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT


def test_a_file_that_changes_on_the_way_begins_anew(client: Client, server: Server, models: Path) -> None:
    file = stored(server, content=b"a" * 2 * MIB, cuts=[MIB])
    wanted = order(server, hash="")

    def change(asked: object) -> Reply:
        reply = file(asked)  # type: ignore[arg-type]
        file.content, file.etag = b"b" * 2 * MIB, '"two"'
        return reply

    server.routes["/files/model.safetensors"] = change
    got(wanted, models, client)
    assert (models / FOLDER / "model.safetensors").read_bytes() == b"b" * 2 * MIB


def test_the_beginning_of_another_version_is_not_gone_on_with(client: Client, server: Server, models: Path) -> None:
    stored(server, content=b"a" * 2 * MIB, cuts=[MIB, 0, 0, 0, 0, 0])
    with pytest.raises(UserError):
        got(order(server), models, client)
    stored(server)
    got(order(server), models, client)
    assert server.asked[-1].header("range") == ""
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT


@pytest.mark.parametrize("hash", ["", "git"])
def test_files_whose_sha256_nobody_tells(client: Client, server: Server, models: Path, hash: str) -> None:
    stored(server)
    got(order(server, hash=git_hash(CONTENT) if hash else ""), models, client)
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT


@pytest.mark.parametrize("hash", ["0" * 64, "0" * 40])
def test_a_file_that_is_another_one_is_not_kept(client: Client, server: Server, models: Path, hash: str) -> None:
    stored(server)
    with pytest.raises(UserError, match="not the file that was announced"):
        got(order(server, hash=hash), models, client)
    assert not [path for path in models.rglob("*") if path.is_file()]


def test_what_was_damaged_on_the_disk_meanwhile_is_noticed(client: Client, server: Server, models: Path) -> None:
    file = stored(server, cuts=[MIB, 0, 0, 0, 0, 0])
    with pytest.raises(UserError):
        got(order(server), models, client)
    (part,) = parts(models)
    part.write_bytes(bytes(MIB))
    file.cuts = []
    with pytest.raises(UserError, match="not the file"):
        got(order(server), models, client)
    assert got(order(server), models, client)[-1] == models / FOLDER / "model.safetensors"


@pytest.mark.parametrize("bytes", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_a_file_of_another_size_is_told(client: Client, server: Server, models: Path, bytes: int) -> None:
    stored(server)
    with pytest.raises(UserError, match="were announced"):
        got(order(server, bytes=bytes), models, client)
    assert not (models / FOLDER / "model.safetensors").exists()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_is_shorter_than_it_should_be_is_not_asked_for_without_end(
    client: Client, server: Server, models: Path, ranges: bool
) -> None:
    file = stored(server, ranges=ranges)
    wanted = order(server, bytes=len(CONTENT) + 1)

    def without_length(asked: Asked) -> Reply:
        reply = file(asked)
        reply.headers["Content-Length"] = ""
        return reply

    server.routes["/files/model.safetensors"] = without_length
    with pytest.raises(UserError):
        got(wanted, models, client)
    assert len(server.asked) < 8


def test_a_server_that_sends_more_than_it_says_fills_no_disk(client: Client, server: Server, models: Path) -> None:
    stored(server)
    wanted = order(server)
    server.routes["/files/model.safetensors"] = Reply(CONTENT * 2, headers={"Content-Length": ""})
    with pytest.raises(UserError, match="More comes"):
        got(wanted, models, client)
    assert parts(models) == []


@pytest.mark.parametrize("place", ["bytes 5-9/10", "bytes 99-1/*", "nonsense", ""])
def test_a_part_that_was_not_asked_for_is_refused(client: Client, server: Server, models: Path, place: str) -> None:
    stored(server)
    wanted = order(server)
    server.routes["/files/model.safetensors"] = Reply(CONTENT, 206, {"Content-Range": place})
    with pytest.raises(UserError):
        got(wanted, models, client)
    assert not (models / FOLDER / "model.safetensors").exists()


def test_a_page_in_place_of_a_file_is_taken_for_a_refusal(client: Client, server: Server, models: Path) -> None:
    stored(server)
    wanted = order(server)
    server.routes["/files/model.safetensors"] = to("/login")
    server.routes["/login"] = Reply(b"<html>log in</html>", headers={"Content-Type": "text/html; charset=utf-8"})
    heard: list[Refused] = []

    def explained(refused: Refused) -> UserError:
        heard.append(refused)
        return UserError("in the site's words", "")

    with pytest.raises(UserError, match="in the site's words"):
        list(fetch(wanted, models, client, Stop(), explained))
    assert heard[0].status == 401


def test_signed_addresses_are_asked_for_anew(known: Client, server: Server, models: Path) -> None:
    """The site is asked with the token, the storage that it leads to without; and again after each cut."""
    with serving() as storage:
        file = stored(storage, cuts=[MIB])
        wanted = order(storage)
        server.routes["/get"] = [to(f"{storage.address}/files/model.safetensors?signed={i}") for i in (1, 2)]
        got(replace(wanted, files=(replace(wanted.files[0], url=f"{server.address}/get"),)), models, known)
        assert [asked.query for asked in storage.asked] == [[("signed", "1")], [("signed", "2")]]
        assert not any(asked.header("authorization") for asked in storage.asked)
        assert all(asked.header("authorization") for asked in server.asked)
    assert (models / FOLDER / "model.safetensors").read_bytes() == file.content


def test_what_is_there_is_not_fetched_again(client: Client, server: Server, models: Path) -> None:
    stored(server)
    got(order(server), models, client)
    server.asked.clear()
    assert got(order(server), models, client)[-1] == models / FOLDER / "model.safetensors"
    assert server.asked == []


@pytest.mark.parametrize("content", [b"mine", bytes(len(CONTENT))])
def test_files_of_others_are_left_alone(client: Client, server: Server, models: Path, content: bytes) -> None:
    stored(server)
    mine = models / FOLDER / "model.safetensors"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(content)
    with pytest.raises(UserError, match="another"):
        got(order(server), models, client)
    assert mine.read_bytes() == content


def test_a_folder_becomes_a_model_when_all_of_it_is_there(client: Client, server: Server, models: Path) -> None:
    names = ("model_index.json", "unet/config.json", "unet/model.safetensors")
    for name in names:
        stored(server, name, name.encode())
    assert got(order(server, *names), models, client)[-1] == models / FOLDER
    assert server.paths()[-1] == "/files/model_index.json"
    assert all((models / FOLDER / name).read_bytes() == name.encode() for name in names)


@pytest.mark.parametrize("name", ["../evil.safetensors", "a/../../evil.safetensors", "..\\..\\evil.safetensors"])
def test_names_lead_nowhere_else(client: Client, server: Server, models: Path, name: str) -> None:
    stored(server)
    with pytest.raises(UserError, match="no name"):
        got(order(server, name=name), models, client)
    assert server.asked == []


@pytest.mark.parametrize("name", ["model.ckpt", "model.PT", "model.bin", "pack.zip", "run.exe", "model"])
def test_what_can_hold_programs_is_not_fetched_unless_asked_for(
    client: Client, server: Server, models: Path, name: str
) -> None:
    stored(server, name)
    with pytest.raises(UserError, match="program"):
        got(order(server, name), models, client)
    assert server.asked == []
    assert got(order(server, name, unsafe=True), models, client)[-1] == models / FOLDER / name


def test_a_download_can_be_stopped_and_goes_on_later(client: Client, server: Server, models: Path, stop: Stop) -> None:
    file = stored(server)
    wanted = order(server)

    def halting() -> Iterator[bytes]:
        yield CONTENT[:MIB]
        server.leaving.wait(20)

    server.routes["/files/model.safetensors"] = Reply(headers={"Content-Length": str(len(CONTENT))}, pieces=halting())
    told = []
    for each in fetch(wanted, models, client, stop):
        told.append(each)
        stop.set()
    assert not any(isinstance(each, Path) for each in told)
    there = parts(models)[0].stat().st_size
    assert 0 < there <= MIB
    server.routes["/files/model.safetensors"] = file
    got(wanted, models, client)
    assert server.asked[-1].header("range") == f"bytes={there}-"
    assert (models / FOLDER / "model.safetensors").read_bytes() == CONTENT


def test_a_download_that_nobody_wants_any_more_leaves_nothing(client: Client, server: Server, models: Path) -> None:
    stored(server, cuts=[MIB, 0, 0, 0, 0, 0])
    with pytest.raises(UserError):
        got(order(server), models, client)
    discard(order(server), models)
    assert parts(models) == []
    discard(order(server), models)


def test_half_a_folder_that_nobody_wants_any_more_goes(client: Client, server: Server, models: Path) -> None:
    names = ("model_index.json", "unet/config.json", "vae/model.safetensors")
    for name in names:
        stored(server, name)
    wanted = order(server, *names)
    server.routes["/files/vae/model.safetensors"] = Reply(status=404)
    with pytest.raises(UserError):
        got(wanted, models, client)
    mine = models / FOLDER / "unet" / "notes.txt"
    mine.write_text("mine")
    assert (models / FOLDER / "unet" / "config.json").exists()
    discard(wanted, models)
    assert [path for path in models.rglob("*") if path.is_file()] == [mine]
    assert not (models / FOLDER / "vae").exists()


def test_a_whole_folder_stays(client: Client, server: Server, models: Path) -> None:
    names = ("model_index.json", "unet/config.json")
    for name in names:
        stored(server, name)
    got(order(server, *names), models, client)
    discard(order(server, *names), models)
    assert all((models / FOLDER / name).exists() for name in names)


def test_room_is_asked_for_first(client: Client, server: Server, models: Path) -> None:
    stored(server)
    wanted = order(server, bytes=1 << 50)
    with pytest.raises(UserError, match="no room"):
        got(wanted, models, client)
    assert server.asked == []


def test_orders_are_kept_as_json(server: Server) -> None:
    stored(server)
    wanted = order(server)
    assert Order.from_json(wanted.to_json()) == wanted


def test_what_a_download_is_for_is_listed(
    client: Client, server: Server, models: Path, connections: Connections
) -> None:
    stored(server)
    got(order(server), models, client)
    assert connections.all()[0].purpose == "download of A model"
    assert connections.all()[0].bytes == len(CONTENT)
