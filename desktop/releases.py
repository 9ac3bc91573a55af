"""Releases: the list that tells which there are; believed only where its publisher has signed it, and it is no old one.

The list is JSON with two texts: `list`, JSON again, and `signature` of exactly these bytes. The publisher signs with
packaging/releases.py; the public half of that key is a resource.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from desktop import versions
from desktop.errors import UserError
from desktop.paths import RESOURCES

KEY = RESOURCES / "releases.pem"
CONTEXT = b"sfumato releases 1\n"  # before the signed bytes: the key signs nothing else by chance
MOST_BYTES = 256 << 10
MOST_RELEASES, MOST_NEWS, MOST_TEXT = 100, 4000, 200
UNSAFE = "Nothing of it is used. Get Sfumato from where you know it."
LATER = "Nothing has changed here. Try again later."


@dataclass(frozen=True)
class Release:
    """One that can be had: from its page, which people open themselves."""

    version: str
    date: date
    news: str
    page: str


@dataclass(frozen=True)
class Releases:
    """The newest one, and the day that the list was made on."""

    newest: Release
    issued: date


def read(content: bytes, key: bytes, today: date) -> Releases:
    """Raises UserError for what is no list, is not the publisher's, or is not valid any more."""
    told = _told(_verified(content, key))
    if told.expires < today:
        hint = "Somebody may be repeating an old one, or this computer's clock is wrong."
        raise UserError("The list of releases is out of date.", hint)
    return told.releases


def newer(releases: Releases, running: str, seen: date | None) -> Release | None:
    """The newest release, if it is newer than what runs. Raises UserError for a list older than one seen before."""
    newest = releases.newest
    is_older = versions.numbers(newest.version) < versions.numbers(running)
    if is_older or (seen and releases.issued < seen):
        what = "this Sfumato" if is_older else "one that was seen here before"
        raise UserError(f"The list of releases is older than {what}.", "Somebody may be repeating an old one.")
    return newest if versions.numbers(newest.version) > versions.numbers(running) else None


@dataclass(frozen=True)
class _Told:
    releases: Releases
    expires: date


def _verified(content: bytes, key: bytes) -> bytes:
    """What was signed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        envelope = json.loads(content)
        signed, signature = envelope["list"].encode(), b64decode(envelope["signature"], validate=True)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
        raise UserError("The answer is no list of releases.", LATER) from None
    public = load_pem_public_key(key)
    assert isinstance(public, Ed25519PublicKey)
    try:
        public.verify(signature, CONTEXT + signed)
    except InvalidSignature:
        raise UserError("The list of releases is not signed by Sfumato's publisher.", UNSAFE) from None
    return signed


def _told(signed: bytes) -> _Told:
    try:
        data = json.loads(signed)
        every = [_release(each) for each in data["releases"][:MOST_RELEASES]]
        newest = max(every, key=lambda release: versions.numbers(release.version))
        return _Told(Releases(newest, date.fromisoformat(data["issued"])), date.fromisoformat(data["expires"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UserError("The list of releases is one that this Sfumato cannot read.", UNSAFE) from None


def _release(data: Mapping[str, Any]) -> Release:
    page = _text(data["page"], MOST_TEXT)
    if not page.startswith("https://"):
        raise ValueError(page)
    news = "\n".join(_text(line, MOST_NEWS) for line in data["news"].splitlines())[:MOST_NEWS]
    return Release(_text(data["version"], MOST_TEXT), date.fromisoformat(data["date"]), news.strip(), page)


def _text(told: str, most: int) -> str:
    """One line that can be shown."""
    return "".join(letter for letter in told.rstrip() if letter.isprintable())[:most]
