"""A window with a canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from desktop.ui.window import Window
from tests.ui.canvas.strokes import RED
from tests.ui.hands import press, until


@pytest.fixture
def canvas(window: Window) -> Window:
    """A window with a canvas whose frame has the starter's size."""
    press(window, Qt.Key.Key_F3)
    until(lambda: window.studio.easel.document is not None)
    assert window.canvas.view.isVisible()
    window.studio.easel.color = RED
    return window
