"""What is known of a model file, in people's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from desktop.models.entry import KINDS, SAFE, Entry
from desktop.studio.sifting import Item
from desktop.ui.gallery.words import UNITS

FAMILIES = {  # briefly
    "starter": "Built-in",
    "sd15": "SD 1.5",
    "sd2": "SD 2",
    "sdxl": "SDXL",
    "sdxl-refiner": "SDXL refiner",
    "sd3": "SD 3",
    "flux": "Flux.1",
    "flux2": "Flux.2",
    "zimage": "Z-Image",
    "qwen": "Qwen-Image",
    "chroma": "Chroma",
    "sana": "Sana",
    "pixart": "PixArt",
}
RELATIVES = {"lokr": "LoKr", "loha": "LoHa", "dora": "DoRA", "oft": "OFT"}  # of LoRA
ICONS = {
    "checkpoint": "model",
    "diffusion": "diffusion",
    "vae": "vae",
    "text_encoder": "text-encoder",
    "lora": "lora",
    "embedding": "embedding",
    "controlnet": "controlnet",
    "t2i_adapter": "adapter",
    "ip_adapter": "adapter",
    "upscaler": "upscaler",
    "motion": "motion",
    "unknown": "help",
}
MOST_TRIGGERS = 5  # briefly
AUTOV2, AUTOV3 = 10, 12  # digits of its hashes that it goes by at Civitai and in A1111


def kind(entry: Entry) -> str:
    return RELATIVES.get(entry.variant, KINDS.get(entry.kind, entry.kind))


def kinds(name: str) -> str:
    """Many of that kind."""
    return "VAEs" if name == "vae" else KINDS[name] if name == "unknown" else f"{KINDS[name]}s"


def family(name: str) -> str:
    return FAMILIES.get(name, name)


def breakable(name: str) -> str:
    """For a line that is too short for it: Qt would break it at none of these signs."""
    return re.sub(r"([_.-])", "\\1\u200b", name)


def many(count: int) -> str:
    return "One model" if count == 1 else f"{count:,} models".replace(",", "\u202f")


def weight(bytes: int) -> str:
    """Its size, with no more digits than tell anything: "6.9 GB", "228 MB"."""
    for unit, name in UNITS:
        if bytes >= unit:
            return f"{bytes / unit:.{0 if bytes >= 100 * unit else 1}f} {name}"
    return f"{bytes} bytes"


def sentence(problem: str) -> str:
    return f"{problem[:1].upper()}{problem[1:].rstrip('.')}."


def in_short(entry: Entry) -> str:
    """On one line of a card, mostly."""
    return " · ".join(filter(None, (family(entry.family), kind(entry))))


def briefly(item: Item) -> str:
    """A few lines, for tooltips and for those who cannot see it."""
    entry = item.entry
    used = f"Used for {item.used} pictures." if item.used > 1 else "Used for one picture." if item.used else ""
    lines = (
        item.title,
        f"{in_short(entry)}, {weight(entry.bytes)}",
        sentence(entry.problem) if entry.problem else "",
        ", ".join(entry.triggers[:MOST_TRIGGERS]),
        used,
        "Not for commercial use." if item.is_non_commercial else "",
        str(entry.path),
    )
    return "\n".join(filter(None, lines))


def together(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """Of many: what is the same for all, and their sum."""
    rows = (
        ("Kind", {kind(item.entry) for item in items}),
        ("Family", {family(item.entry.family) for item in items}),
        ("Size", {weight(sum(item.entry.bytes for item in items))}),
        ("Folder", {str(item.entry.path.parent) for item in items}),
    )
    return ((label, next(iter(values))) for label, values in rows if len(values) == 1 and "" not in values)


def in_full(item: Item) -> Iterator[tuple[str, str]]:
    """Labels and values, those that there are."""
    entry = item.entry
    variant = "" if entry.variant in RELATIVES else entry.variant
    rows = (
        ("Kind", kind(entry)),
        ("Family", family(entry.family)),
        ("Variant", variant),
        ("Precision", entry.precision),
        ("Quantized", entry.quantization),
        ("Size", weight(entry.bytes)),
        ("Used", f"{item.used} ×" if item.used else ""),
        ("Licence", entry.license),
        ("AutoV2", entry.hash[:AUTOV2].upper()),
        ("AutoV3", item.weights[:AUTOV3].upper() if item.entry.path.suffix.lower() in SAFE else ""),
        ("File", entry.path.name),
        ("Folder", str(entry.path.parent)),
    )
    return ((label, value) for label, value in rows if value)
