"""The settings, a row each."""

from __future__ import annotations

from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QListWidget, QPushButton, QToolButton

from desktop.paths import STARTER
from desktop.settings import FOLDERS, NAMES, SECTIONS, Settings
from desktop.ui.settings import FILES, SettingsWindow
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.window import Window
from tests.fakes import DEVICES, FakeEngine
from tests.models.folders import copied
from tests.ui.conftest import Open
from tests.ui.hands import answer, click, make, named, pick, press, until


def stored(window: Window) -> Settings:
    return window.studio.memory.settings


def test_every_section_opens(settings: SettingsWindow) -> None:
    for row, section in enumerate(SECTIONS):
        settings.sections.setCurrentRow(row)
        assert settings.sections.currentItem().text() == section
        assert settings.pages.currentIndex() == row


OTHER = {"theme": "light", "scale": 150, "notify": False, "device": "cuda:0", "precision": "bfloat16",
         "mask_color": "#30b050", "mask_opacity": 30, "rulers": True, "undo_memory": 1024,
         "pattern": "{seed}", "keep_live": True, "private": True, "credentials": True,
         "certificate": "chain.pem", "certificate_key": "key.pem",
         "pictures": "elsewhere", "models": "elsewhere", "model_folders": ("elsewhere",), "proxy": "http://proxy:3128",
         "hub": "https://mirror.example", "civitai": "https://civitai.example", "adult": True,
         "releases": "https://releases.example", "merge_loras": True}  # fmt: skip
TYPED = ("pattern", "proxy", "hub", "civitai", "releases")


def change(settings: SettingsWindow, row: Field[Any], value: Any) -> None:
    """By hand."""
    settings.show_section(row.metadata["section"])
    label = row.metadata["label"]
    if row.name == "model_folders":
        for folder in value:
            click(named(settings, QPushButton, "Add a folder…"))
            answer(settings, folder)
    elif row.metadata["section"] == FOLDERS:
        click(beside(settings, label, "Choose a folder"))
        answer(settings, value)
    elif row.name in FILES:
        Path(value).write_text("a certificate")
        click(beside(settings, label, "Choose a file"))
        answer(settings, value)
    elif row.name in TYPED:
        field = named(settings, QLineEdit, label)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, value)
        press(field, Qt.Key.Key_Return)
    elif isinstance(value, bool):
        check = named(settings, QCheckBox, label)
        click(check, QPoint(8, check.height() // 2))
    else:
        box = named(settings, ChoiceBox, label)
        until(lambda: box.findData(value) >= 0)  # devices are known once the engine has started
        pick(box, value)


def shown(settings: SettingsWindow, row: Field[Any]) -> Any:
    label = row.metadata["label"]
    if row.name == "model_folders":
        listed = named(settings, QListWidget, label)
        return tuple(listed.item(place).text() for place in range(listed.count()))
    if row.metadata["section"] == FOLDERS or row.name in (*FILES, *TYPED):
        return named(settings, QLineEdit, label).text()
    return (
        named(settings, QCheckBox, label).isChecked()
        if isinstance(getattr(Settings(), row.name), bool)
        else named(settings, ChoiceBox, label).currentData()
    )


def test_a_name_that_cannot_be_is_told_and_not_taken(settings: SettingsWindow, window: Window) -> None:
    settings.show_section("Library")
    field = named(settings, QLineEdit, "Names")
    field.selectAll()
    QTest.keyClicks(field, "{sead}")
    assert any("There is no {sead}" in label.text() for label in settings.findChildren(QLabel))
    QTest.keyClicks(field, "-")
    assert stored(window).pattern == NAMES
    field.selectAll()
    QTest.keyClicks(field, "a-{seed}")
    assert stored(window).pattern == "a-{seed}"
    assert not any("There is no" in label.text() for label in settings.findChildren(QLabel))


def beside(settings: SettingsWindow, label: str, button: str) -> QToolButton:
    """The button in the row of that field."""
    row = named(settings, QLineEdit, label).parentWidget()
    assert row
    return named(row, QToolButton, button)


def rows_of(section: str) -> list[Field[Any]]:
    return [row for row in fields(Settings) if row.name in OTHER and row.metadata["section"] == section]


def other(row: Field[Any], folder: Path) -> Any:
    """A value that is not the default, with what it names within that folder."""
    value = OTHER[row.name]
    if value in ("elsewhere", "chain.pem", "key.pem"):
        return str(folder / value)
    return (str(folder / "elsewhere"),) if value == ("elsewhere",) else value


@pytest.mark.parametrize("section", [section for section in SECTIONS if rows_of(section)])
def test_each_setting_is_changed_and_there_at_the_next_launch(open_window: Open, tmp_path: Path, section: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    window = open_window()
    wanted = stored(window)
    make(window, 1)
    window.open_settings()
    assert window._settings_window
    for row in rows_of(section):
        wanted = replace(wanted, **{row.name: other(row, tmp_path)})
        change(window._settings_window, row, getattr(wanted, row.name))
        assert stored(window) == wanted
    window.close()
    again = open_window()
    assert stored(again) == wanted
    again.open_settings(section)
    assert again._settings_window
    for row in rows_of(section):
        assert shown(again._settings_window, row) == getattr(wanted, row.name)


def test_a_folder_is_taken_off_the_list(open_window: Open) -> None:
    window = open_window(model_folders=("/one", "/two", "/three"))
    window.open_settings(FOLDERS)
    assert window._settings_window
    listed = named(window._settings_window, QListWidget, "More models")
    remove = named(window._settings_window, QPushButton, "Take off the list")
    assert not remove.isEnabled()
    listed.setCurrentRow(1)
    click(remove)
    assert stored(window).model_folders == ("/one", "/three")


def test_every_setting_has_its_row() -> None:
    assert {row.name for row in fields(Settings)} == {*OTHER, "shortcuts"}


def test_devices_are_those_of_the_engine(window: Window, settings: SettingsWindow) -> None:
    settings.show_section("Engine")
    box = named(settings, ChoiceBox, "Device")
    until(lambda: box.count() == len(DEVICES) + 1)
    assert box.itemText(1) == f"cuda:0: {DEVICES['cuda:0']}"
    pick(box, "cuda:0")
    assert stored(window).device == "cuda:0"


def test_another_device_gets_another_engine(open_window) -> None:
    made: list[tuple[str | None, str | None]] = []

    def make_engine(device: str | None, precision: str | None) -> FakeEngine:
        made.append((device, precision))
        return FakeEngine()

    window = open_window(make_engine)
    make(window, 1)
    window.studio.memory.change_settings(device="cpu", precision="float32")
    make(window, 2)
    assert made == [(None, None), ("cpu", "float32")]


def test_a_device_that_is_gone_is_still_seen(open_window: Open, engine: FakeEngine, monkeypatch) -> None:
    monkeypatch.setattr(engine, "devices", dict)
    window = open_window(device="cuda:7")
    window.open_settings("Engine")
    assert window._settings_window
    assert named(window._settings_window, ChoiceBox, "Device").currentData() == "cuda:7"


def test_pictures_go_to_the_chosen_folder_and_back(
    window: Window, settings: SettingsWindow, pictures: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    settings.show_section("Folders")
    click(beside(settings, "Pictures", "Choose a folder"))
    answer(settings, elsewhere)
    make(window, 1)
    click(beside(settings, "Pictures", "Default"))
    assert stored(window).pictures == ""
    window.studio.memory.change_settings(pictures=str(pictures))
    make(window, 2)
    files = [result.file for result in window.studio.results.all]
    assert [file and file.is_relative_to(place) for file, place in zip(files, (pictures, elsewhere), strict=True)]


def test_another_folder_of_models_is_looked_through_at_once(
    window: Window, settings: SettingsWindow, tmp_path: Path
) -> None:
    copied(STARTER, tmp_path / "models" / "hills")
    unet = tmp_path / "models" / "hills" / "unet" / "config.json"
    unet.write_text(unet.read_text() + " ")  # another model than the built-in one
    settings.show_section("Folders")
    click(beside(settings, "Models", "Choose a folder"))
    answer(settings, tmp_path / "models")
    until(lambda: window.panel.model.findText("hills") >= 0)
    click(beside(settings, "Models", "Default"))
    until(lambda: window.panel.model.findText("hills") == -1)


def test_settings_stay_open_beside_the_window_and_go_with_it(window: Window, settings: SettingsWindow) -> None:
    click(window.panel.generate)
    until(lambda: bool(window.studio.results.all))
    assert settings.isVisible()
    window.close()
    assert not [each for each in QApplication.topLevelWidgets() if each.isVisible()]


def test_escape_closes_them_and_their_keys_open_them_again(window: Window, settings: SettingsWindow) -> None:
    settings.show_section("Folders")
    press(settings, Qt.Key.Key_Escape)
    assert not settings.isVisible()
    window.open_settings()
    assert settings.isVisible()
    assert settings.sections.currentItem().text() == "Folders"  # where people were
