"""What a model is: its family, its size, whether it is whole. Reads headers and configs, never weights."""

from __future__ import annotations

from pathlib import Path

from desktop.errors import UserError
from desktop.models.files import identify_file
from desktop.models.folders import identify_folder
from desktop.models.model import Model
from desktop.paths import is_there


def identify(path: Path) -> Model:
    """Of a diffusers folder or a single file.

    Raises UserError where this is no model, or a broken one, or of a kind that does not run here.
    """
    if not is_there(path):
        raise UserError(
            f"There is no model at {path}.", "Check the path, or choose one of those that `sfumato models` lists."
        )
    return identify_file(path) if path.is_file() else identify_folder(path)
