"""What a diffusers folder is: its family, its size, whether it is whole. Reads headers and configs, never weights."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from desktop.errors import UserError
from desktop.models.families import FAMILIES
from desktop.models.family import Family
from desktop.models.model import Model
from desktop.models.weights import content_id, read_header
from desktop.paths import is_there

FP16 = re.compile(r"\.fp16[.-]")  # in the name of a variant's file or shard
CONFIGS = (".json", ".txt", ".model")  # of configs and tokenizers


def identify_folder(folder: Path) -> Model:
    """Raises UserError where the folder is no model, or a broken one, or of a kind that does not run here."""
    if not (folder / "model_index.json").is_file():
        raise UserError(
            f"{folder} is no model folder.", "A diffusers folder holds a model_index.json; choose that folder."
        )
    index = _json(folder / "model_index.json")
    family = _family(folder, index)
    named = {part for part, entry in index.items() if isinstance(entry, list) and entry and entry[0] is not None}
    needed = {"scheduler", "tokenizer", family.denoiser, *family.parts} - set(family.optional)
    if absent := sorted(part for part in needed if part not in named or not (folder / part).is_dir()):
        raise UserError(
            f"{folder.name} lacks {', '.join(absent)}.", "The folder is incomplete; download the model again."
        )
    parts = [part for part in (family.denoiser, *family.parts) if (folder / part).is_dir()]
    files = {part: _weights(folder / part) for part in parts}
    headers = {part: [read_header(file) for file in files[part]] for part in parts}
    blocks = _blocks(folder)
    return Model(
        id=_folder_id(folder, [f for part in parts for f in files[part]]),
        name=folder.name,
        path=folder.resolve(),
        family=family,
        native=_native(folder, family, blocks),
        bytes=sum(header.bytes for group in headers.values() for header in group),
        part_values={part: sum(header.values for header in group) for part, group in headers.items()},
        decoder_width=max(blocks[:2]),
        variant="fp16" if any(FP16.search(file.name) for group in files.values() for file in group) else None,
        inpaints=_inpaints(folder, family),
        missing=tuple(sorted(part for part in named & set(family.optional) if not (folder / part).is_dir())),
    )


def _json(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(
            f"{file.parent.name}/{file.name} cannot be read: {error}", "The folder is damaged; download it again."
        ) from None
    if not isinstance(data, dict):
        raise UserError(
            f"{file.parent.name}/{file.name} is no configuration.", "The folder is damaged; download it again."
        )
    return data


def _family(folder: Path, index: dict[str, Any]) -> Family:
    """The pipeline's class names the family; the width of its text breaks ties."""
    name = index.get("_class_name")
    plain = re.sub(r"(Img2Img|Inpaint)?Pipeline$", "Pipeline", name) if isinstance(name, str) else ""
    rows = [row for row in FAMILIES.values() if row.text_to_image == plain]
    if not rows:
        known = ", ".join(row.name for row in FAMILIES.values())
        raise UserError(f"{folder.name} is a {name}, which Sfumato does not know.", f"These work: {known}.")
    width = _json(folder / rows[0].denoiser / "config.json").get("cross_attention_dim") if len(rows) > 1 else None
    return next((row for row in rows if width in row.widths), rows[0])


def _weights(part: Path) -> list[Path]:
    """The safetensors of one component: one file or its shards, the plain ones before the fp16 ones."""
    found = sorted(part.glob("*.safetensors"))
    if plain := [file for file in found if not FP16.search(file.name)]:
        found = plain
    if not found:
        unsafe = any(file.suffix in (".bin", ".ckpt", ".pt", ".pth") for file in part.iterdir())
        reason = "holds its weights as pickles, which may run code" if unsafe else "holds no weights"
        raise UserError(f"{part.parent.name}/{part.name} {reason}.", "Get the model as safetensors.")
    for index in part.glob("*.safetensors.index*.json"):
        shards = _json(index).get("weight_map")
        if not isinstance(shards, dict) or not all(isinstance(name, str) for name in shards.values()):
            raise UserError(
                f"{part.name}/{index.name} is no list of files.", "The folder is damaged; download it again."
            )
        if absent := sorted({name for name in shards.values() if not is_there(part / name)}):
            raise UserError(
                f"{part.name} lacks {', '.join(absent)}.", "The download is incomplete; fetch the model again."
            )
    return found


def _inpaints(folder: Path, family: Family) -> bool:
    """Whether the denoiser takes a mask and what it leaves to see beside the latents. Raises UserError for others."""
    channels = _json(folder / family.denoiser / "config.json").get("in_channels", 4)
    latent = _json(folder / "vae" / "config.json").get("latent_channels", 4)
    if channels == latent:
        return False
    if family.denoiser == "unet" and isinstance(latent, int) and channels == 2 * latent + 1:
        return True
    hint = "Choose the ordinary model of the same name."
    raise UserError(f"{folder.name} takes {channels} channels: a model for editing, which does not run here.", hint)


def _blocks(folder: Path) -> list[int]:
    """The channels of the VAE's levels; those of Stable Diffusion where the config leaves them out."""
    blocks = _json(folder / "vae" / "config.json").get("block_out_channels", [128, 256, 512, 512])
    if not isinstance(blocks, list) or not blocks or not all(type(width) is int and width > 0 for width in blocks):
        raise UserError("vae/config.json names no channels.", "The folder is damaged; download it again.")
    return blocks


def _native(folder: Path, family: Family, blocks: list[int]) -> int:
    """The latent's side times the VAE's factor; a config that leaves it out means the family's usual size."""
    side = _json(folder / family.denoiser / "config.json").get("sample_size")
    if not isinstance(side, int):
        return family.native
    return max(64, side * 2 ** (len(blocks) - 1) // family.size_step * family.size_step)


def _folder_id(folder: Path, weights: list[Path]) -> str:
    digest = hashlib.sha256()
    configs = [file for file in folder.glob("*/*") if file.suffix in CONFIGS]
    for file in sorted([folder / "model_index.json", *configs, *weights]):
        try:
            content = content_id(file) if file in weights else hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            message = f"{file.parent.name}/{file.name} cannot be read: {error.strerror}."
            raise UserError(message, "The folder is incomplete; download the model again.") from None
        digest.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()
