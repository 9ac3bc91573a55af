"""Hugging Face: searches, and what a repository offers. See huggingface.co/docs/hub/api."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from desktop.errors import UserError
from desktop.models.getting import told
from desktop.models.getting.answer import Refused
from desktop.models.getting.bases import family_of
from desktop.models.getting.client import Client
from desktop.models.getting.licenses import license_of
from desktop.models.getting.network import HUGGING_FACE, SITES, host_of, joined
from desktop.models.getting.offer import Found, License, Offer, RemoteFile, Sample, Search
from desktop.models.getting.repository import choices
from desktop.models.getting.stop import Stop

SITE = SITES[HUGGING_FACE]
PAGE = 24  # answers
FILTERS = {  # what authors tag their models with
    "checkpoint": "diffusers",
    "diffusion": "gguf",
    "lora": "lora",
    "controlnet": "controlnet",
    "ip_adapter": "ip-adapter",
    "embedding": "textual_inversion",
}
KINDS = {"lora": "lora", "controlnet": "controlnet", "ip-adapter": "ip_adapter", "textual_inversion": "embedding"}
ID = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?")
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
ADULT = "not-for-all-audiences"  # a tag
TERMS = {
    "auto": "Its authors ask you to accept their terms, on its page.",
    "manual": "Its authors decide who may have it: ask them on its page.",
}


def search(client: Client, wanted: Search, stop: Stop | None = None) -> Found:
    """A page of repositories, the most downloaded first. Raises UserError and Stopped."""
    asked = {
        "search": wanted.words,
        "filter": FILTERS.get(wanted.kind, "diffusers"),
        "sort": "downloads",
        "direction": -1,
        "limit": PAGE,
        "full": "true",
        "cardData": "true",
        **dict(parse_qsl(wanted.more)),
    }
    home = client.network.address(HUGGING_FACE)
    answer, more = client.listing(f"{home}/api/models", "search for models", asked, stop)
    told.insist(isinstance(answer, list), SITE)
    named = [each for each in told.items({"": answer}, "") if ID.fullmatch(told.text(each, "id"))]
    return Found(tuple(_offer(each, home, wanted.kind) for each in named), more)


def details(client: Client, id: str, stop: Stop | None = None) -> Offer:
    """With all its choices. Raises UserError and Stopped."""
    if not ID.fullmatch(id):
        raise UserError(f"{id[:80]!r} is no repository.", "Give it as owner/name.")
    home = client.network.address(HUGGING_FACE)
    try:
        answer = client.json(f"{home}/api/models/{quote(id)}", "details of a model", {"blobs": "true"}, stop)
    except Refused as refused:
        raise refusal(refused, f"{home}/{id}", bool(client.network.tokens.get(HUGGING_FACE))) from None
    told.insist(ID.fullmatch(told.text(answer, "id")) is not None, SITE)
    return _offer(answer, home, "", [*_files(answer, home)])


def refusal(refused: Refused, page: str, has_token: bool) -> UserError:
    """Why the hub does not give it, in words that help."""
    if refused.status not in (401, 403):
        return refused
    if refused.code == "RepoNotFound":
        return UserError(
            "Hugging Face has no such model, or it is not for everybody.", "Look whether its name is right."
        )
    if has_token:
        hint = f"Accept its terms at {page} with the account of your token; the token must be allowed to read."
        return UserError("Hugging Face gives this model only to those who have accepted its terms.", hint)
    hint = f"Accept its terms at {page}, make a token there that may read, and give it under Accounts."
    return UserError("Hugging Face gives this model only to people whom it knows.", hint)


# ---------------------------------------------------------------- inside


def _offer(data: Mapping[str, Any], home: str, wanted: str, files: list[RemoteFile] | None = None) -> Offer:
    id = told.text(data, "id")
    author, _, name = id.rpartition("/")
    tags = told.texts(data, "tags")
    kind = next((KINDS[tag] for tag in tags if tag in KINDS), wanted or "checkpoint")
    based = [tag for tag in tags if tag.startswith("base_model:")]
    return Offer(
        site=HUGGING_FACE,
        id=id,
        name=name,
        author=author,
        kind=kind,
        family=family_of(id, *based),
        license=_license(data, tags, f"{home}/{id}"),
        page=f"{home}/{id}",
        samples=tuple(_samples(data, f"{home}/{quote(id)}/resolve/main/", ADULT in tags))[:4],
        adult=ADULT in tags,
        downloads=told.number(data, "downloads"),
        terms=TERMS.get(told.text(data, "gated"), ""),
        choices=choices(name, kind, files or []),
    )


def _license(data: Mapping[str, Any], tags: tuple[str, ...], page: str) -> License:
    """Its authors' own name for it counts where the hub has none, and where they point is followed to sites alone."""
    tagged = next((tag.removeprefix("license:") for tag in tags if tag.startswith("license:")), "")
    name = told.text(data, "cardData", "license") or tagged
    own = told.text(data, "cardData", "license_name")
    link = told.text(data, "cardData", "license_link")
    there = joined(f"{page}/blob/main/", link) if link else page
    return license_of(own if own and name in ("", "other") else name, there if host_of(there) else page)


def _samples(data: Mapping[str, Any], root: str, adult: bool) -> Iterator[Sample]:
    """The picture on its card, those of its examples, and pictures among its files."""
    shown = [told.text(data, "cardData", "thumbnail")]
    shown += [told.text(example, "output", "url") for example in told.items(data, "cardData", "widget")]
    names = [told.text(file, "rfilename") for file in told.items(data, "siblings")]
    shown += [name for name in names if name.lower().endswith(PICTURES)]
    for each in dict.fromkeys(each for each in shown if each):
        url = each if each.startswith("https://") else joined(root, quote(each))
        if host_of(url) and url.lower().endswith(PICTURES):
            yield Sample(url, adult)


def _files(data: Mapping[str, Any], home: str) -> Iterator[RemoteFile]:
    """At one moment of its history: what is downloaded in parts must not change in between."""
    id, revision = told.text(data, "id"), told.text(data, "sha") or "main"
    for file in told.items(data, "siblings"):
        name = told.text(file, "rfilename")
        size = told.number(file, "lfs", "size") or told.number(file, "size")
        if not size:
            continue  # nothing that anybody needs, or nobody knows when all of it is there
        hash = told.text(file, "lfs", "sha256").lower() or told.text(file, "blobId").lower()
        yield RemoteFile(name, f"{home}/{quote(id)}/resolve/{quote(revision)}/{quote(name)}", size, hash)
