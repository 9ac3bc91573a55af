"""Choices of a repository: which of its files make a model together, and in which precisions there is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from desktop.models.getting.offer import Choice, RemoteFile
from desktop.models.getting.places import clean

INDEX = "model_index.json"
CARD = "README.md"  # with the licence, which the catalog reads there
WEIGHTS = (".safetensors", ".sft", ".gguf")
PICKLES = (".ckpt", ".pt", ".pth", ".bin")
SMALL = (".json", ".txt", ".model", ".jinja", ".md")  # configs and tokenizers
LEFT_OUT = ("safety_checker", "feature_extractor", "image_encoder")  # components that nothing here uses
VARIANT = re.compile(r"[.-](fp16|bf16|fp8|non_ema)(?=[.-])")
PRECISION = re.compile(
    r"(fp32|fp16|bf16|f16|f32|fp8(?:_e4m3fn|_e5m2)?|i?q\d(?:_[a-z0-9]+)*|nf4|int8)(?![a-z0-9])", re.IGNORECASE
)
# Names that say nothing without their repository's.
NAMELESS = ("diffusion_pytorch_model", "pytorch_lora_weights", "model", "adapter_model", "lora", "learned_embeds")
FOLDERS = {
    "checkpoint": "checkpoints",
    "diffusion": "diffusion_models",
    "vae": "vae",
    "text_encoder": "text_encoders",
    "lora": "loras",
    "embedding": "embeddings",
    "controlnet": "controlnet",
    "t2i_adapter": "t2i_adapter",
    "ip_adapter": "ip_adapter",
    "upscaler": "upscale_models",
    "motion": "motion_modules",
    "unknown": "other",
}


def choices(name: str, kind: str, files: Sequence[RemoteFile]) -> tuple[Choice, ...]:
    """The diffusers folder in each of its precisions, then the files that are models by themselves."""
    folders = []
    if any(file.name == INDEX for file in files):
        plain = _folder(name, files, "")
        folders = [made for variant in ("fp16", "bf16") if (made := _folder(name, files, variant)) and made != plain]
        folders += [plain] if plain else []
    alone = [file for file in files if "/" not in file.name and file.name.lower().endswith((*WEIGHTS, *PICKLES))]
    return (*folders, *(_single(name, kind, file) for file in alone))


def precision_of(name: str) -> str:
    """As a file's name tells it."""
    found = PRECISION.findall(name)
    return found[-1] if found else ""


def _folder(name: str, files: Sequence[RemoteFile], variant: str) -> Choice | None:
    """With weights of that variant, where a component has them, and plain ones else."""
    by_component: dict[str, list[RemoteFile]] = {}
    kept = []
    for file in files:
        component, _, rest = file.name.partition("/")
        if component in LEFT_OUT or "/" in rest or (not rest and file.name not in (INDEX, CARD)):
            continue
        if rest.lower().endswith((*WEIGHTS, *PICKLES)) or ".safetensors.index" in rest:
            by_component.setdefault(component, []).append(file)
        elif file.name.lower().endswith(SMALL) and ".bin.index" not in rest:
            kept.append(file)
    chosen = [_weights(found, variant) for found in by_component.values()]
    if variant and not any(_variant(file.name) == variant for each in chosen for file in each):
        return None
    unsafe = any(file.name.lower().endswith(PICKLES) for each in chosen for file in each)
    problem = "Parts of it are pickles, which can hold programs." if unsafe else ""
    label = f"Folder, {variant}" if variant else "Folder"
    folder = clean(f"{name}-{variant}" if variant else name)
    files = (*kept, *(file for each in chosen for file in each))
    return Choice(label, files, folder, "checkpoint", variant, problem=problem)


def _weights(found: Sequence[RemoteFile], variant: str) -> list[RemoteFile]:
    """Of one component: safetensors before pickles, the variant before the plain ones."""
    safe = [file for file in found if not file.name.lower().endswith(PICKLES)]
    for group in (safe, found):
        for wanted in (variant, ""):
            if fits := [file for file in group if _variant(file.name) == wanted]:
                return fits
    return []


def _variant(name: str) -> str:
    found = VARIANT.search(PurePosixPath(name).name)
    return found[1] if found else ""


def _single(name: str, kind: str, file: RemoteFile) -> Choice:
    path = PurePosixPath(file.name)
    kind = "diffusion" if path.suffix.lower() == ".gguf" and kind == "checkpoint" else kind
    problem = "A pickle, which can hold a program." if path.suffix.lower() in PICKLES else ""
    own = f"{name}{path.suffix}" if path.stem in NAMELESS else file.name
    kept = RemoteFile(clean(own), file.url, file.bytes, file.hash)
    return Choice(file.name, (kept,), FOLDERS[kind], kind, precision_of(path.stem), problem=problem)
