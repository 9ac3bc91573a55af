"""What is known of a picture, in people's words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from desktop.intents import INTENTS
from desktop.library.picture import Picture
from desktop.models.samplers import SAMPLERS
from desktop.ui.queue.words import duration

TOOLS = {
    "sfumato": "Sfumato",
    "a1111": "AUTOMATIC1111",
    "forge": "Forge",
    "comfyui": "ComfyUI",
    "invokeai": "InvokeAI",
    "fooocus": "Fooocus",
    "novelai": "NovelAI",
    "krita-ai": "Krita AI Diffusion",
    "draw-things": "Draw Things",
}
TASKS = {"generate": "Text to image", "refine": "Image to image"}
LONGEST = 160  # characters of a prompt, briefly
UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def briefly(picture: Picture, is_missing: bool = False) -> str:
    """A few lines, for tooltips and for those who cannot see it."""
    prompt = str(picture.fields.get("prompt", ""))
    prompt = prompt if len(prompt) <= LONGEST else f"{prompt[:LONGEST]}…"
    facts = [f"{picture.width} × {picture.height}", picture.model, "★" * picture.rating]
    lines = [prompt, ", ".join(filter(None, facts)), "The file is not there any more." if is_missing else ""]
    return "\n".join(filter(None, lines))


def in_full(picture: Picture) -> Iterator[tuple[str, str]]:
    """Labels and values, those that there are."""
    fields = picture.fields
    rows: tuple[tuple[str, Any], ...] = (
        ("Prompt", fields.get("prompt")),
        ("Negative", fields.get("negative")),
        ("Model", picture.model),
        ("LoRAs", _loras(fields.get("loras"))),
        ("Embeddings", _names(fields.get("embeddings"))),
        ("Other files", _parts(fields.get("parts"))),
        ("Clip skip", fields.get("clip_skip")),
        ("Size", f"{picture.width} × {picture.height}"),
        ("Seed", fields.get("seed")),
        ("Steps", fields.get("steps")),
        ("Guidance", fields.get("guidance")),
        ("Sampler", _sampler(fields.get("sampler"))),
        ("Task", task(picture.task)),
        ("Strength", _strength(fields.get("source"))),
        ("Made", f"{datetime.fromtimestamp(picture.created):%Y-%m-%d %H:%M}"),
        ("Took", duration(picture.seconds) if picture.seconds else None),
        ("With", TOOLS.get(picture.tool, picture.tool)),
    )
    return ((label, str(value)) for label, value in rows if value not in (None, ""))


def task(name: str) -> str:
    return TASKS.get(name) or (INTENTS[name].label if name in INTENTS else name)


def tool(name: str) -> str:
    return TOOLS.get(name, name)


def many(count: int) -> str:
    return "One picture" if count == 1 else f"{count:,} pictures".replace(",", " ")  # a narrow space


def size(bytes: int) -> str:
    """As people say it: "1.5 GB"."""
    for unit, name in UNITS:
        if bytes >= unit:
            return f"{bytes / unit:.1f} {name}"
    return f"{bytes} bytes"


def _sampler(key: Any) -> Any:
    return SAMPLERS[key].name if isinstance(key, str) and key in SAMPLERS else key


def _strength(source: Any) -> Any:
    return (
        f"{source['strength']:.2f}" if isinstance(source, dict) and isinstance(source.get("strength"), float) else None
    )


def _loras(rows: Any) -> str:
    return ", ".join(_lora(row) for row in rows or () if isinstance(row, dict))


def _lora(row: dict[str, Any]) -> str:
    """ "ink 0.8 (text 0.4, up_blocks 0.5)"."""
    blocks = row.get("blocks")
    apart = {"text": row.get("text_weight"), **(blocks if isinstance(blocks, dict) else {})}
    told = ", ".join(f"{name} {weight}" for name, weight in apart.items() if weight is not None)
    return f"{row.get('name')} {row.get('weight', '')}".strip() + (f" ({told})" if told else "")


def _names(files: Any) -> str:
    return ", ".join(files) if isinstance(files, dict) else ""


def _parts(files: Any) -> str:
    """Which components do not come from the model."""
    return _names(files).replace("_", " ").replace("vae", "VAE")
