"""A single file that lacks its configuration: people are told, it is fetched once if they agree, and draws."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from desktop.engine.api import Progress
from desktop.engine.local import LocalEngine  # torch is there before anybody waits for it
from desktop.models import skeletons
from desktop.paths import data_folder
from desktop.studio.notice import Kind, Notice
from desktop.studio.studio import Studio
from tests.models.getting.answers import repository, sibling
from tests.models.getting.server import Reply, Server, Stored, as_json, serving
from tests.models.originals.makers import CHECKPOINTS
from tests.models.originals.pairs import Pair, make_pair
from tests.studio.conftest import OpenStudio
from tests.studio.things import heard
from tests.ui.hands import until

REPOSITORY = skeletons.REFERENCES["sd15", ""].repository
REVISION = repository()["sha"]


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair("sd15", CHECKPOINTS["sd15"], tmp_path_factory.mktemp("pair"))


@pytest.fixture
def server(pair: Pair) -> Iterator[Server]:
    """The hub, with all files of the model's folder."""
    with serving() as server:
        rows: list[dict[str, Any]] = []
        for file in sorted(path for path in pair.folder.rglob("*") if path.is_file()):
            name = file.relative_to(pair.folder).as_posix()
            rows.append(sibling(name, file.stat().st_size))
            server.routes[f"/{REPOSITORY}/resolve/{REVISION}/{name}"] = Stored(file.read_bytes())
        for row in rows:
            del row["blobId"]  # the hash of a git blob, which these are not
        server.routes[f"/api/models/{REPOSITORY}"] = as_json(repository(id=REPOSITORY, siblings=rows))
        yield server


@pytest.fixture
def studio(pair: Pair, server: Server, open_studio: OpenStudio) -> Studio:
    (data_folder() / "models").mkdir(parents=True)
    shutil.copy(pair.file, data_folder() / "models/dream.safetensors")
    studio = open_studio(lambda device, precision: LocalEngine("cpu"))
    studio.memory.change_settings(hub=server.address, civitai=server.address)
    until(lambda: len(studio.shelf.models) == 2)
    studio.session.choose(next(model for model in studio.shelf.models if model.name == "dream"))
    studio.session.steps = 2
    return studio


def test_it_is_fetched_once_and_the_file_draws(studio: Studio, server: Server) -> None:
    noticed: list[Notice] = heard(studio.noticed)
    studio.generate()
    (told,) = noticed
    assert told.kind is Kind.WARNING
    assert "dream is a single file, which lacks the configuration and tokenizers" in told.message
    assert REPOSITORY in told.hint
    assert server.paths() == []  # nothing goes out before people say so
    (label, fetch), *_ = told.actions
    assert label == "Fetch it once"
    fetch()
    until(lambda: any(notice.kind is Kind.DONE for notice in noticed))
    assert not any("safetensors" in path for path in server.paths())
    until(lambda: studio.session.model is not None and studio.session.model.skeleton is not None)
    studio.generate()
    until(lambda: bool(studio.results.all))
    assert {row.purpose for row in studio.getting.online.connections.all()} != set()


def test_a_failure_is_told_leaves_nothing_half_and_can_be_tried_again(studio: Studio, server: Server) -> None:
    noticed: list[Notice] = heard(studio.noticed)
    config = server.routes.pop(f"/{REPOSITORY}/resolve/{REVISION}/unet/config.json")
    studio.generate()
    noticed[0].actions[0][1]()
    until(lambda: any(notice.kind is Kind.ERROR for notice in noticed))
    assert not (skeletons.kept(REPOSITORY) / "model_index.json").exists()
    server.routes[f"/{REPOSITORY}/resolve/{REVISION}/unet/config.json"] = config
    ((label, again),) = noticed[-1].actions
    assert label == "Try again"
    until(lambda: studio.chores.present is None)
    again()
    until(lambda: noticed[-1].kind is Kind.DONE)
    assert (skeletons.kept(REPOSITORY) / "model_index.json").exists()


def test_its_progress_is_shown_and_it_can_be_stopped(studio: Studio, server: Server) -> None:
    server.routes[f"/{REPOSITORY}/resolve/{REVISION}/unet/config.json"] = Reply(
        headers={"Content-Length": "500"}, pieces=_halting(server)
    )
    told: list[tuple[str, Progress]] = []
    chores = studio.chores
    chores.changed.connect(
        lambda _: chores.present and chores.progress and told.append((chores.present.title, chores.progress))
    )
    studio.getting.fetch_skeleton(skeletons.REFERENCES["sd15", ""])
    studio.getting.fetch_skeleton(skeletons.REFERENCES["sd15", ""])
    until(lambda: bool(told))
    assert told[0][0].startswith("Fetching the configuration from 127.0.0.1")
    assert 0 <= told[0][1].step < told[0][1].steps
    chores.stop()
    until(lambda: chores.present is None)  # the second one was the same


def _halting(server: Server) -> Iterator[bytes]:
    yield b"{"
    server.leaving.wait(20)


def test_a_folder_needs_none(studio: Studio) -> None:
    noticed: list[Notice] = heard(studio.noticed)
    studio.session.choose(next(model for model in studio.shelf.models if model.name == "starter"))
    studio.session.width = studio.session.height = 64
    studio.generate()
    until(lambda: bool(studio.results.all))
    assert not any(notice.kind is Kind.WARNING for notice in noticed)
