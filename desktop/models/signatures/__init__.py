"""What kind of file names and shapes belong to, for which family: rows, not code, but for LoRAs and embeddings."""

from __future__ import annotations

from collections import defaultdict

from desktop.models.contents import Contents
from desktop.models.signatures import controls, denoisers, embeddings, loras, parts, upscalers
from desktop.models.signatures.signature import Told

__all__ = ["Told", "tell"]
ROWS = (*controls.ROWS, *denoisers.ROWS, *parts.ROWS, *upscalers.ROWS)

FIRST_KEYS: dict[str, list[tuple[int, str]]] = defaultdict(
    list
)  # the places of rows, with a prefix each, by the full name of their first key
for place, row in enumerate(ROWS):
    for prefix in row.prefixes:
        FIRST_KEYS[prefix + row.keys[0]].append((place, prefix))


def tell(contents: Contents) -> Told:
    """By the first row that fits."""
    found = FIRST_KEYS.keys() & contents.tensors.keys()
    for place, prefix in sorted(each for key in found for each in FIRST_KEYS[key]):
        if told := ROWS[place].told(contents, prefix):
            return told
    return loras.told(contents) or embeddings.told(contents) or Told()
