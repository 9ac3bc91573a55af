"""Civitai: searches, versions, ratings, licences and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.errors import UserError
from desktop.models.getting import civitai
from desktop.models.getting.answer import Refused
from desktop.models.getting.client import Client
from desktop.models.getting.offer import Offer, Search, Use
from tests.models.getting.answers import file, model, picture, version
from tests.models.getting.server import Reply, Server, as_json

SEARCH, DETAILS = "/api/v1/models", "/api/v1/models/43331"


def found(client: Client, server: Server, **changes: Any) -> Offer:
    server.routes[SEARCH] = as_json({"items": [model(**changes)], "metadata": {}})
    return civitai.search(client, Search("portrait")).offers[0]


def test_a_search_tells_all_that_there_is(client: Client, server: Server) -> None:
    offer = found(client, server)
    assert (offer.id, offer.name, offer.author, offer.family) == ("43331", "majicMIX realistic", "Merjic", "sd15")
    assert offer.page == f"{server.address}/models/43331"
    choice, pickle = offer.choices
    assert (choice.name, choice.precision, choice.folder) == ("v7 · pruned · fp16", "fp16", "checkpoints")
    assert choice.triggers == ("majic",)
    (remote,) = choice.files
    assert remote.url == f"{server.address}/api/download/models/176425"
    assert (remote.bytes, remote.hash) == (2_132_625_894, "7c819b6d" * 8)
    assert (choice.problem, "pickle" in pickle.problem) == ("", True)


def test_a_search_asks_for_what_is_wanted(client: Client, server: Server) -> None:
    server.routes[SEARCH] = as_json({"items": []})
    civitai.search(client, Search("film grain", "lora"))
    asked = server.asked[0].query
    assert ("query", "film grain") in asked
    assert [value for name, value in asked if name == "types"] == ["LORA", "LoCon", "DoRA"]


def test_a_search_goes_on_where_its_page_ends(client: Client, server: Server) -> None:
    more = "https://civitai.com/api/v1/models?limit=24&types=LORA&types=DoRA&cursor=1%7C2"
    server.routes[SEARCH] = [as_json({"items": [], "metadata": {"nextPage": more}}), as_json({"items": []})]
    first = civitai.search(client, Search("a"))
    assert civitai.search(client, Search("a", more=first.more)).more == ""
    assert server.asked[1].query == [("limit", "24"), ("types", "LORA"), ("types", "DoRA"), ("cursor", "1|2")]


@pytest.mark.parametrize(
    ("shown", "adult"),
    [
        ({"nsfwLevel": 1}, False),
        ({"nsfwLevel": 2}, False),
        ({"nsfwLevel": 4}, True),
        ({"nsfwLevel": 16}, True),
        ({"nsfwLevel": None, "nsfw": "None"}, False),
        ({"nsfwLevel": None, "nsfw": "Soft"}, False),
        ({"nsfwLevel": None, "nsfw": "Mature"}, True),
        ({"nsfwLevel": "nonsense", "nsfw": False}, False),
        ({"nsfwLevel": "nonsense", "nsfw": True}, True),
        ({"nsfwLevel": None}, True),
    ],
)
def test_pictures_that_are_not_known_to_be_tame_are_adult(
    client: Client, server: Server, shown: Any, adult: bool
) -> None:
    offer = found(client, server, modelVersions=[version(images=[picture(1, **shown)])])
    assert [sample.adult for sample in offer.samples] == [adult]


def test_all_pictures_of_an_adult_model_are_adult(client: Client, server: Server) -> None:
    offer = found(client, server, nsfw=True)
    assert offer.adult
    assert all(sample.adult for sample in offer.samples)


def test_videos_are_no_pictures(client: Client, server: Server) -> None:
    assert [sample.url[-6:] for sample in found(client, server).samples] == ["8.jpeg", "1.jpeg", "4.jpeg"]


@pytest.mark.parametrize(
    ("changes", "use"),
    [
        ({"allowCommercialUse": ["Image"]}, Use.FREE),
        ({"allowCommercialUse": "Sell"}, Use.FREE),
        ({"allowCommercialUse": "{Image,RentCivit}"}, Use.FREE),
        ({"allowCommercialUse": "None"}, Use.NON_COMMERCIAL),
        ({"allowCommercialUse": []}, Use.NON_COMMERCIAL),
        ({"allowCommercialUse": ["RentCivit"]}, Use.NON_COMMERCIAL),
        ({"allowCommercialUse": None}, Use.UNKNOWN),
        ({"allowCommercialUse": ["Image"], "modelVersions": [version(baseModel="Flux.1 D")]}, Use.NON_COMMERCIAL),
    ],
)
def test_what_pictures_may_be_used_for(client: Client, server: Server, changes: Any, use: Use) -> None:
    assert found(client, server, **changes).license.use == use


def test_early_access_is_told(client: Client, server: Server) -> None:
    early = version(availability="EarlyAccess", earlyAccessEndsAt="2026-12-24T10:00:00.000Z")
    assert "until 2026-12-24" in found(client, server, modelVersions=[early]).choices[0].problem


def test_files_beside_the_model_go_where_they_belong(client: Client, server: Server) -> None:
    files = [
        file(name="a.vae.safetensors", type="VAE", primary=False),
        file(),
        file(type="Training Data"),
        file(type="Config"),
    ]
    model, vae = found(client, server, modelVersions=[version(files=files)]).choices
    assert (model.kind, model.folder, vae.kind, vae.folder) == ("checkpoint", "checkpoints", "vae", "vae")


@pytest.mark.parametrize(
    "url", ["https://evil.example/api/download/models/1", "https://civitai.com/login", "", None, 7]
)
def test_files_are_fetched_from_the_site_only(client: Client, server: Server, url: Any) -> None:
    choices = found(client, server, modelVersions=[version(files=[file(downloadUrl=url)])]).choices
    assert all(file.url.startswith(f"{server.address}/api/download/") for choice in choices for file in choice.files)


def test_names_of_files_are_made_harmless(client: Client, server: Server) -> None:
    (choice,) = found(client, server, modelVersions=[version(files=[file(name="../../a:b.safetensors")])]).choices
    assert choice.files[0].name == "_.._a_b.safetensors"


def test_a_file_is_found_by_its_hash(client: Client, server: Server) -> None:
    server.routes["/api/v1/model-versions/by-hash/7C819B6D13"] = as_json(version())
    server.routes[DETAILS] = as_json(model())
    assert civitai.by_hash(client, "7C819B6D13").name == "majicMIX realistic"


@pytest.mark.parametrize(("status", "words"), [(401, "an account"), (404, "does not have this")])
def test_refusals_of_civitai(client: Client, server: Server, status: int, words: str) -> None:
    server.routes[DETAILS] = Reply(status=status)
    with pytest.raises(Refused) as refused:
        civitai.details(client, "43331")
    assert words in civitai.refusal(refused.value, "its page", has_token=False).message


def test_who_is_known_hears_of_early_access() -> None:
    assert "early access" in civitai.refusal(Refused(403, "", "", ""), "its page", has_token=True).hint


@pytest.mark.parametrize("id", ["", "-1", "1/2", "../1", "abc"])
def test_what_is_no_model_is_not_asked_for(client: Client, server: Server, id: str) -> None:
    with pytest.raises(UserError, match="no model"):
        civitai.details(client, id)
    assert server.asked == []
