"""What a pickle of weights holds, and what else it would do. Nothing in it runs: see `opcodes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, BinaryIO

from desktop.models.damage import Damaged
from desktop.models.opcodes import BROKEN, Call, Steps

DEEPEST = 40  # dictionaries within dictionaries that are looked into
ZIP, END_OF_ZIP, TAIL = b"PK\x03\x04", b"PK\x05\x06", 65_557  # bytes at the end that must hold the archive's own end
OLD_MAGIC = 0x1950A86A20F9469CFC6C  # how torch's files began before they were zips
PREFACE = 2  # pickles that follow it: the protocol, and the sizes of numbers
HARMLESS = ("torch", "collections", "numpy", "_codecs", "pytorch_lightning")  # what weights are made of; Lightning's
# leftovers in old checkpoints are passed over
BUILTINS = {"set", "frozenset", "list", "dict", "tuple", "int", "float", "bool", "str", "bytes", "complex", "slice"}
TYPES = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "Float8_e4m3fnStorage": "F8_E4M3",
    "Float8_e5m2Storage": "F8_E5M2",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "CharStorage": "I8",
    "ByteStorage": "U8",
}
WRAPPERS = (  # names around others that are not theirs
    "state_dict",
    "params_ema",
    "params",
    "model_state_dict",
    "module",
    "_modules",
    "_parameters",
    "_buffers",
)


@dataclass(frozen=True)
class Pickled:
    """The tensors by name, those of dictionaries within by both names: "state_dict.a"."""

    tensors: Mapping[str, Any] = field(default_factory=dict)
    dtype: str = ""  # of most values
    cut: bool = False  # its end is missing
    danger: str = ""  # what it would do beside holding weights


def is_pickle(start: bytes) -> bool:
    return start.startswith(ZIP) or (start[:1] == b"\x80" and start[1:2] in b"\x02\x03\x04\x05")


def read(stream: BinaryIO, size: int) -> Pickled:
    """`stream` stands at its beginning. Raises Damaged and OSError."""
    cut = False
    if stream.read(4) == ZIP:
        stream.seek(max(0, size - TAIL))
        cut = END_OF_ZIP not in stream.read(TAIL)
        if not _enter(stream):
            return Pickled(cut=cut)
    else:
        stream.seek(0)
    steps = Steps(stream)
    try:
        held = steps.result()
        if held == OLD_MAGIC:
            held = [steps.result() for _ in range(PREFACE + 1)][-1]
    except BROKEN:
        return Pickled(cut=cut, danger="a pickle that is damaged, or of a kind that is not known")
    tensors = dict(_tensors(held, seen=set()))
    counts: dict[str, int] = {}
    for tensor in tensors.values():
        counts[tensor["dtype"]] = counts.get(tensor["dtype"], 0) + tensor["values"]
    return Pickled(tensors, max(counts, key=counts.__getitem__, default=""), cut, _danger(steps.globals))


def _enter(stream: BinaryIO) -> bool:
    """Goes to where the archive's first file begins; False where that is no pickle, or packed."""
    stream.seek(0)
    head = stream.read(30)
    if len(head) < 30:
        raise Damaged("download incomplete: cut short at its beginning")
    packed, name, extra = (int.from_bytes(head[at : at + 2], "little") for at in (8, 26, 28))
    called = stream.read(name)
    stream.seek(extra, 1)
    return not packed and called.endswith(b"data.pkl")


def _danger(names: set[str]) -> str:
    strange = sorted(name for name in names if not _is_harmless(name))
    return f"unsafe: it would call {strange[0].replace(' ', '.')}" if strange else ""


def _is_harmless(name: str) -> bool:
    module, _, attribute = name.partition(" ")
    if module in ("builtins", "__builtin__"):
        return attribute in BUILTINS
    return module.partition(".")[0] in HARMLESS


def _tensors(held: Any, seen: set[int], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """`seen`: dictionaries that were looked into; one may lie in a thousand places."""
    if isinstance(held, Call):
        held = held.state
    if not isinstance(held, dict) or id(held) in seen or depth > DEEPEST:
        return
    seen.add(id(held))
    for name, value in held.items():
        if tensor := _tensor(value):
            yield f"{prefix}{name}", tensor
        else:
            yield from _tensors(value, seen, prefix if name in WRAPPERS else f"{prefix}{name}.", depth + 1)


def _tensor(value: Any) -> dict[str, Any] | None:
    """From the call that would make it."""
    if isinstance(value, Call) and value.name == "torch._utils _rebuild_parameter":
        value = value.arguments[0] if isinstance(value.arguments, tuple) and value.arguments else None
    if not isinstance(value, Call) or not value.name.startswith("torch._utils _rebuild_tensor"):
        return None
    match value.arguments:
        case (Call(name="storage", arguments=("storage", Call(name=kind), *_)), _, tuple() as shape, *_):
            if all(type(side) is int and 0 <= side < 2**63 for side in shape):
                dtype = TYPES.get(kind.partition(" ")[2], "")
                return {"dtype": dtype, "shape": list(shape), "values": prod(shape)}
    return None
