"""Whatever a site answers: an offer, or a message that people understand."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from typing import Any

import pytest

from desktop.errors import UserError
from desktop.models.entry import KINDS
from desktop.models.getting import civitai, huggingface, sites
from desktop.models.getting.client import Client
from desktop.models.getting.download import Order
from desktop.models.getting.network import CIVITAI, HUGGING_FACE, host_of
from desktop.models.getting.offer import Offer, Search
from tests.models.getting import answers
from tests.models.getting.server import Reply, Server, as_json

ODD: list[Any] = [
    None,
    True,
    -1,
    2**70,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\x00\u202e" * 9,
    "x" * 10_000,
    [],
    {},
    [[]],
    [{}],
    {"": {}},
    "../..",
    "https://[",
]
ROUNDS = 150


def mutated(data: Any, chance: random.Random) -> Any:
    """With odd things in a few places."""
    if chance.random() < 0.03:
        return chance.choice(ODD)
    if isinstance(data, dict):
        return {key: mutated(value, chance) for key, value in data.items() if chance.random() > 0.02}
    if isinstance(data, list):
        return [mutated(value, chance) for value in data]
    return data


@pytest.mark.parametrize("part", range(4))
def test_odd_answers_do_no_harm(client: Client, server: Server, part: int) -> None:
    chance = random.Random(part)
    for _ in range(ROUNDS // 4):
        hub, civ = answers.details(), answers.model()
        server.routes["/api/models"] = as_json(mutated([hub, hub], chance))
        server.routes[f"/api/models/{answers.REPOSITORY}"] = as_json(mutated(hub, chance))
        server.routes["/api/v1/models"] = as_json(mutated({"items": [civ, civ], "metadata": {}}, chance))
        server.routes["/api/v1/models/43331"] = as_json(mutated(civ, chance))
        for site, id in ((HUGGING_FACE, answers.REPOSITORY), (CIVITAI, "43331")):
            with suppress(UserError):
                check(*sites.search(client, Search("a", site=site)).offers)
            with suppress(UserError):
                check(sites.details(site, client, id))


def check(*offers: Offer) -> None:
    """Each can be shown and ordered."""
    for offer in offers:
        assert offer.kind in KINDS
        assert all(host_of(sample.url) for sample in offer.samples)
        assert json.dumps([Order.of(offer, choice).to_json() for choice in offer.choices])


@pytest.mark.parametrize("body", [b"null", b"7", b'"x"', b"{}", b'{"items": 1}', b'{"id": []}'])
def test_answers_of_another_shape_are_told(client: Client, server: Server, body: bytes) -> None:
    server.routes["/api/models"] = server.routes["/api/v1/models"] = Reply(body)
    server.routes["/api/models/a/b"] = server.routes["/api/v1/models/1"] = Reply(body)
    for ask in (
        lambda: huggingface.search(client, Search()),
        lambda: civitai.search(client, Search()),
        lambda: huggingface.details(client, "a/b"),
        lambda: civitai.details(client, "1"),
    ):
        with pytest.raises(UserError, match="does not know"):
            ask()


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/tree/main", answers.REPOSITORY),
        (" https://civitai.com/models/43331/majicmix?modelVersionId=1", "43331"),
    ],
)
def test_an_address_of_a_page_finds_its_model(client: Client, server: Server, words: str, id: str) -> None:
    server.routes[f"/api/models/{answers.REPOSITORY}"] = as_json(answers.details())
    server.routes["/api/v1/models/43331"] = as_json(answers.model())
    for site in (HUGGING_FACE, CIVITAI):
        assert [offer.id for offer in sites.search(client, Search(words, site=site)).offers] == [id]
