"""Embeddings of textual inversion: a few vectors, as wide as the text encoder they are for."""

from __future__ import annotations

from desktop.models.contents import Contents
from desktop.models.signatures.signature import Told

WIDTHS = {768: "sd15", 1024: "sd2", 1280: "sdxl"}
MOST_TENSORS, MOST_VECTORS = 8, 256
NAMES = ("emb_params", "string_to_param")  # as A1111's are called; those of diffusers by the word that calls them
PAIRS = ({"clip_l", "clip_g"}, {"text_encoders_0", "text_encoders_1"})  # of SDXL, which has two encoders


def told(contents: Contents) -> Told | None:
    """None for what is no embedding."""
    if not 0 < len(contents.tensors) <= MOST_TENSORS:
        return None
    names = set(contents.tensors)
    if any(pair <= names for pair in PAIRS):
        return Told("embedding", "sdxl", alike=("sdxl",))
    widths = {name: shape[-1] for name in names if _are_vectors(shape := contents.shape(name))}
    named = [name for name in widths if name.startswith(NAMES) or name in ("clip_l", "clip_g")]
    alone = [name for name in widths if len(names) == 1 and widths[name] in WIDTHS]
    found = next(iter(named or alone), None)
    if found is None:
        return None
    family = WIDTHS.get(widths[found], "")
    return Told("embedding", family, alike=(family,) if family else ())


def _are_vectors(shape: tuple[int, ...]) -> bool:
    return len(shape) == 1 or (len(shape) == 2 and shape[0] <= MOST_VECTORS)
