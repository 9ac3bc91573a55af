"""Civitai: searches, versions and their files. See developer.civitai.com/docs/api/public-rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlunsplit

from desktop.errors import UserError
from desktop.models.entry import KINDS as KINDS_IN_WORDS
from desktop.models.getting import told
from desktop.models.getting.answer import Refused
from desktop.models.getting.bases import family_of
from desktop.models.getting.client import Client
from desktop.models.getting.network import CIVITAI, SITES, host_of, split
from desktop.models.getting.offer import Choice, Found, License, Offer, RemoteFile, Sample, Search, Use
from desktop.models.getting.places import clean, is_harmless
from desktop.models.getting.repository import FOLDERS
from desktop.models.getting.stop import Stop

SITE = SITES[CIVITAI]
PAGE = 24  # answers
TYPES = {  # their names for ours
    "checkpoint": ("Checkpoint",),
    "lora": ("LORA", "LoCon", "DoRA"),
    "embedding": ("TextualInversion",),
    "controlnet": ("Controlnet",),
    "upscaler": ("Upscaler",),
    "vae": ("VAE",),
    "motion": ("MotionModule",),
}
KINDS = {name: kind for kind, names in TYPES.items() for name in names}
FILE_KINDS = {"VAE": "vae", "Text Encoder": "text_encoder"}  # of a file beside the model
MODELS = ("Model", "Pruned Model", "VAE", "Text Encoder", "Negative", "")  # kinds of files that are of use
ADULT_FROM = 4  # levels of a picture: 1 for everybody, 2 from 13 years, then 4, 8, 16 and 32
TAME = ("None", "Soft")  # what older answers say in their place
NON_COMMERCIAL_BASES = ("Flux.1 D", "Flux.1 Kontext", "SDXL Turbo", "Stable Cascade")  # whatever the author allows
LONGEST_QUERY = 4000
DOWNLOADS = "/api/download/"


def search(client: Client, wanted: Search, stop: Stop | None = None) -> Found:
    """A page of models, those that most people have taken first. Raises UserError and Stopped."""
    asked = [("limit", str(PAGE)), ("sort", "Most Downloaded"), ("nsfw", "true")]
    asked += [("types", name) for name in TYPES.get(wanted.kind, ("Checkpoint",))]
    asked += [("query", wanted.words)] if wanted.words else []
    home = client.network.address(CIVITAI)
    answer = client.json(f"{home}/api/v1/models", "search for models", parse_qsl(wanted.more) or asked, stop)
    told.insist(isinstance(told.at(answer, "items"), list), SITE)
    offers = [_offer(each, home) for each in told.items(answer, "items") if told.number(each, "id")]
    return Found(tuple(offers), _query(told.at(answer, "metadata", "nextPage")))


def details(client: Client, id: str, stop: Stop | None = None) -> Offer:
    """With all its versions. Raises UserError and Stopped."""
    if not id.isdecimal():
        raise UserError(f"{id[:80]!r} is no model of Civitai.", "Its address ends in models/ and a number.")
    home = client.network.address(CIVITAI)
    answer = client.json(f"{home}/api/v1/models/{id}", "details of a model", (), stop)
    told.insist(told.number(answer, "id") > 0, SITE)
    return _offer(answer, home)


def by_hash(client: Client, hash: str, stop: Stop | None = None) -> Offer:
    """The model that a file belongs to, by its sha256, AutoV2 or AutoV3. Raises UserError and Stopped."""
    home = client.network.address(CIVITAI)
    version = client.json(f"{home}/api/v1/model-versions/by-hash/{quote(hash)}", "details of a file", (), stop)
    return details(client, str(told.number(version, "modelId")), stop)


def refusal(refused: Refused, page: str, has_token: bool) -> UserError:
    """Why Civitai does not give it, in words that help."""
    if refused.status not in (401, 403):
        return refused
    if has_token:
        hint = f"It may be in early access, for those who pay its author, or the token is no longer good: see {page}."
        return UserError("Civitai does not give you this file.", hint)
    hint = "Make an API key in your account there, and give it under Accounts."
    return UserError("Civitai gives this file only to people with an account.", hint)


# ---------------------------------------------------------------- inside


def _query(address: Any) -> str:
    """Of the next page; the rest of the address is known."""
    there = split(address) if isinstance(address, str) and len(address) < LONGEST_QUERY else None
    return there.query if there else ""


def _offer(data: Mapping[str, Any], home: str) -> Offer:
    versions = told.items(data, "modelVersions")
    base = told.text(versions[0], "baseModel") if versions else ""
    id, adult = told.number(data, "id"), told.at(data, "nsfw") is True
    kind = KINDS.get(told.text(data, "type"), "unknown")
    return Offer(
        site=CIVITAI,
        id=str(id),
        name=told.text(data, "name") or str(id),
        author=told.text(data, "creator", "username"),
        kind=kind,
        family=family_of(base),
        license=_license(data, base, f"{home}/models/{id}"),
        page=f"{home}/models/{id}",
        samples=_samples(versions[0], adult) if versions else (),
        adult=adult,
        downloads=told.number(data, "stats", "downloadCount"),
        choices=tuple(choice for version in versions for choice in _choices(version, kind, adult, home)),
    )


def _license(data: Mapping[str, Any], base: str, page: str) -> License:
    allowed = told.at(data, "allowCommercialUse")
    uses = set(told.texts({"": allowed}, "") or re.findall(r"\w+", told.text({"": allowed}, "")))
    credit = ", whose name must be given" if told.at(data, "allowNoCredit") is False else ""
    if base.startswith(NON_COMMERCIAL_BASES) or (allowed is not None and not uses & {"Image", "Sell"}):
        return License(f"The author's terms{credit}", Use.NON_COMMERCIAL, page)
    if allowed is None:
        return License("", Use.UNKNOWN, page)
    return License(f"The author's terms{credit}", Use.FREE, page)


def _samples(version: Mapping[str, Any], adult: bool) -> tuple[Sample, ...]:
    pictures = [each for each in told.items(version, "images") if told.text(each, "type") in ("", "image")]
    found = [(told.text(each, "url"), _is_adult(each)) for each in pictures]
    return tuple(Sample(url, adult or own) for url, own in found if host_of(url))[:8]


def _is_adult(picture: Mapping[str, Any]) -> bool:
    """What is not known to be tame is taken for adult."""
    if level := told.number(picture, "nsfwLevel"):
        return level >= ADULT_FROM
    return told.text(picture, "nsfw") not in TAME and told.at(picture, "nsfw") is not False


def _choices(version: Mapping[str, Any], kind: str, adult: bool, home: str) -> Iterator[Choice]:
    """Each file of a version that is of use; the author's favourite first."""
    files = sorted(told.items(version, "files"), key=lambda file: told.at(file, "primary") is not True)
    label = told.text(version, "name")
    for file in files:
        address, kilobytes = split(told.text(file, "downloadUrl")), told.at(file, "sizeKB")
        if (
            not told.number(file, "sizeKB")
            or not address
            or not address.path.startswith(DOWNLOADS)
            or told.text(file, "type") not in MODELS
        ):
            continue
        url = urlunsplit(("", "", address.path, address.query, ""))
        name, own = clean(told.text(file, "name")), FILE_KINDS.get(told.text(file, "type"), kind)
        remote = RemoteFile(name, f"{home}{url}", round(kilobytes * 1024), told.text(file, "hashes", "SHA256").lower())
        precision = told.text(file, "metadata", "fp")
        words = (label, told.text(file, "metadata", "size"), precision, "" if own == kind else KINDS_IN_WORDS[own])
        yield Choice(
            " · ".join(word for word in words if word),
            (remote,),
            FOLDERS[own],
            own,
            precision,
            told.text(version, "baseModel"),
            told.texts(version, "trainedWords"),
            _problem(version, name),
            _samples(version, adult),
        )


def _problem(version: Mapping[str, Any], name: str) -> str:
    if told.text(version, "availability") == "EarlyAccess":
        end = told.text(version, "earlyAccessEndsAt")[:10]
        return f"In early access{f' until {end}' if end else ''}: for those who pay its author."
    return "" if is_harmless(name) else "A pickle, which can hold a program."
