"""Names of picture files, made from a pattern: "{year}-{month}/{date}-{time}-{seed}"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from desktop.errors import UserError

FIELDS = ("year", "month", "day", "date", "time", "seed", "model", "prompt", "width", "height", "number", "name")
LONGEST = 200  # bytes of a part: file systems take 255, and endings come to it
FIELD = re.compile(r"\{([^{}]*)\}")
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')  # by any of the platforms
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # by Windows


def check(pattern: str) -> None:
    """Raises UserError where it names nothing, or a field that there is not."""
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    if unknown := [name for name in FIELD.findall(pattern) if name not in FIELDS]:
        raise UserError(f"There is no {{{unknown[0]}}} to name pictures by.", f"These can be used: {known}.")
    if "{" in FIELD.sub("", pattern) or "}" in FIELD.sub("", pattern):
        raise UserError("A curly bracket in the name is left open.", f"These can be used: {known}.")
    if not pattern.strip().strip("/\\"):
        raise UserError("The pattern names no file.", f"Write some of {known}.")


def named(pattern: str, created: float, facts: Mapping[str, Any]) -> PurePosixPath:
    """The relative path, without an ending, of a picture made at that time (seconds since 1970). Raises UserError."""
    check(pattern)
    day = datetime.fromtimestamp(created)
    moment = {"year": f"{day:%Y}", "month": f"{day:%m}", "day": f"{day:%d}", "date": f"{day:%Y%m%d}"}
    known = {**facts, **moment, "time": f"{day:%H%M%S}"}
    parts = [_filled(part, known) for part in pattern.replace("\\", "/").split("/")]
    return PurePosixPath(*[part for part in parts if part] or ["picture"])


def _filled(part: str, known: Mapping[str, Any]) -> str:
    """Never the name of a folder above, nor one that a platform refuses."""
    text = FIELD.sub(lambda found: _cut(FORBIDDEN.sub("_", str(known.get(found[1], ""))), LONGEST // 2), part)
    text = _cut(FORBIDDEN.sub("_", text), LONGEST).strip(" .")
    return f"{text}_" if RESERVED.fullmatch(text) else text


def _cut(text: str, bytes: int) -> str:
    """Never through a character."""
    return text.encode("utf-8", "ignore")[:bytes].decode("utf-8", "ignore")
