"""What a model is: its family, its size, whether it is whole. Reads headers and configs, never weights."""

from __future__ import annotations

from pathlib import Path

from desktop.errors import UserError
from desktop.models.folders import identify_folder
from desktop.models.model import Model
from desktop.paths import is_there


def identify(folder: Path) -> Model:
    """Raises UserError where this is no model, or a broken one, or of a kind that does not run here."""
    if not is_there(folder):
        raise UserError(
            f"There is no model at {folder}.", "Check the path, or choose one of those that `sfumato models` lists."
        )
    return identify_folder(folder)
