"""What is wrong with a model file, in people's words: cut short, or something else under a model's name."""

from __future__ import annotations

OTHERS = (  # how other things begin, and what they are
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    (b"GGUF", "a GGUF file by another name"),
    (b"PK\x03\x04", "a pickle or another zip archive by another name"),
    (b"\x80", "a pickle by another name"),
    (b"SQLite format 3\0", "a database, not a model"),
    (b"\x89PNG", "a picture, not a model"),
    (b"\xff\xd8\xff", "a picture, not a model"),
    (b"RIFF", "a picture, not a model"),
    (b"\x89HDF", "a Keras model, which does not run here"),
    (b"%PDF", "a document, not a model"),
    (b"7z\xbc\xaf", "a packed archive: unpack it"),
    (b"Rar!", "a packed archive: unpack it"),
    (b"\x1f\x8b", "a packed archive: unpack it"),
    (b"MZ", "a program, not a model"),
    (b"\x7fELF", "a program, not a model"),
)
UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "KB"))


class Damaged(Exception):
    """A file that is no model, or not all of one; its text says why."""


def what_else(start: bytes, size: int) -> str:
    """What a file is that begins so; "" where that cannot be told."""
    if not size:
        return "empty"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml")) or b"<html" in text[:1024]:
        return "a web page, not a model"
    if text.startswith((b"{", b"[")):
        return "a JSON text, not a model"
    if len(start) > 8 and not any(start):
        return "download incomplete: nothing but zeros"
    return next((words for begin, words in OTHERS if start.startswith(begin)), "")


def incomplete(there: int, whole: int) -> str:
    """Of a file that should be longer."""
    for unit, name in UNITS:
        parts = (f"{there / unit:,.1f}", f"{whole / unit:,.1f}")
        if whole >= unit and parts[0] != parts[1]:
            return f"download incomplete: {parts[0]} of {parts[1]} {name}"
    return f"download incomplete: {there:,} of {whole:,} bytes"
