"""What is kept beside a model that was downloaded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.models.getting import civitai
from desktop.models.getting.client import Client
from desktop.models.getting.download import Order
from desktop.models.getting.offer import License, Offer, Sample, Use
from desktop.models.sidecars import read_beside
from tests.models.getting.answers import file, model, version
from tests.models.getting.server import Reply, Server, as_json
from tests.models.getting.things import CONTENT, got, stored

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def offer(client: Client, server: Server) -> Offer:
    """Of one file, with an adult picture and one for everybody."""
    content = stored(server)
    remote = file(sizeKB=len(CONTENT) / 1024, hashes={"SHA256": content.hash.upper()})
    server.routes["/api/v1/models/43331"] = as_json(model(modelVersions=[version(files=[remote], images=[])]))
    server.routes["/api/download/models/176425"] = content
    found = civitai.details(client, "43331")
    samples = (Sample(f"{server.address}/adult.png", True), Sample(f"{server.address}/tame.png", False))
    return replace(found, samples=samples)


def test_licence_triggers_and_picture_are_kept(client: Client, server: Server, offer: Offer, tmp_path: Path) -> None:
    server.routes["/tame.png"] = Reply(PNG)
    path = got(Order.of(offer, offer.choices[0]), tmp_path, client)[-1]
    assert path == tmp_path / "checkpoints" / "majicmixRealistic_v7.safetensors"
    stem = tmp_path / "checkpoints" / "majicmixRealistic_v7"
    note = json.loads(stem.with_name(stem.name + ".civitai.info").read_text())
    assert note["trainedWords"] == ["majic"]
    assert note["model"]["name"] == "majicMIX realistic"
    assert note["license"] == "The author's terms"
    assert note["source"] == f"{server.address}/models/43331"
    assert stem.with_name(stem.name + ".preview.png").read_bytes() == PNG
    assert "/adult.png" not in server.paths()
    assert isinstance(path, Path)
    beside = read_beside(path)
    assert (beside.title, beside.triggers, beside.labels) == ("majicMIX realistic", ("majic",), ("SD 1.5",))
    assert beside.license == "The author's terms"
    assert beside.preview == stem.with_name(stem.name + ".preview.png")


def test_the_catalog_hears_what_may_not_be_sold(client: Client, server: Server, offer: Offer, tmp_path: Path) -> None:
    bought = replace(offer, license=License("The author's terms", Use.NON_COMMERCIAL), samples=())
    path = got(Order.of(bought, bought.choices[0]), tmp_path, client)[-1]
    assert isinstance(path, Path)
    assert "no commercial use" in read_beside(path).license


@pytest.mark.parametrize("answer", [Reply(status=404), Reply(b"<html>no picture"), Reply(b"")])
def test_without_its_picture_the_model_is_there_all_the_same(
    client: Client, server: Server, offer: Offer, tmp_path: Path, answer: Reply
) -> None:
    server.routes["/tame.png"] = answer
    assert got(Order.of(offer, offer.choices[0]), tmp_path, client)[-1].exists()  # type: ignore[union-attr]
    assert not [*tmp_path.rglob("*.preview*")]


def test_notes_of_others_stay_as_they_are(client: Client, server: Server, offer: Offer, tmp_path: Path) -> None:
    stem = tmp_path / "checkpoints" / "majicmixRealistic_v7"
    stem.parent.mkdir()
    mine = [stem.with_name(stem.name + ending) for ending in (".civitai.info", ".preview.jpeg")]
    for each in mine:
        each.write_text("mine")
    got(Order.of(offer, offer.choices[0]), tmp_path, client)
    assert [each.read_text() for each in mine] == ["mine", "mine"]
    assert "/tame.png" not in server.paths()
