"""Part: a file that is being downloaded. It lies beside its place, and what is there already is not fetched again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from desktop.errors import UserError
from desktop.models.getting.answer import NOTHING_TO_MEND, Answer, Refused
from desktop.models.getting.offer import RemoteFile
from desktop.paths import sync_folder

EXTENT = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")  # of a Content-Range
CHUNK = 1 << 20  # bytes that are read at a time
SHA256 = 64  # digits; git's own has 40


class Part:
    """`have` bytes of `file` are there. Its name holds the hash: another version's beginning is never gone on with."""

    def __init__(self, file: RemoteFile, target: Path):
        self.file, self.target = file, target
        self.path = part_of(file, target)
        self.have = 0
        self._etag = ""
        self._digest = _digest(file)
        self._stream: IO[bytes] | None = None

    def review(self) -> Iterator[None]:
        """Takes up what an earlier try has left, and lets others breathe meanwhile."""
        stream = self._open()
        if not self.file.hash:
            self.restart()  # nobody would notice if it were of another version
        while chunk := stream.read(CHUNK):
            self._digest.update(chunk)
            self.have += len(chunk)
            yield
        if self.have > self.file.bytes:
            self.restart()

    def asked(self) -> dict[str, str]:
        """Headers for what is missing."""
        if not self.have:
            return {}
        return {"Range": f"bytes={self.have}-", **({"If-Range": self._etag} if self._etag else {})}

    def meet(self, answer: Answer) -> None:
        """Before its body: whether it goes on, or begins anew. Raises UserError for the answer to something else."""
        if answer.headers.get("content-type", "").startswith("text/html"):  # a page to log in, where a file should be
            raise Refused(
                401,
                "",
                f"{answer.host} shows a page in place of {self.target.name}.",
                "Give your token under Accounts.",
            )
        start, whole = _extent(answer)
        if start and start != self.have:
            raise UserError(f"{answer.host} sends another part of the file than was asked for.", NOTHING_TO_MEND)
        if not start:
            self.restart()
        if whole and whole != self.file.bytes:
            message = f"{self.target.name} has {whole:,} bytes, and {self.file.bytes:,} were announced."
            raise UserError(message, "It has changed; search for it anew.")
        etag = answer.headers.get("etag", "")
        self._etag = "" if etag.startswith("W/") else etag

    def take(self, chunk: bytes) -> None:
        """Raises OSError, and UserError where more comes than was announced."""
        if self.have + len(chunk) > self.file.bytes:
            self.drop()
            raise UserError(f"More comes than {self.target.name} should have.", "Get the model elsewhere.")
        self._open().write(chunk)
        self._digest.update(chunk)
        self.have += len(chunk)

    def restart(self) -> None:
        stream = self._open()
        stream.seek(0)
        stream.truncate()
        self.have, self._digest = 0, _digest(self.file)

    def finish(self) -> None:
        """It is what was announced, and takes its place. Raises OSError, and UserError if it is not."""
        if self.file.hash and self._digest.hexdigest() != self.file.hash:
            self.drop()
            message = f"{self.target.name} has come, but it is not the file that was announced; it is gone again."
            raise UserError(
                message, "Its checksum differs. Download it again; if that happens twice, get it elsewhere."
            )
        stream = self._open()
        stream.flush()
        os.fsync(stream.fileno())
        self.close()
        if self.target.exists():
            raise UserError(f"There is another {self.target.name} in {self.target.parent} by now.", "Move one of them.")
        self.path.replace(self.target)
        sync_folder(self.target.parent)

    def drop(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        if self._stream:
            stream, self._stream = self._stream, None
            with contextlib.suppress(OSError):  # a full disk tells again what it has told
                stream.close()

    def _open(self) -> IO[bytes]:
        if self._stream is None:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            self._stream = os.fdopen(handle, "r+b")
        return self._stream


def part_of(file: RemoteFile, target: Path) -> Path:
    return target.with_name(f"{target.name}.{file.hash[:12] or 'unknown'}.part")


def check(file: RemoteFile, target: Path) -> Iterator[bool]:
    """Whether what lies there is that file: said last, once all of it is read. Raises OSError."""
    digest = _digest(file)
    with target.open("rb") as stream:
        same = target.stat().st_size == file.bytes
        while same and file.hash and (chunk := stream.read(CHUNK)):
            digest.update(chunk)
            yield False
    yield same and file.hash in ("", digest.hexdigest())


def _digest(file: RemoteFile) -> Any:
    if len(file.hash) in (0, SHA256):
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % file.bytes, usedforsecurity=False)


def _extent(answer: Answer) -> tuple[int, int]:
    """Where the body starts within the file, and how long the file is; 0 where that is not told."""
    length = answer.headers.get("content-length", "")
    if answer.status != 206:
        return 0, int(length) if length.isdecimal() else 0
    told = EXTENT.fullmatch(answer.headers.get("content-range", ""))
    if not told:
        raise UserError(f"{answer.host} sends a part of the file, and not which.", "Get the model elsewhere.")
    return int(told[1]), 0 if told[2] == "*" else int(told[2])
