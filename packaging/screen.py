"""An X display that nobody sees, whose pixels can be read as they change."""

from __future__ import annotations

import os
import struct
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from PIL import Image

SIZE = (1440, 900)
LATEST = 10.0  # seconds until it is there


class Screen:
    """Xvfb, until it is left; its frame buffer is a file."""

    def __enter__(self) -> Screen:
        self._folder = TemporaryDirectory()
        reads, writes = os.pipe()
        size = f"{SIZE[0]}x{SIZE[1]}x24"
        place = ["-displayfd", str(writes), "-screen", "0", size, "-fbdir", self._folder.name]
        command = ["Xvfb", *place, "-ac", "-nolisten", "tcp"]
        self._server = subprocess.Popen(command, pass_fds=[writes], stderr=subprocess.DEVNULL)
        os.close(writes)
        with os.fdopen(reads) as number:
            self.display = f":{number.readline().strip()}"
        self._file = Path(self._folder.name) / "Xvfb_screen0"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.terminate()
        self._server.wait()
        self._folder.cleanup()

    def picture(self) -> Image.Image:
        content = self._file.read_bytes()
        return Image.frombytes("RGB", SIZE, content[_start(content) :], "raw", "BGRX")

    def wait_for_paint(self, seconds: float) -> float:
        """When something was first seen in the middle of it, as `time.monotonic` counts. Raises TimeoutError."""
        row = SIZE[0] * 4
        with self._file.open("rb", buffering=0) as stream:
            middle = _start(stream.read(256)) + SIZE[1] // 2 * row
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                stream.seek(middle)
                if any(stream.read(row)):
                    return time.monotonic()
                time.sleep(0.002)
        raise TimeoutError("Nothing was painted.")


def _start(content: bytes) -> int:
    """Of the pixels, behind the header and the colours of an X window dump."""
    header, colours = struct.unpack(">I", content[:4])[0], struct.unpack(">I", content[76:80])[0]
    return header + 12 * colours
