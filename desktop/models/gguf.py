"""The header of a GGUF file: its values, and its tensors' names and shapes, within bounds whatever lies there."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, BinaryIO

from desktop.models.damage import Damaged

MAGIC = b"GGUF"
LONGEST = 100_000_000  # bytes of a header: vocabularies of text encoders take some millions
MOST_TENSORS, MOST_VALUES = 100_000, 10_000
MOST_TEXTS = 2_000_000  # in one list
MOST_SIDES = 8
TEXT, LIST = 8, 9
FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}  # of values
TYPES = {  # of tensors: name, values in a block, bytes of a block
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}
MIXES = {  # general.file_type: how most tensors are kept
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    32: "BF16",
}


@dataclass(frozen=True)
class Ggufs:
    """What the header says. Shapes are in the order of safetensors: the outermost side first."""

    values: Mapping[str, Any]  # without lists
    tensors: Mapping[str, Any]
    quantization: str
    end: int  # of the last tensor in the file


def read(stream: BinaryIO, size: int) -> Ggufs:
    """`stream` stands at its beginning. Raises Damaged and OSError."""
    reader = _Reader(stream, size)
    try:
        return _read(reader)
    except (struct.error, UnicodeDecodeError, KeyError):
        raise Damaged("its header is broken") from None


def _read(reader: _Reader) -> Ggufs:
    reader.bytes(len(MAGIC))
    version, tensors, values = reader.number("I"), reader.number("Q"), reader.number("Q")
    if version not in (2, 3) or tensors > MOST_TENSORS or values > MOST_VALUES:
        raise Damaged("a GGUF file of a kind that is not known")
    said = dict(_value(reader) for _ in range(values))
    rows = [_tensor(reader) for _ in range(tensors)]
    step = said.get("general.alignment", 32)
    if type(step) is not int or not 0 < step <= 1 << 20:
        raise Damaged("its header is broken")
    begin = -(-reader.place // step) * step
    bytes: dict[str, int] = {}
    for _, kind, _, _, length in rows:
        bytes[kind] = bytes.get(kind, 0) + length
    most = max(bytes, key=bytes.__getitem__, default="")
    return Ggufs(
        said,
        {name: {"dtype": kind, "shape": _original(said, name, shape)} for name, kind, shape, _, _ in rows},
        MIXES.get(said.get("general.file_type", -1), most),
        max((begin + offset + length for _, _, _, offset, length in rows), default=begin),
    )


def _value(reader: _Reader) -> tuple[str, Any]:
    name = reader.text()
    kind = reader.number("I")
    if kind == TEXT:
        return name, reader.text()
    if kind != LIST:
        return name, reader.number(FORMATS[kind])
    return name, _list(reader)


def _list(reader: _Reader) -> list[int] | None:
    """Only short lists of numbers are kept, as shapes are; vocabularies are passed over."""
    kind, count = reader.number("I"), reader.number("Q")
    if kind == TEXT:
        if count > MOST_TEXTS:
            raise Damaged("its header is too large")
        for _ in range(count):
            reader.skip(reader.number("Q"))
        return None
    form = FORMATS[kind]
    if count <= MOST_SIDES:
        return [reader.number(form) for _ in range(count)]
    reader.skip(count * struct.calcsize(f"<{form}"))
    return None


def _tensor(reader: _Reader) -> tuple[str, str, list[int], int, int]:
    """Name, type, shape, where it begins behind the header, and its bytes."""
    name = reader.text()
    sides = reader.number("I")
    if sides > MOST_SIDES:
        raise Damaged("its header is broken")
    shape = [reader.number("Q") for _ in range(sides)][::-1]
    kind, block, size = TYPES[reader.number("I")]
    offset = reader.number("Q")
    return name, kind, shape, offset, -(-prod(shape) // block) * size


def _original(said: Mapping[str, Any], name: str, shape: list[int]) -> list[int]:
    """ComfyUI's makers note the shape of what they have flattened."""
    noted = said.get(f"comfy.gguf.orig_shape.{name}")
    return noted if isinstance(noted, list) else shape


class _Reader:
    """Reads numbers and texts, never beyond the file's end nor beyond what a header may take."""

    def __init__(self, stream: BinaryIO, size: int):
        self._stream, self._size = stream, size
        self.place = 0

    def bytes(self, count: int) -> bytes:
        self._pass(count)
        return self._stream.read(count)

    def skip(self, count: int) -> None:
        self._pass(count)
        self._stream.seek(count, 1)

    def number(self, form: str) -> Any:
        form = f"<{form}"
        return struct.unpack(form, self.bytes(struct.calcsize(form)))[0]

    def text(self) -> str:
        return self.bytes(self.number("Q")).decode()

    def _pass(self, count: int) -> None:
        self.place += count
        if self.place > LONGEST:
            raise Damaged("its header is too large")
        if self.place > self._size:
            raise Damaged("download incomplete: cut short within its header")
