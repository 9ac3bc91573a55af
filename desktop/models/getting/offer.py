"""Offer: a model that somebody shares, as the sites tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop.models.getting.network import HUGGING_FACE


class Use(StrEnum):
    """What a licence lets people do with the pictures they make."""

    FREE = "free"
    LIMITED = "limited"  # for money only on conditions, by turnover say
    NON_COMMERCIAL = "non-commercial"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class License:
    """Its name in words, what it allows, and where all of it can be read."""

    name: str = ""
    use: Use = Use.UNKNOWN
    url: str = ""


@dataclass(frozen=True)
class Sample:
    """A picture that the model is shown by."""

    url: str
    adult: bool


@dataclass(frozen=True)
class RemoteFile:
    """A file to download. `name` may have folders; `hash` is its sha256, or git's sha1 of it, or not known."""

    name: str
    url: str
    bytes: int
    hash: str = ""


@dataclass(frozen=True)
class Choice:
    """One way to have a model: a file of its own, or all the files of a diffusers folder."""

    name: str
    files: tuple[RemoteFile, ...]
    folder: str  # below the one for models
    kind: str  # a key of KINDS
    precision: str = ""
    base: str = ""  # what the site calls its family
    triggers: tuple[str, ...] = ()
    problem: str = ""  # why it should not, or cannot be had, for people
    samples: tuple[Sample, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class Offer:
    """A model as a search finds it; how it can be had is known once its details are."""

    site: str  # a key of SITES
    id: str
    name: str
    author: str
    kind: str  # a key of KINDS
    family: str  # a key of FAMILIES, or empty
    license: License
    page: str  # where people read about it
    samples: tuple[Sample, ...] = ()
    adult: bool = False
    downloads: int = 0
    terms: str = ""  # what its authors ask for before they give it, for people
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Search:
    """What to look for, and at which site; `more` is what that one's last answer said for the next page."""

    words: str = ""
    kind: str = "checkpoint"
    more: str = ""
    site: str = HUGGING_FACE


@dataclass(frozen=True)
class Found:
    """A page of answers; `more` is empty on the last one."""

    offers: tuple[Offer, ...]
    more: str = ""
