"""The market: proposals, searches that replace each other, details, pictures and tokens."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from PIL import Image
from PySide6.QtCore import QObject

from desktop.models.getting.client import Patience
from desktop.models.getting.network import CIVITAI, HUGGING_FACE, Network
from desktop.models.getting.offer import Choice, Offer, RemoteFile, Sample
from desktop.studio.market import Market
from desktop.studio.online import Online
from desktop.studio.samples import Samples
from tests.models.getting.answers import REPOSITORY, details, model, repository
from tests.models.getting.server import Reply, Server, as_json, serving
from tests.studio.things import settle
from tests.ui.hands import until

TOKEN = "hf_" + "a" * 34


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        server.routes["/api/models"] = as_json([repository(), repository(id="me/other")])
        server.routes[f"/api/models/{REPOSITORY}"] = as_json(details())
        server.routes["/api/v1/models"] = as_json({"items": [model()]})
        yield server


@pytest.fixture
def online(server: Server, parent: QObject) -> Iterator[Online]:
    network = Network(hub=server.address, civitai=server.address)
    online = Online(lambda: network, Patience(pauses=(0.0,)), parent)
    yield online
    online.close()


@pytest.fixture
def market(online: Online, parent: QObject) -> Market:
    return Market(online, lambda: {"cuda:0": "NVIDIA Something, 12.0 GB"}, parent)


def offers(market: Market) -> list[Offer]:
    until(lambda: bool(market.offers))
    return [*market.offers]


def test_nothing_goes_out_until_somebody_asks(market: Market, online: Online, server: Server) -> None:
    assert len(market.proposals()) == 6
    assert server.asked == []
    assert online.connections.all() == []


def test_what_computes_counts(market: Market, online: Online) -> None:
    assert market.memory.total == 12 * 10**9
    assert market.memory.spare > 0
    assert Market(online, dict).memory.spare == 0


def test_a_search_finds_offers(market: Market, server: Server) -> None:
    market.words = "xl"
    market.search()
    assert market.is_searching
    until(lambda: not market.is_searching)
    assert [offer.id for offer in market.offers] == [REPOSITORY, "me/other"]
    market.site = CIVITAI
    market.search()
    assert market.offers == ()
    assert [offer.site for offer in offers(market)] == [CIVITAI]
    assert market.has_searched
    market.leave()
    assert (market.offers, market.words, market.has_searched, market.has_more) == ((), "", False, False)


def test_a_search_goes_on(market: Market, server: Server) -> None:
    link = f'<{server.address}/api/models?cursor=2>; rel="next"'
    second = [repository(), repository(id="me/third")]  # one of them is known: lists shift while people read
    server.routes["/api/models"] = [as_json([repository()], Link=link), as_json(second)]
    market.search()
    until(lambda: market.has_more)
    market.go_on()
    until(lambda: len(market.offers) == 2)
    assert not market.has_more


def test_a_search_does_not_wait_for_the_one_before(market: Market, server: Server) -> None:
    arrived = threading.Event()

    def silent(_: object) -> Reply:
        arrived.set()
        server.leaving.wait(20)
        return as_json([repository(id="too/late")])

    server.routes["/api/models"] = silent
    market.search()
    until(arrived.is_set)
    market.site = CIVITAI
    market.search()
    until(lambda: bool(market.offers))
    assert [offer.site for offer in market.offers] == [CIVITAI]


def test_a_search_goes_on_while_somebody_looks_at_what_is_there(market: Market, server: Server) -> None:
    link = f'<{server.address}/api/models?cursor=2>; rel="next"'
    server.routes["/api/models"] = [as_json([repository()], Link=link), as_json([repository(id="me/third")])]
    market.search()
    until(lambda: market.has_more)
    market.go_on()
    market.choose(offers(market)[0])
    until(lambda: not market.is_searching and not market.is_asking)
    assert [offer.id for offer in market.offers] == [REPOSITORY, "me/third"]
    assert market.chosen
    assert market.chosen.choices


def test_the_next_page_comes_from_the_site_that_was_searched(market: Market, server: Server) -> None:
    link = f'<{server.address}/api/models?cursor=2>; rel="next"'
    server.routes["/api/models"] = [as_json([repository()], Link=link), as_json([repository(id="me/third")])]
    market.search()
    until(lambda: market.has_more)
    market.site = CIVITAI
    market.go_on()
    until(lambda: len(market.offers) == 2)
    assert server.paths() == ["/api/models", "/api/models"]
    assert market.searched == HUGGING_FACE


def test_a_search_that_was_left_finds_nothing(market: Market, online: Online) -> None:
    market.search()
    market.leave()
    assert not market.is_searching
    settle(online.lane)
    assert (market.offers, market.has_more) == ((), False)


def test_questions_about_something_else_are_answered_all_the_same(online: Online, market: Market) -> None:
    answers: list[str] = []
    online.ask(lambda client, stop: "here", answers.append, about="something else")
    market.search()
    until(lambda: bool(market.offers))
    assert answers == ["here"]


def test_what_goes_wrong_is_told_until_the_next_search(market: Market, server: Server) -> None:
    server.routes["/api/models"] = [Reply(status=403), as_json([repository()])]
    market.search()
    until(lambda: market.problem is not None)
    assert not market.is_searching
    market.go_on()
    assert market.problem is None
    until(lambda: bool(market.offers))


def test_who_is_chosen_gets_its_details(market: Market) -> None:
    market.search()
    market.choose(offers(market)[0])
    assert market.is_asking
    until(lambda: not market.is_asking)
    assert market.chosen
    assert [choice.name for choice in market.chosen.choices][:2] == ["Folder, fp16", "Folder"]


@pytest.mark.parametrize("is_refused", [False, True])
def test_details_of_who_is_not_chosen_any_more_are_left(
    market: Market, online: Online, server: Server, is_refused: bool
) -> None:
    if is_refused:
        server.routes[f"/api/models/{REPOSITORY}"] = Reply(status=403)
    market.search()
    first, second = offers(market)
    file = RemoteFile("a.safetensors", "https://there.example", 1)
    known = replace(second, choices=(Choice("all of it", (file,), "checkpoints", "checkpoint"),))
    market.choose(first)
    market.choose(known)
    assert not market.is_asking
    settle(online.lane)
    assert market.chosen == known
    assert market.untold is None


def test_a_token_is_used_from_then_on(online: Online, market: Market, server: Server) -> None:
    lasting: list[bool] = []
    online.give_token(HUGGING_FACE, TOKEN, lasting.append)
    market.search()
    until(lambda: bool(market.offers))
    assert lasting == [False]
    assert server.asked[0].header("authorization") == f"Bearer {TOKEN}"
    known: list[object] = []
    online.know_tokens(known.append)
    until(lambda: bool(known))
    assert known == [(frozenset({HUGGING_FACE}), False)]


def picture() -> bytes:
    """Left black, right white."""
    image = Image.new("RGB", (64, 64), "black")
    image.paste("white", (32, 0, 64, 64))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("allowed", [False, True])
def test_adult_pictures_are_blurred_unless_wished_for(
    online: Online, server: Server, parent: QObject, allowed: bool
) -> None:
    server.routes["/a.png"] = server.routes["/b.png"] = Reply(picture())
    samples = Samples(online.client, lambda: allowed, parent)
    came: dict[str, object] = {}
    samples.came.connect(lambda url, side, raster: came.update({url: raster}))
    samples.wish([Sample(f"{server.address}/a.png", False), Sample(f"{server.address}/b.png", True)], 64)
    until(lambda: len(came) == 2)
    tame, adult = (len(set(raster.rgb().pixels.reshape(-1).tolist())) for raster in came.values())  # type: ignore[attr-defined]
    assert tame == 2
    assert (adult == 2) == allowed
    samples.close()


@pytest.mark.parametrize("answer", [Reply(status=404), Reply(b"no picture"), Reply(picture()[:60])])
def test_pictures_that_cannot_be_had_are_done_without(
    online: Online, server: Server, parent: QObject, answer: Reply
) -> None:
    server.routes["/a.png"] = answer
    samples = Samples(online.client, parent=parent)
    came: list[tuple[str, object]] = []
    samples.came.connect(lambda url, side, raster: came.append((url, raster)))
    samples.wish([Sample(f"{server.address}/a.png", False)], 64)
    until(lambda: bool(came))
    assert came == [(f"{server.address}/a.png", None)]
    samples.close()
