"""What a second launch hands over to the window that is open already: notes in a folder, each read once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from desktop.errors import UserError
from desktop.paths import write_atomically


class Handover:
    """A folder of notes, each a list of files; an empty one only calls for the window."""

    def __init__(self, folder: Path):
        self.folder = folder

    def give(self, files: Iterable[Path]) -> None:
        """Raises UserError."""
        content = json.dumps([str(file.absolute()) for file in files])
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self.folder / f"{os.urandom(8).hex()}.json", content.encode())
        except OSError as error:
            message = f"The files cannot be handed over in {self.folder}: {error.strerror}."
            raise UserError(message, "Make room there, or open them in the window itself.") from error

    def take(self) -> list[Path] | None:
        """All that was given since the last time; None if nobody has called."""
        files: list[Path] | None = None
        for note in sorted(self.folder.glob("*.json")):
            try:
                files = [*(files or []), *(Path(file) for file in json.loads(note.read_text(encoding="utf-8")))]
            except (OSError, ValueError, TypeError, RecursionError):
                continue  # somebody else's, or gone already
            finally:
                note.unlink(missing_ok=True)
        return files
