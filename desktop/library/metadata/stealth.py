"""Texts hidden in the lowest bits of the transparency, column by column, as NovelAI and Forge's stealth PNG do.

First a signature, then the number of bits that follow (32 bits), then the text, packed by gzip after `pngcomp`.
"""

from __future__ import annotations

import zlib

import numpy as np
from PIL import Image

from desktop.library.metadata.values import LONGEST, parse_object, whole_characters

PLAIN, PACKED = b"stealth_pnginfo", b"stealth_pngcomp"
HEAD = len(PLAIN) + 4  # bytes until the text
GZIP = 16 + zlib.MAX_WBITS


def read(image: Image.Image) -> dict[str, str]:
    """The texts by PNG's keys; a single one is infotext. Cheap where there are none."""
    if image.mode != "RGBA" or not (head := _bytes(image, HEAD)).startswith((PLAIN, PACKED)):
        return {}
    length = int.from_bytes(head[len(PLAIN) :]) // 8
    content = _bytes(image, HEAD + min(length, LONGEST))[HEAD:]
    text = (_unpacked(content) if head.startswith(PACKED) else content).decode("utf-8", "replace")
    named = parse_object(text)
    return {name: value for name, value in named.items() if isinstance(value, str)} or {
        "parameters": whole_characters(text)
    }


def _bytes(image: Image.Image, count: int) -> bytes:
    """The first so many that are hidden; fewer in a small picture."""
    columns = min(image.width, -(-count * 8 // image.height))
    alpha = np.asarray(image.crop((0, 0, columns, image.height)).getchannel("A"))
    return np.packbits(alpha.T & 1).tobytes()[:count]


def _unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompressobj(GZIP).decompress(content, LONGEST)
    except zlib.error:
        return b""
