"""Licences by the names that the hub gives them, and what they allow in short."""

from __future__ import annotations

from desktop.models.getting.offer import License, Use

KNOWN = {
    "apache-2.0": ("Apache 2.0", Use.FREE),
    "mit": ("MIT", Use.FREE),
    "cc0-1.0": ("CC0", Use.FREE),
    "cc-by-4.0": ("CC BY 4.0", Use.FREE),
    "cc-by-sa-4.0": ("CC BY-SA 4.0", Use.FREE),
    "creativeml-openrail-m": ("CreativeML OpenRAIL-M", Use.FREE),
    "openrail": ("OpenRAIL", Use.FREE),
    "openrail++": ("CreativeML OpenRAIL++-M", Use.FREE),
    "bigscience-openrail-m": ("BigScience OpenRAIL-M", Use.FREE),
    "faipl-1.0-sd": ("Fair AI Public License 1.0-SD", Use.LIMITED),
    "stabilityai-ai-community": ("Stability AI Community", Use.LIMITED),
    "stabilityai-community": ("Stability AI Community", Use.LIMITED),
}
NON_COMMERCIAL = ("non-commercial", "noncommercial", "-nc", "nc-", "research", "personal")


def license_of(name: str, url: str = "") -> License:
    """By its name on the hub, or as its authors call it."""
    key = name.lower()
    if key in KNOWN:
        words, use = KNOWN[key]
        return License(words, use, url)
    nc = any(part in key for part in NON_COMMERCIAL)
    return License(name, Use.NON_COMMERCIAL if nc else Use.UNKNOWN, url)
