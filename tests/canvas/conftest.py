"""What the canvas's room stands on."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def _gui(qapp: QApplication) -> None:
    """Images and painters need the application."""
