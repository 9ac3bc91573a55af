"""What kind of file names and shapes belong to, for which family: rows, not code, but for LoRAs and embeddings."""

from __future__ import annotations

from desktop.models.contents import Contents
from desktop.models.signatures import controls, denoisers, embeddings, loras, parts, upscalers
from desktop.models.signatures.signature import Told

__all__ = ["Told", "tell"]
ROWS = (*controls.ROWS, *denoisers.ROWS, *parts.ROWS, *upscalers.ROWS)


def tell(contents: Contents) -> Told:
    """By the first row that fits."""
    for row in ROWS:
        if told := row.told(contents):
            return told
    return loras.told(contents) or embeddings.told(contents) or Told()
