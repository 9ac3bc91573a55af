"""What metadata and names say of a file. Where its weights say something else, they count."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import takewhile

from desktop.models.contents import Contents

FAMILIES = (  # the first that a label fits; labels are those of trainers, of ModelSpec, of Civitai, or file names
    ("sdxl-refiner", "refiner"),
    ("chroma", "chroma"),
    ("flux2", r"flux[-._ ]?2|klein"),
    ("flux", r"flux|^ae$|schnell|kontext"),
    ("zimage", r"z[-_ ]?image"),
    ("qwen", "qwen"),
    ("sana", r"\bsana\b"),
    ("pixart", "pixart"),
    ("sd3", r"sd[-_ ]?v?3|stable[-_ ]diffusion[-_ ](?:v)?3"),
    ("sdxl", r"sdxl|sd[-_ ]xl|stable[-_ ]diffusion[-_ ]xl|xl(?![a-z])|pony|illustrious|noob"),
    ("sd2", r"sd[-_ ]?v?2|stable[-_ ]diffusion[-_ ]v?2"),
    ("sd15", r"sd[-_ ]?v?1|stable[-_ ]diffusion[-_ ]v?1|vae-ft|840000|560000|kl-f8"),
)
VARIANTS = (  # of names; those at the top count more
    ("edit", r"kontext|image[-_ ]edit|pix2pix"),
    ("v-prediction", r"v[-_ ]?pred"),
    ("turbo", "turbo"),
    ("lightning", r"lightning.*step|step.*lightning"),
    ("hyper", r"hyper[-_ ]?(?:sd|flux|chroma|\d|lora)"),
    ("lcm", "lcm"),
    ("dmd2", r"dmd[-_ ]?2?"),
    ("tcd", "tcd"),
)
CHECKPOINT_VARIANTS = (*VARIANTS, ("lightning", "lightning"))  # LoRAs of lightning in the sky are many
WORD = r"(?<![a-z])(?:{})(?![a-z])"
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
LONGEST_TAGS = 1_000_000  # characters of JSON
MOST_TRIGGERS, LONGEST_TRIGGER = 12, 200
TELLING = 0.6  # a tag is, if so large a share of the pictures with the most frequent one has it
EVERYWHERE = {  # in so many pictures that they call up nothing
    "1girl",
    "1boy",
    "solo",
    "man",
    "woman",
    "girl",
    "boy",
    "person",
    "looking at viewer",
    "simple background",
    "white background",
    "highres",
    "absurdres",
    "long hair",
    "short hair",
    "breasts",
    "smile",
    "open mouth",
    "blush",
    "upper body",
    "standing",
    "sitting",
    "closed mouth",
    "no humans",
    "realistic",
    "photo",
    "illustration",
    "masterpiece",
    "best quality",
    "shirt",
    "indoors",
    "outdoors",
    "multiple girls",
    "full body",
}


def family(labels: Iterable[str], alike: tuple[str, ...] = ()) -> str:
    """That of the first label that names one; with `alike`, one of those."""
    for label in labels:
        for id, pattern in FAMILIES:
            if (not alike or id in alike) and re.search(pattern, label.lower()):
                return id
    return ""


def variant(kind: str, names: Iterable[str]) -> str:
    """How a model differs that its weights do not show: in how it was trained, and in how few steps it makes."""
    plain = " ".join(CAPITAL.sub(" ", name).lower() for name in names)
    rows = VARIANTS if kind == "lora" else CHECKPOINT_VARIANTS
    return next((words for words, pattern in rows if re.search(WORD.format(pattern), plain)), "")


def prediction(contents: Contents) -> str:
    return "v-prediction" if contents.said("modelspec.prediction_type").lower().startswith("v") else ""


def triggers(contents: Contents) -> tuple[str, ...]:
    """Those that are told, or else the most frequent tags of the pictures that it was trained on."""
    told = contents.said("modelspec.trigger_phrase")
    return tidy([told]) if told else _frequent(contents.said("ss_tag_frequency"))


def tidy(words: Iterable[object]) -> tuple[str, ...]:
    """Texts of a sane length, each once."""
    texts = (word.strip().strip(",") for word in words if isinstance(word, str))
    return tuple(dict.fromkeys(text[:LONGEST_TRIGGER] for text in texts if text))[:MOST_TRIGGERS]


def _frequent(text: str) -> tuple[str, ...]:
    if not 0 < len(text) <= LONGEST_TAGS:
        return ()
    try:
        folders = json.loads(text)
        counts = _counted(tags for tags in folders.values() if isinstance(tags, dict))
        ranked = (tag for tag in sorted(counts, key=counts.__getitem__, reverse=True) if not _is_everywhere(tag))
        first = next(ranked, "")
        telling = takewhile(lambda tag: counts[tag] >= TELLING * counts[first], ranked)
        return tidy([first, *telling])
    except (ValueError, TypeError, AttributeError, RecursionError):  # no such table
        return ()


def _counted(folders: Iterable[dict[str, int]]) -> dict[str, int]:
    first, *others = (*folders, {})
    for tags in others:
        for tag, count in tags.items():
            first[tag] = first.get(tag, 0) + count
    return first


def _is_everywhere(tag: str) -> bool:
    return tag.strip().replace("_", " ").lower() in EVERYWHERE
