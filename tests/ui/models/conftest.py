"""A window whose models page has files."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.studio.stock import Stock
from desktop.ui.models.page import ModelsPage
from desktop.ui.window import Window
from tests import model_files
from tests.ui.conftest import Open
from tests.ui.hands import plain
from tests.ui.models.pages import RED, opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    ink = model_files.lora(folder / "ink.safetensors", "sdxl", seed=1)
    model_files.note(ink, **{"activation text": "sumi-e, rice paper"})
    ink.with_suffix(".preview.png").write_bytes(plain(60, 90, RED).png())
    model_files.lora(folder / "clay.safetensors", seed=2)
    model_files.embedding(folder / "bad hands.safetensors")
    model_files.broken(folder / "half.safetensors")
    return folder


@pytest.fixture
def window(folder: Path, open_window: Open) -> Window:
    return open_window(models=str(folder))


@pytest.fixture
def stock(window: Window) -> Stock:
    return window.studio.stock


@pytest.fixture
def page(window: Window) -> ModelsPage:
    return opened(window)
