"""Notes: what the site has told of a model is kept beside it, where the catalog and other tools look for it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.errors import UserError
from desktop.models.getting.client import Client
from desktop.models.getting.offer import Choice, Offer, Use
from desktop.models.getting.stop import Stop, Stopped
from desktop.paths import write_atomically

ENDING = ".civitai.info"  # as Civitai Helper calls it; other tools read it, too
PICTURES = {
    b"\x89PNG": ".preview.png",
    b"\xff\xd8\xff": ".preview.jpeg",
    b"RIFF": ".preview.webp",
}  # by their first bytes


def about(offer: Offer, choice: Choice) -> tuple[dict[str, Any], str]:
    """The note as JSON, and the address of a picture for everybody to see, or nothing."""
    forbidden = {"allowCommercialUse": "None"} if offer.license.use is Use.NON_COMMERCIAL else {}
    note = {
        "name": choice.name,
        "baseModel": choice.base,
        "trainedWords": list(choice.triggers),
        "model": {"name": offer.name, "nsfw": offer.adult, **forbidden},
        "creator": offer.author,
        "license": offer.license.name,
        "source": offer.page,
    }
    samples = (*choice.samples, *offer.samples)
    return note, next((sample.url for sample in samples if not sample.adult), "")


def keep(note: Mapping[str, Any], sample: str, model: Path, client: Client, stop: Stop) -> None:
    """Beside a file; a folder has its own card. What cannot be had or written is done without: the model is there."""
    if model.is_dir():
        return
    with contextlib.suppress(OSError, UserError, Stopped):
        if note and not (written := _beside(model, ENDING)).exists():
            write_atomically(written, json.dumps(note, indent=1).encode())
        if sample and not any(_beside(model, ending).exists() for ending in PICTURES.values()):
            picture = client.picture(sample, "picture of a model", stop)
            ending = next((ending for start, ending in PICTURES.items() if picture.startswith(start)), "")
            if ending:
                write_atomically(_beside(model, ending), picture)


def _beside(model: Path, ending: str) -> Path:
    return model.with_name(f"{model.stem}{ending}")
