"""Colour profiles made by hand, with an effect that nobody can overlook."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

RED, GREEN, BLUE = (0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)  # sRGB's own, in XYZ
WHITE = (0.9642, 1.0, 0.8249)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def _profile(kind: bytes, space: bytes, connection: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    text = b"Made for a test\0"
    desc = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {b"desc": desc, b"cprt": b"text\0\0\0\0" + text, b"wtpt": _xyz(WHITE), **tags}
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    head = bytes(4) + b"lcms" + struct.pack(">I", 0x02100000) + kind + space + connection
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(map(_fixed, WHITE))
    whole = head.ljust(128, b"\0") + table + data
    return struct.pack(">I", len(whole)) + whole[4:]


def swapped() -> bytes:
    """Its red is sRGB's green and the other way round; its curve is a plain gamma."""
    curves = {name: _gamma(2.2) for name in (b"rTRC", b"gTRC", b"bTRC")}
    return _profile(
        b"mntr", b"RGB ", b"XYZ ", {b"rXYZ": _xyz(GREEN), b"gXYZ": _xyz(RED), b"bXYZ": _xyz(BLUE), **curves}
    )


def linear_grey() -> bytes:
    """Half of 255 is half of the light, which is much lighter than half of 255 in sRGB."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _gamma(1.0)})


def grey_ink() -> bytes:
    """CMYK, of which any mixture prints as the same middle grey, Lab 50, 0, 0."""
    head = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + b"".join(map(_fixed, (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table = head + bytes(range(256)) * 4 + bytes([128, 128, 128]) * 2**4 + bytes(range(256)) * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table, b"A2B1": table})
