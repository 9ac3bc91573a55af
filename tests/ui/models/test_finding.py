"""Find my models: the window that looks where other programs keep theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from desktop.models import places
from desktop.paths import data_folder
from desktop.ui.models.finding import FindWindow
from desktop.ui.window import Window
from tests import model_files
from tests.ui.conftest import Open
from tests.ui.hands import click, named, press, until
from tests.ui.test_access import controls


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With two programs in it, one of them without models."""
    home = tmp_path / "home"
    for number in range(3):
        model_files.lora(home / "ComfyUI" / "models" / "loras" / f"{number}.safetensors", seed=number)
    model_files.lora(home / "stable-diffusion-webui" / "models" / "Lora" / "ink.safetensors")
    (home / "Fooocus" / "models").mkdir(parents=True)
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(places, "SYSTEM", {})
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "INVOKEAI_ROOT", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def window(home: Path, open_window: Open) -> Window:
    return open_window()


@pytest.fixture
def finder(window: Window) -> FindWindow:
    """Opened from the empty picture of the first launch."""
    click(named(window.view, QPushButton, "Find my models"))
    finder = window.side_windows.finder
    until(lambda: finder.isVisible() and window.studio.discovery.chore is None)
    return finder


def rows(finder: FindWindow) -> list[list[str]]:
    cells = [[finder.table.item(row, column) for column in range(4)] for row in range(finder.table.rowCount())]
    return [[cell.text() for cell in line if cell] for line in cells]


def test_what_other_programs_have_is_listed_with_sizes(finder: FindWindow, home: Path) -> None:
    size = (home / "ComfyUI" / "models" / "loras" / "0.safetensors").stat().st_size
    assert rows(finder) == [
        ["Automatic1111", str(home / "stable-diffusion-webui" / "models"), "1", f"{size / 1000:.1f} kB"],
        ["ComfyUI", str(home / "ComfyUI" / "models"), "3", f"{3 * size / 1000:.1f} kB"],
    ]
    assert finder.title.text().startswith("4 model files")
    assert not finder.stop.isVisible()
    for each in controls(finder):
        assert each.toolTip()


def test_only_the_ticked_ones_are_added_and_nothing_is_touched(window: Window, finder: FindWindow, home: Path) -> None:
    before = sorted(home.rglob("*"))
    first = finder.table.item(0, 0)
    assert first
    finder.table.setFocus()
    finder.table.setCurrentCell(0, 0)
    press(finder.table, Qt.Key.Key_Space)
    assert first.checkState() is Qt.CheckState.Unchecked
    click(finder.add)
    assert not finder.isVisible()
    assert window.studio.memory.settings.model_folders == (str(home / "ComfyUI" / "models"),)
    assert sorted(home.rglob("*")) == before


def test_what_is_used_already_is_not_offered_again(window: Window, finder: FindWindow) -> None:
    click(finder.add)
    assert not named_or_none(window, "Find my models")  # the first launch is over
    window.actions_["find_models"].trigger()
    until(lambda: window.studio.discovery.chore is None and finder.table.rowCount() == 2)
    assert [row[0] for row in rows(finder)] == ["Automatic1111  (added)", "ComfyUI  (added)"]
    assert finder.ticked == []
    assert not finder.add.isEnabled()


def named_or_none(window: Window, words: str) -> bool:
    return any(each.isVisible() and each.text() == words for each in window.view.findChildren(QPushButton))


def test_nothing_in_the_usual_places(window: Window, home: Path) -> None:
    for file in home.rglob("*.safetensors"):
        file.unlink()
    window.actions_["find_models"].trigger()
    finder = window.side_windows.finder
    until(lambda: window.studio.discovery.chore is None)
    assert rows(finder) == []
    assert "Add a folder yourself" in finder.title.text()
    assert not finder.add.isEnabled()


def test_escape_closes_it(finder: FindWindow) -> None:
    assert finder.focusWidget() is finder.table
    press(finder.table, Qt.Key.Key_Escape)
    assert not finder.isVisible()


def test_it_closes_with_the_window(window: Window, finder: FindWindow) -> None:
    window.close()
    assert not finder.isVisible()


def test_look_again_reaches_the_prompt_panel_too(window: Window) -> None:
    """Where no change is told, as on network drives."""
    studio = window.studio
    until(lambda: bool(studio.shelf.models and studio.stock._watching.folders))
    studio.stock._watching.watch([])
    model_files.lora(data_folder() / "models" / "new.safetensors")
    window.actions_["look_again"].trigger()
    until(lambda: "new" in {extra.name for extra in studio.shelf.extras.all})
    until(lambda: "new" in {item.entry.name for item in studio.stock.items})
