"""Asking for updates: from a server of our own, good, broken and hostile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QObject

from desktop import releases
from desktop.engine.api import Failed
from desktop.models.getting.client import Patience
from desktop.models.getting.network import Network
from desktop.releases import Release
from desktop.studio import updates as module
from desktop.studio.memory import Memory
from desktop.studio.online import Online
from desktop.studio.updates import PURPOSE, Updates
from tests.models.getting.server import Reply, Server, serving
from tests.publisher import PUBLIC, RELEASE, publish
from tests.ui.hands import until

PATH = "/releases.json"
NOW: dict[str, Any] = {"expires": "2999-01-01"}
Heard = list[Release | Failed | None]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def _quick(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "public.pem"
    key.write_bytes(PUBLIC)
    monkeypatch.setattr(releases, "KEY", key)
    monkeypatch.setattr(module, "PATIENCE", Patience(pauses=(0.0,), connect=5, silence=5, answer=5))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def online(parent: QObject) -> Online:
    return Online(Network, parent=parent)


@pytest.fixture
def updates(server: Server, memory: Memory, online: Online, parent: QObject) -> Updates:
    memory.settings = replace(memory.settings, releases=server.address + PATH)
    return Updates(memory, online, parent)


@pytest.fixture
def ask(updates: Updates) -> Callable[[], Release | Failed | None]:
    def asked() -> Release | Failed | None:
        heard: Heard = []
        updates.check(heard.append, heard.append)
        until(lambda: bool(heard))
        return heard[0]

    return asked


def test_a_newer_one_is_told_and_the_connection_listed(server: Server, online: Online, ask: Callable) -> None:
    server.routes[PATH] = Reply(publish(**NOW))
    found = ask()
    assert isinstance(found, Release)
    assert found.version == "0.10.0"
    assert [(each.purpose, each.outcome) for each in online.connections.all()] == [(PURPOSE, "200 OK")]
    assert server.paths() == [PATH]
    assert not server.asked[0].header("authorization")


def test_nothing_goes_out_by_itself(server: Server, updates: Updates) -> None:
    assert updates.host
    assert server.asked == []


def test_the_one_that_runs_is_the_newest(server: Server, ask: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "__version__", "0.10.0")
    server.routes[PATH] = Reply(publish(**NOW))
    assert ask() is None


GOOD = publish(**NOW)
FORGED = json.dumps(json.loads(GOOD) | {"signature": "YWJj"}).encode()


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(status=404), "has no list of releases"),
        (Reply(status=500), "has trouble of its own"),
        (Reply(b"<html>"), "no list of releases"),
        (Reply(FORGED), "not signed"),
        (Reply(GOOD, cut=len(GOOD) // 2), "was cut"),
        (Reply(b" " * (releases.MOST_BYTES + 1)), "too long"),
        (Reply(publish(expires="2020-01-01")), "out of date"),
        (Reply(publish(**NOW, releases=[RELEASE | {"version": "0.0.1"}])), "older than this Sfumato"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "not safe"),
    ],
    ids=lambda value: "" if isinstance(value, Reply) else value,
)
def test_anything_else_is_told_in_words(server: Server, ask: Callable, reply: Reply, message: str) -> None:
    server.routes[PATH] = reply
    failed = ask()
    assert isinstance(failed, Failed)
    assert message in failed.message
    assert failed.hint
    assert "model" not in failed.message + failed.hint
    assert not failed.trace


def test_a_list_that_is_older_than_the_last_one_is_refused(server: Server, ask: Callable, memory: Memory) -> None:
    server.routes[PATH] = [Reply(publish(**NOW)), Reply(publish(**NOW, issued="2026-11-21"))]
    assert isinstance(ask(), Release)
    until(lambda: memory.recall(module.SEEN) == "2026-11-22")
    failed = ask()
    assert isinstance(failed, Failed)
    assert "seen here before" in failed.message


@pytest.mark.parametrize("address", ["https://sfumato.example/releases.json", "nowhere", "file:///etc/passwd"])
def test_without_an_address_nothing_is_asked(memory: Memory, online: Online, ask: Callable, address: str) -> None:
    memory.settings = replace(memory.settings, releases=address)
    failed = ask()
    assert isinstance(failed, Failed)
    assert "not known" in failed.message
    assert online.connections.all() == []


def _slowly(server: Server) -> Iterator[bytes]:
    while not server.leaving.wait(0.02):
        yield b" "


def test_who_leaves_is_not_told(server: Server, updates: Updates) -> None:
    heard: Heard = []
    server.routes[PATH] = Reply(GOOD, pieces=_slowly(server))
    updates.check(heard.append, heard.append)
    until(lambda: bool(server.asked))
    updates.leave()
    done: list[None] = []
    updates._online.lane.send(lambda: None, done.append)
    until(lambda: bool(done))  # the lane waits no longer
    assert heard == []
