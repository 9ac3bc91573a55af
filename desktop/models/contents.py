"""Contents: the tensors of a model file by name, whatever its format, and what it says of itself. Never its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from desktop.models import gguf, pickles
from desktop.models.damage import Damaged, incomplete
from desktop.models.entry import PICKLES, SAFE
from desktop.models.weights import BROKEN, opened, parse_header

PRECISIONS = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "I8": "int8",
    "U8": "uint8",
    "I4": "int4",
}
PACKED = {"I8", "U8", "I32", "F8_E4M3", "F8_E5M2", "I4"}  # types that numbers of a quantization are kept in
SAMPLE = 256  # tensors whose type is looked at, of those of a large file
MARKS = (  # names of tensors that only come with a quantization, by what is in them
    ("quant_state.bitsandbytes__nf4", "nf4"),
    ("quant_state.bitsandbytes__fp4", "fp4"),
    (".wscales", "svdquant"),
    (".comfy_quant", "comfy"),
    ("scaled_fp8", "fp8 scaled"),
    (".scale_weight", "fp8 scaled"),
    (".weight_scale", "scaled"),
    (".SCB", "int8"),
    (".qweight", "packed"),
)


@dataclass(frozen=True)
class Contents:
    """What a file's header says, as it is written there: nothing in it is checked but by the methods."""

    bytes: int
    tensors: Mapping[str, Any] = field(default_factory=dict)  # {"dtype": "F16", "shape": [320, 4, 3, 3]} by name
    metadata: Mapping[str, Any] = field(default_factory=dict)
    dtype: str = ""  # of most of the bytes, as safetensors calls it
    quantization: str = ""
    problem: str = ""  # why it cannot be used though it is known what it is

    def shape(self, name: str) -> tuple[int, ...]:
        """Empty where there is no such tensor."""
        tensor = self.tensors.get(name)
        shape = tensor.get("shape") if isinstance(tensor, dict) else None
        if not isinstance(shape, list) or not all(type(side) is int for side in shape):
            return ()
        return tuple(shape)

    def said(self, name: str) -> str:
        """A text of the metadata; empty where there is none."""
        value = self.metadata.get(name)
        return value.strip() if isinstance(value, str) else ""

    @cached_property
    def names(self) -> str:
        """All names, a line each: what is looked for in all of them is looked for here."""
        return "\n".join(self.tensors)

    @property
    def precision(self) -> str:
        return PRECISIONS.get(self.dtype, "")


def read_contents(file: Path) -> Contents:
    """By what the file holds, not by its ending. Raises Damaged and OSError."""
    suffix = file.suffix.lower()
    with opened(file) as (stream, size):
        start = stream.read(9)
        stream.seek(0)
        if start.startswith(gguf.MAGIC):
            return _named_rightly(_gguf(stream, size), "a GGUF file", (".gguf",), suffix)
        if start[8:] != b"{" and pickles.is_pickle(start):
            return _named_rightly(_pickle(stream, size), "a pickle", PICKLES, suffix)
        return _named_rightly(_safetensors(stream, size), "a safetensors file", SAFE, suffix)


def _safetensors(stream: Any, size: int) -> Contents:
    tensors, begin = parse_header(stream, size)
    metadata = tensors.pop("__metadata__", None)
    end, counts = _measured(tensors)
    if begin + end > size:
        problem = incomplete(size, begin + end)
    else:
        problem = f"damaged: {size - begin - end:,} bytes more than its header tells of" if begin + end < size else ""
    dtype = max(counts, key=counts.__getitem__, default="")
    contents = Contents(size, tensors, metadata if isinstance(metadata, dict) else {}, dtype, problem=problem)
    if not PACKED.isdisjoint(counts) and (quantization := _quantization(contents)):
        floats = {name: bytes for name, bytes in counts.items() if name not in PACKED}
        dtype = dtype if dtype.startswith("F8") else max(floats, key=floats.__getitem__, default="")
        return Contents(size, tensors, contents.metadata, dtype, quantization, problem)
    return contents


def _measured(tensors: dict[str, Any]) -> tuple[int, dict[str, int]]:
    """Where the last tensor ends, and the bytes of each type in a sample of them. Raises Damaged."""
    counts: dict[str, int] = {}
    try:
        last = max([tensor["data_offsets"][1] for tensor in tensors.values()], default=0)
        for tensor in islice(tensors.values(), 0, None, 1 + len(tensors) // SAMPLE):
            dtype, (begin, end) = tensor["dtype"], tensor["data_offsets"]
            counts[dtype] = counts.get(dtype, 0) + end - begin
        if type(last) is not int or not 0 <= last < 2**63 or not all(isinstance(dtype, str) for dtype in counts):
            raise ValueError
    except (LookupError, TypeError, ValueError):
        raise Damaged(BROKEN) from None
    return last, counts


def _quantization(contents: Contents) -> str:
    return next((words for mark, words in MARKS if mark in contents.names), "")


def _gguf(stream: Any, size: int) -> Contents:
    header = gguf.read(stream, size)
    problem = incomplete(size, header.end) if header.end > size else ""
    return Contents(size, header.tensors, header.values, "", header.quantization, problem)


def _pickle(stream: Any, size: int) -> Contents:
    held = pickles.read(stream, size)
    problem = "download incomplete: the end of its archive is missing" if held.cut else held.danger
    return Contents(size, held.tensors, {}, held.dtype, problem=problem)


def _named_rightly(contents: Contents, what: str, suffixes: tuple[str, ...], suffix: str) -> Contents:
    if suffix in suffixes or contents.problem:
        return contents
    values = (contents.bytes, contents.tensors, contents.metadata, contents.dtype, contents.quantization)
    return Contents(*values, problem=f"{what} named {suffix or 'without an ending'}: rename it to {suffixes[0]}")
