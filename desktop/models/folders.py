"""What a diffusers folder is: its family, its size, whether it is whole. Reads headers and configs, never weights."""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.errors import UserError
from desktop.models.families import FAMILIES, other
from desktop.models.family import Family
from desktop.models.model import Model
from desktop.models.weights import content_id, opened, read_header
from desktop.paths import is_there

FP16 = re.compile(r"\.fp16[.-]")  # in the name of a variant's file or shard
CONFIGS = (".json", ".txt", ".model")  # of configs and tokenizers
LARGEST_JSON, LARGEST_CONFIG = 10_000_000, 100_000_000  # bytes; tokenizers of many languages take tens of millions
CACHED = re.compile(r"models--(.+)")  # how the Hub's cache names a model's folder


def identify_folder(folder: Path) -> Model:
    """Raises UserError where the folder is no model, or a broken one, or of a kind that does not run here."""
    if not (folder / "model_index.json").is_file():
        raise UserError(
            f"{folder} is no model folder.", "A diffusers folder holds a model_index.json; choose that folder."
        )
    index = _json(folder / "model_index.json")
    named = {part for part, entry in index.items() if isinstance(entry, list) and entry and entry[0] is not None}
    family, variants = _family(folder, index)
    needed = {"scheduler", family.denoiser, *family.tokenizers, *family.parts} - set(family.optional)
    if absent := sorted(part for part in needed if part not in named or not (folder / part).is_dir()):
        raise UserError(
            f"{folder.name} lacks {', '.join(absent)}.", "The folder is incomplete; download the model again."
        )
    _check_channels(folder, family)
    parts = [part for part in (family.denoiser, *family.parts) if (folder / part).is_dir()]
    files = {part: _weights(folder / part) for part in parts}
    headers = {part: [read_header(file) for file in files[part]] for part in parts}
    blocks = _blocks(folder)
    return Model(
        id=_folder_id(folder, [f for part in parts for f in files[part]]),
        name=title_of(folder) or folder.name,
        path=folder.resolve(),
        family=family,
        native=_native(folder, family, blocks),
        bytes=sum(header.bytes for group in headers.values() for header in group),
        part_values={part: sum(header.values for header in group) for part, group in headers.items()},
        decoder_width=max(blocks[:2]),
        variant="fp16" if any(FP16.search(file.name) for group in files.values() for file in group) else None,
        missing=tuple(sorted(part for part in family.optional if not (folder / part).is_dir())),
        variants=variants,
    )


def title_of(folder: Path) -> str:
    """Of a snapshot in the Hub's cache, whose own name is a number: that of its repository."""
    found = CACHED.fullmatch(folder.parent.parent.name) if folder.parent.name == "snapshots" else None
    return found[1].replace("--", "/", 1) if found else ""


def family_of(folder: Path) -> Family:
    """The row of a folder with a model_index.json, whatever weights it has. Raises UserError."""
    return _family(folder, _json(folder / "model_index.json"))[0]


def sizes_of(folder: Path, family: Family) -> tuple[int, int]:
    """The native side in pixels, and the channels of the VAE's decoder at full size. Raises UserError."""
    blocks = _blocks(folder)
    return _native(folder, family, blocks), max(blocks[:2])


def _json(file: Path) -> dict[str, Any]:
    try:
        with opened(file) as (stream, size):
            if size > LARGEST_JSON:
                raise ValueError(f"{size:,} bytes are too many.")
            data = json.loads(stream.read())
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(
            f"{file.parent.name}/{file.name} cannot be read: {error}", "The folder is damaged; download it again."
        ) from None
    if not isinstance(data, dict):
        raise UserError(
            f"{file.parent.name}/{file.name} is no configuration.", "The folder is damaged; download it again."
        )
    return data


def _family(folder: Path, index: dict[str, Any]) -> tuple[Family, tuple[str, ...]]:
    """The pipeline's class names the family; the width of its text breaks ties. With the names of its variants."""
    name = index.get("_class_name")
    plain = re.sub(r"(Img2Img|Inpaint)?Pipeline$", "Pipeline", name) if isinstance(name, str) else ""

    def known(key: str) -> Any:
        part, _, value = key.partition(".")
        own = {"class": plain, "name": title_of(folder) or folder.name}.get(key)
        return own or (index if part == "class" else _config(folder, part)).get(value)

    rows = [row for row in FAMILIES.values() if plain in (row.pipeline, *row.classes)]
    if not rows:
        return _other(folder, plain or str(name), index, known), ()
    width = known(f"{rows[0].denoiser}.cross_attention_dim") if len(rows) > 1 else None
    return next((row for row in rows if width in row.widths), rows[0]).varied(known)


def _other(folder: Path, name: str, index: dict[str, Any], known: Callable[[str], Any]) -> Family:
    flow = known("scheduler.prediction_type") == "flow_prediction" or "Flow" in str(known("scheduler._class_name"))
    if found := other.family(name, index, flow):
        return found
    rows = ", ".join(row.name for row in FAMILIES.values())
    raise UserError(f"{folder.name} is a {name}, which Sfumato does not know.", f"These work: {rows}.")


def _config(folder: Path, part: str) -> dict[str, Any]:
    """Of a component; empty for one that is not there, which is told elsewhere."""
    file = folder / part / ("scheduler_config.json" if part == "scheduler" else "config.json")
    return _json(file) if (folder / part).is_dir() else {}


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


def _check_channels(folder: Path, family: Family) -> None:
    """Raises UserError for a denoiser that takes more beside the latents than is known of."""
    channels = _config(folder, family.denoiser).get("in_channels", 4 * family.packs)
    vae = _config(folder, "vae")
    latent = vae.get("latent_channels", vae.get("z_dim", 4))
    if family.inpaints or family.decodes or (isinstance(latent, int) and channels == latent * family.packs):
        return
    hint = "Choose the ordinary model of the same name."
    raise UserError(f"{folder.name} takes {channels} channels: a model for editing, which does not run here.", hint)


def _blocks(folder: Path) -> list[int]:
    """The channels of the VAE's levels; those of Stable Diffusion where the config leaves them out."""
    config = _config(folder, "vae")
    blocks = config.get("block_out_channels", config.get("decoder_block_out_channels", [128, 256, 512, 512]))
    if "dim_mult" in config:
        base, times = config.get("base_dim"), config["dim_mult"]
        blocks = [base * each for each in times] if isinstance(base, int) and isinstance(times, list) else None
    if not isinstance(blocks, list) or not blocks or not all(type(width) is int and width > 0 for width in blocks):
        raise UserError("vae/config.json names no channels.", "The folder is damaged; download it again.")
    return blocks


def _native(folder: Path, family: Family, blocks: list[int]) -> int:
    """The latent's side times the VAE's factor; a config that leaves it out means the family's usual size."""
    side = _config(folder, family.denoiser).get("sample_size")
    if not isinstance(side, int):
        return family.native
    return max(64, side * 2 ** (len(blocks) - 1) // family.size_step * family.size_step)


def _folder_id(folder: Path, weights: list[Path]) -> str:
    digest = hashlib.sha256()
    configs = [file for file in folder.glob("*/*") if file.suffix in CONFIGS]
    for file in sorted([folder / "model_index.json", *configs, *weights]):
        try:
            content = content_id(file) if file in weights else _whole_id(file)
        except OSError as error:
            message = f"{file.parent.name}/{file.name} cannot be read: {error.strerror}."
            raise UserError(message, "The folder is incomplete; download the model again.") from None
        digest.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _whole_id(file: Path) -> str:
    """sha256 of all of it. Raises OSError."""
    with opened(file) as (stream, size):
        if size > LARGEST_CONFIG:
            raise OSError(errno.EFBIG, f"{size:,} bytes are too many")
        return hashlib.file_digest(stream, "sha256").hexdigest()
