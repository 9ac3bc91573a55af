"""Contents: what a file is found to hold."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.canvas.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Contents:
    """The document, its pixels in sRGB; the colour profile for exporting; and, in words, what could not be kept."""

    snapshot: Snapshot
    profile: bytes | None = None
    notices: tuple[str, ...] = ()
