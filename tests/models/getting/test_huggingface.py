"""The hub: searches, choices of a repository, and what its refusals mean."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.errors import UserError
from desktop.models.getting import huggingface
from desktop.models.getting.client import Client
from desktop.models.getting.offer import Offer, Search, Use
from desktop.models.getting.repository import precision_of
from tests.models.getting.answers import BLOB, FILES, REPOSITORY, REVISION, SHA, details, repository, sibling
from tests.models.getting.server import Reply, Server, as_json

SEARCH, DETAILS = "/api/models", f"/api/models/{REPOSITORY}"


def found(client: Client, server: Server, **changes: Any) -> Offer:
    server.routes[SEARCH] = as_json([repository(**changes)])
    return huggingface.search(client, Search("xl")).offers[0]


def test_a_search_tells_what_a_card_shows(client: Client, server: Server) -> None:
    offer = found(client, server)
    assert (offer.name, offer.author, offer.family, offer.kind) == (
        "stable-diffusion-xl-base-1.0",
        "stabilityai",
        "sdxl",
        "checkpoint",
    )
    assert (offer.license.name, offer.license.use) == ("CreativeML OpenRAIL++-M", Use.FREE)
    assert offer.page == f"{server.address}/{REPOSITORY}"
    assert [sample.url for sample in offer.samples] == [f"{server.address}/{REPOSITORY}/resolve/main/pipeline.png"]
    assert (offer.adult, offer.terms, offer.downloads) == (False, "", 2_345_678)


@pytest.mark.parametrize(("kind", "filter"), [("checkpoint", "diffusers"), ("lora", "lora"), ("diffusion", "gguf")])
def test_a_search_asks_for_what_is_wanted(client: Client, server: Server, kind: str, filter: str) -> None:
    server.routes[SEARCH] = as_json([])
    huggingface.search(client, Search("old film & grain", kind))
    asked = dict(server.asked[0].query)
    assert (asked["search"], asked["filter"], asked["sort"]) == ("old film & grain", filter, "downloads")


def test_a_search_goes_on_where_its_page_ends(client: Client, server: Server) -> None:
    link = f'<{server.address}{SEARCH}?limit=24&cursor=abc%3D%3D>; rel="next"'
    server.routes[SEARCH] = [as_json([repository()], Link=link), as_json([repository(id="a/b")])]
    first = huggingface.search(client, Search("xl"))
    second = huggingface.search(client, Search("xl", more=first.more))
    assert dict(server.asked[1].query)["cursor"] == "abc=="
    assert (second.offers[0].id, second.more) == ("a/b", "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cardData": {"license": "other", "license_name": "flux-1-dev-non-commercial-license"}}, Use.NON_COMMERCIAL),
        ({"cardData": {"license": "other", "license_name": "sai-nc-community"}}, Use.NON_COMMERCIAL),
        ({"cardData": {"license": "other", "license_name": "stabilityai-ai-community"}}, Use.LIMITED),
        ({"cardData": {"license": "cc-by-nc-4.0"}}, Use.NON_COMMERCIAL),
        ({"cardData": None, "tags": ["license:apache-2.0"]}, Use.FREE),
        ({"cardData": None, "tags": []}, Use.UNKNOWN),
    ],
)
def test_licences_are_told_with_what_they_allow(client: Client, server: Server, changes: Any, expected: Use) -> None:
    assert found(client, server, **changes).license.use == expected


def test_where_a_licence_can_be_read(client: Client, server: Server) -> None:
    card = {"license": "other", "license_name": "own", "license_link": "LICENSE.md"}
    page = f"{server.address}/{REPOSITORY}"
    assert found(client, server, cardData=card).license.url == f"{page}/blob/main/LICENSE.md"
    assert (
        found(client, server, cardData={**card, "license_link": "https://a.example/b"}).license.url
        == "https://a.example/b"
    )
    for local in ("file:///etc/passwd", "javascript:alert(1)", "tel:1"):
        assert found(client, server, cardData={**card, "license_link": local}).license.url == page


def test_gated_and_adult_ones_are_marked(client: Client, server: Server) -> None:
    offer = found(client, server, gated="auto", tags=["not-for-all-audiences"])
    assert "accept their terms" in offer.terms
    assert offer.adult
    assert offer.samples[0].adult


def test_pictures_of_the_card_come_first(client: Client, server: Server) -> None:
    card = {
        "thumbnail": "https://a.example/a.webp",
        "widget": [{"text": "a", "output": {"url": "images/my one.png"}}, 7],
    }
    root = f"{server.address}/{REPOSITORY}/resolve/main"
    assert [each.url for each in found(client, server, cardData=card).samples] == [
        "https://a.example/a.webp",
        f"{root}/images/my%20one.png",
        f"{root}/pipeline.png",
    ]


def test_details_offer_the_folder_by_precision_and_files_alone(client: Client, server: Server) -> None:
    server.routes[DETAILS] = as_json(details())
    half, full, single = huggingface.details(client, REPOSITORY).choices
    assert dict(server.asked[0].query) == {"blobs": "true"}
    assert (half.name, half.precision, half.folder) == ("Folder, fp16", "fp16", "stable-diffusion-xl-base-1.0-fp16")
    small = {
        "model_index.json",
        "README.md",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "vae/config.json",
    }
    assert {file.name for file in half.files} == small | {
        "text_encoder/model.fp16.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    }
    assert {file.name for file in full.files} == small | {
        "text_encoder/model.safetensors",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    }
    assert (single.files[0].name, single.folder, single.bytes) == (
        "sd_xl_base_1.0.safetensors",
        "checkpoints",
        6_938_078_334,
    )
    assert not any(choice.problem for choice in (half, full, single))


def test_files_are_those_of_one_moment_with_their_hashes(client: Client, server: Server) -> None:
    server.routes[DETAILS] = as_json(details())
    files = {file.name: file for file in huggingface.details(client, REPOSITORY).choices[0].files}
    weights = files["unet/diffusion_pytorch_model.fp16.safetensors"]
    assert weights.url == f"{server.address}/{REPOSITORY}/resolve/{REVISION}/{weights.name}"
    assert (weights.bytes, weights.hash) == (5135, SHA)
    assert files["model_index.json"].hash == BLOB


def test_shards_belong_together(client: Client, server: Server) -> None:
    files = [sibling("model_index.json", 9), sibling("transformer/config.json", 9)]
    files += [sibling(f"transformer/diffusion_pytorch_model-0000{i}-of-00002.safetensors", 9, SHA) for i in (1, 2)]
    files += [sibling("transformer/diffusion_pytorch_model.safetensors.index.json", 9)]
    server.routes[DETAILS] = as_json(repository(siblings=files))
    (choice,) = huggingface.details(client, REPOSITORY).choices
    assert {file.name for file in choice.files} == {file["rfilename"] for file in files}


def test_a_folder_of_pickles_is_marked(client: Client, server: Server) -> None:
    files = [
        sibling("model_index.json", 9),
        sibling("unet/diffusion_pytorch_model.bin", 9, SHA),
        sibling("m.ckpt", 9, SHA),
    ]
    server.routes[DETAILS] = as_json(repository(siblings=files))
    folder, single = huggingface.details(client, REPOSITORY).choices
    assert "pickles" in folder.problem
    assert "pickle" in single.problem


def test_files_whose_names_say_nothing_get_their_repositorys(client: Client, server: Server) -> None:
    files = [sibling("pytorch_lora_weights.safetensors", 9, SHA), sibling("film.safetensors", 9, SHA)]
    server.routes["/api/models/me/grain"] = as_json(
        repository(id="me/grain", tags=["lora", "base_model:x/FLUX.1-dev"], siblings=files)
    )
    offer = huggingface.details(client, "me/grain")
    assert (offer.kind, offer.family) == ("lora", "flux")
    assert [(choice.files[0].name, choice.folder) for choice in offer.choices] == [
        ("grain.safetensors", "loras"),
        ("film.safetensors", "loras"),
    ]


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        ("flux1-dev-Q4_K_M", "Q4_K_M"),
        ("model-bf16", "bf16"),
        ("sd3.5_medium_fp8_e4m3fn", "fp8_e4m3fn"),
        ("qwen-IQ3_XS", "IQ3_XS"),
        ("sd_xl_base_1.0", ""),
    ],
)
def test_precisions_are_read_from_names(name: str, precision: str) -> None:
    assert precision_of(name) == precision


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [("GatedRepo", 401, "know"), ("RepoNotFound", 401, "no such model"), ("", 404, "does not have this")],
)
def test_refusals_of_the_hub(client: Client, server: Server, code: str, status: int, words: str) -> None:
    server.routes[DETAILS] = Reply(status=status, headers={"X-Error-Code": code})
    with pytest.raises(UserError, match=words):
        huggingface.details(client, REPOSITORY)


def test_who_is_known_is_told_to_accept_the_terms(known: Client, server: Server) -> None:
    server.routes[DETAILS] = Reply(status=403, headers={"X-Error-Code": "GatedRepo"})
    with pytest.raises(UserError, match="accepted its terms") as told:
        huggingface.details(known, REPOSITORY)
    assert f"{server.address}/{REPOSITORY}" in told.value.hint


@pytest.mark.parametrize("id", ["../etc", "a/b/c", "", "a b", "a/b?c=d", "https://a.example"])
def test_what_is_no_repository_is_not_asked_for(client: Client, server: Server, id: str) -> None:
    with pytest.raises(UserError, match="no repository"):
        huggingface.details(client, id)
    assert server.asked == []


def test_files_with_the_longest_lists(client: Client, server: Server) -> None:
    many = [*FILES, *({"rfilename": f"{i}.txt"} for i in range(10_000))]
    server.routes[DETAILS] = as_json(repository(siblings=many))
    assert len(huggingface.details(client, REPOSITORY).choices) == 3
