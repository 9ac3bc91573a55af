"""Pickles of weights: read without running what may be in them, and written anew as safetensors."""

from __future__ import annotations

import json
import pickle
import re
import struct
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import torch
from torch import Tensor

from desktop.engine.api import Conversion, Converted, Progress
from desktop.engine.run import Run
from desktop.errors import UserError
from desktop.paths import written_atomically

if TYPE_CHECKING:
    from desktop.engine.pipelines import Pipelines  # which comes to read LoRAs by this file

WRAPPERS = ("state_dict", "params_ema", "params", "model")  # under which training programs keep the weights
DEEPEST, LONGEST = 8, 1000  # levels of names within each other, and letters of all
FALSE_SIZE = 4  # times the file's size: weights that take more are made to fill the memory
DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
BROKEN = (  # what torch raises for pickles that are
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
METADATA = "__metadata__"  # of safetensors
SAFER = "Get the model as safetensors instead."


def convert(run: Run[Conversion], _: Pipelines) -> None:
    """Writes safetensors beside the pickle, which stays. Raises UserError, Stopped."""
    file = run.job.work.file
    target = file.with_suffix(".safetensors")
    if target.exists():
        raise UserError(f"{target.name} is there already.", "Use that file, or move it away first.")
    run.events.put(Progress(0, 100, "reading"))
    with run.phase("load"):
        tensors = read_pickle(file)
    with run.phase("write"):
        try:
            with written_atomically(target) as stream:
                for share in _written(tensors, stream):
                    run.check()
                    run.events.put(Progress(round(share * 100), 100, "converting"))
        except OSError as error:
            hint = "Make room on the disk, or move the file to where you may write."
            raise UserError(f"{target.name} cannot be written: {error.strerror}.", hint) from None
    run.events.put(Converted(target))


def read_pickle(file: Path) -> dict[str, Tensor]:
    """The weights in a pickle by name. Raises UserError where it holds what might run code, or none at all."""
    try:
        zipped = _is_honest_zip(file)
        with warnings.catch_warnings(action="ignore"):  # torch's, for programmers
            content = torch.load(file, map_location="cpu", weights_only=True, mmap=zipped)
    except pickle.UnpicklingError as error:
        if forbidden := re.search(r"GLOBAL (\S+)", str(error)):
            message = f"{file.name} holds more than weights: it names {forbidden[1]}, which may run code."
            raise UserError(message, SAFER) from None
        raise UserError(f"{file.name} is no pickle of weights, or a damaged one.", SAFER) from None
    except BROKEN:
        raise UserError(f"{file.name} is damaged, or its download incomplete.", "Fetch the file again.") from None
    tensors = dict(_named(_unwrapped(content), seen=set()))
    if not tensors:
        raise UserError(f"{file.name} holds no weights.", SAFER)
    if sum(each.numel() * each.itemsize for each in tensors.values()) > FALSE_SIZE * file.stat().st_size:
        raise UserError(f"{file.name} claims to hold more than fits into it.", SAFER)
    return tensors


def _is_honest_zip(file: Path) -> bool:
    """Whether it is one, as torch writes them: packed no smaller than what comes out. Raises OSError, ValueError."""
    if not zipfile.is_zipfile(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from None
    if sizes > FALSE_SIZE * file.stat().st_size:
        raise ValueError("more comes out than torch puts in")
    return True


def _unwrapped(content: Any) -> Any:
    """What is within the things that training programs put around; an embedding is called as in its safetensors."""
    if not isinstance(content, dict):
        return content
    if isinstance(embedding := content.get("string_to_param"), dict) and len(embedding) == 1:
        return {"emb_params": next(iter(embedding.values()))}
    return next((content[name] for name in WRAPPERS if isinstance(content.get(name), dict)), content)


def _named(content: Any, seen: set[int], name: str = "", depth: int = 0) -> Iterator[tuple[str, Tensor]]:
    """The tensors below, by their names joined with dots; numbers and texts beside them are left.

    `seen`: dictionaries that were looked into; one may lie in a thousand places.
    """
    if isinstance(content, Tensor):
        if name and content.layout == torch.strided and content.dtype in DTYPES:
            yield name, content.detach()
    elif isinstance(content, dict) and depth < DEEPEST and id(content) not in seen:
        seen.add(id(content))
        for key, inner in content.items():
            if isinstance(key, str) and key != METADATA and len(name) + len(key) < LONGEST:
                yield from _named(inner, seen, f"{name}.{key}" if name else key, depth + 1)


def _written(tensors: Mapping[str, Tensor], stream: BinaryIO) -> Iterator[float]:
    """Writes them one after the other, so that no more than one is copied at a time; yields the share that is done."""
    header: dict[str, Any] = {METADATA: {"format": "pt"}}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.numel() * tensor.itemsize
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # the data begins at a multiple of 8
    stream.write(len(text).to_bytes(8, "little") + text)
    for name, tensor in tensors.items():
        stream.write(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
        yield header[name]["data_offsets"][1] / max(end, 1)
