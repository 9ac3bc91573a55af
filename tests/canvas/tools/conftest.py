"""What tools are led on."""

from __future__ import annotations

import pytest

from desktop.canvas.tools.kit import Kit
from tests.canvas.tools.kits import cards, kit_of


@pytest.fixture
def kit() -> Kit:
    """A red card on the active layer, a blue one below it."""
    return kit_of(cards())[0]
