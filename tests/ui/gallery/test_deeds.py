"""What is done with pictures of the gallery: look at, use again, compare, hand on, bring in."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from desktop.library.metadata.reading import describe
from desktop.paths import data_folder
from desktop.raster import Raster
from desktop.ui.gallery.export import ExportWindow
from desktop.ui.gallery.page import GalleryPage
from desktop.ui.widgets.images import from_image
from desktop.ui.window import Window
from tests.fakes import painted
from tests.studio.things import recipe_of
from tests.ui.conftest import Open
from tests.ui.gallery.pages import PROMPTS, choose, chosen, place
from tests.ui.hands import CONTROL, answer, click, make, menu_of, pick, picture, press, real_click, toast, until

THEIRS = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 96x64, Model: dream, Hires upscaler: Latent"


def newest(number: int = 0) -> Raster:
    """The picture in that place of the gallery."""
    return painted(recipe_of(len(PROMPTS) - 1 - number))


# ---------------------------------------------------------------- looking at one


def test_a_double_click_shows_it_on_the_whole_screen_and_keys_go_on(window: Window, page: GalleryPage) -> None:
    real_click(page.grid.viewport(), place(page, 1))
    real_click(page.grid.viewport(), place(page, 1), double=True)
    viewer = window.side_windows.viewer
    until(lambda: viewer.isVisible() and viewer._stage.picture == newest(1))
    press(viewer, Qt.Key.Key_Right)
    until(lambda: viewer._stage.picture == newest(2))
    press(viewer, Qt.Key.Key_5)
    until(lambda: "★★★★★" in viewer.foot.text())
    press(viewer, Qt.Key.Key_Left)
    press(viewer, Qt.Key.Key_Left)
    press(viewer, Qt.Key.Key_Left)  # no further
    until(lambda: viewer._stage.picture == newest(0))
    press(viewer, Qt.Key.Key_Delete)
    until(lambda: page.model.rowCount() == len(PROMPTS) - 1)
    until(lambda: viewer._stage.picture == newest(1))
    press(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()
    assert page.isVisible()


def test_on_the_whole_screen_only_what_is_seen_is_thrown_away(window: Window, page: GalleryPage) -> None:
    press(page.grid, Qt.Key.Key_A, CONTROL)
    window.actions_["view_full"].trigger()
    viewer = window.side_windows.viewer
    until(lambda: viewer.isVisible() and len(window.studio.gallery.chosen) == 1)
    press(viewer, Qt.Key.Key_Delete)
    until(lambda: page.model.rowCount() == len(PROMPTS) - 1)
    press(viewer, Qt.Key.Key_Escape)


# ---------------------------------------------------------------- using again


def test_its_recipe_and_its_seed_are_used(window: Window, page: GalleryPage) -> None:
    choose(page, 2)
    window.actions_["use_recipe"].trigger()
    until(lambda: window.studio.session.prompt == "dunes")
    assert (window.studio.session.seed, window.studio.session.seed_locked) == (3, True)
    choose(page, 0)
    window.actions_["use_seed"].trigger()
    assert (window.studio.session.prompt, window.studio.session.seed) == ("dunes", 5)


def test_it_is_what_the_next_one_starts_from_or_varied_or_edited(window: Window, page: GalleryPage, engine) -> None:
    choose(page, 2)
    window.actions_["use_source"].trigger()
    until(lambda: window.studio.session.source == newest(2))
    window.actions_["more_like"].trigger()
    until(lambda: len(engine.jobs) == 1)
    assert engine.jobs[0].work.source.image == newest(2).sha256
    window.actions_["result_to_canvas"].trigger()
    assert window.studio.easel.active
    until(lambda: window.studio.stage.is_candidate and window.studio.stage.picture == newest(2))


def test_the_right_button_offers_what_can_be_done(window: Window, page: GalleryPage) -> None:
    choose(page, 0)
    menu = menu_of(page.grid.viewport(), place(page, 0))
    enabled = {action.objectName() for action in menu.actions() if action.isEnabled() and action.objectName()}
    assert {"view_full", "use_recipe", "use_seed", "more_like", "use_source", "result_to_canvas", "copy"} <= enabled
    assert {"export", "trash", "show_in_folder", "add_tag"} <= enabled
    assert not {"restore", "release", "locate"} & enabled
    menu.close()


def test_copy_gives_pixels_and_files(window: Window, page: GalleryPage, files: list[Path]) -> None:
    choose(page, 0)
    choose(page, 1, CONTROL)
    window.actions_["copy"].trigger()
    until(lambda: QGuiApplication.clipboard().image().width() > 0)
    mime = QGuiApplication.clipboard().mimeData()
    assert [Path(url.toLocalFile()) for url in mime.urls()] == [files[5], files[4]]
    assert from_image(QGuiApplication.clipboard().image()).rgb() == newest(0)


# ---------------------------------------------------------------- comparing


def test_two_are_compared_with_a_divider(window: Window, page: GalleryPage) -> None:
    choose(page, 0)
    choose(page, 3, CONTROL)
    window.actions_["compare"].trigger()
    until(lambda: window.studio.stage.rival == newest(3))
    assert window.studio.stage.picture == newest(0)
    assert window.center.tabs.currentIndex() == 0


def test_many_are_laid_out_side_by_side_and_can_be_saved(window: Window, page: GalleryPage, tmp_path: Path) -> None:
    press(page.grid, Qt.Key.Key_A, CONTROL)
    assert len(chosen(page)) == len(PROMPTS)
    window.actions_["compare"].trigger()
    until(lambda: bool(window.studio.results.all) and window.studio.results.all[0].raster is not None)
    sheet = window.studio.results.all[0].raster
    assert sheet
    until(lambda: window.studio.stage.picture is sheet)
    colors = {tuple(color) for color in sheet.pixels[::8, ::8].reshape(-1, 3)}
    assert {tuple(newest(number).pixels[0, 0]) for number in range(len(PROMPTS))} <= colors
    window.studio.saving.save_as(window.studio.results.all[0], tmp_path / "sheet.png")
    toast(window, "Saved as sheet.png")
    found = describe(tmp_path / "sheet.png")
    assert (dict(found.recipe), found.ai_generated) == ({}, True)


# ---------------------------------------------------------------- handing on


@pytest.fixture
def exporting(window: Window, page: GalleryPage) -> ExportWindow:
    choose(page, 0)
    choose(page, 1, CONTROL)
    window.actions_["export"].trigger()
    until(window.side_windows.export.isVisible)
    return window.side_windows.export


def test_a_selection_is_exported_as_it_was_asked_for(window: Window, exporting: ExportWindow, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert exporting.title.text() == "2 pictures"
    pick(exporting.format, "jpeg")
    pick(exporting.said, "quiet")
    exporting.pattern.setText("{number} of {model}")
    click(exporting.button)
    answer(exporting, tmp_path / "out")
    toast(window, "2 pictures exported.")
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == ["0001 of fake.jpg", "0002 of fake.jpg"]
    with Image.open(tmp_path / "out" / names[0]) as image:
        assert image.format == "JPEG"
    found = describe(tmp_path / "out" / names[0])
    assert (found.recipe.get("prompt"), found.recipe["seed"], found.ai_generated) == (None, 5, True)
    assert not exporting.isVisible()
    window.actions_["export"].trigger()
    assert (exporting.format.content, exporting.said.content) == ("jpeg", "quiet")


def test_a_zip_and_a_name_that_cannot_be(window: Window, exporting: ExportWindow, tmp_path: Path) -> None:
    exporting.pattern.setText("{sead}")
    assert "There is no {sead}" in exporting.problem.text()
    assert not exporting.button.isEnabled()
    exporting.pattern.setText("{seed}")
    assert exporting.button.isEnabled()
    exporting.zipped.click()
    click(exporting.button)
    answer(exporting, tmp_path / "both.zip")
    toast(window, "2 pictures exported.")
    with zipfile.ZipFile(tmp_path / "both.zip") as archive:
        assert archive.namelist() == ["5.png", "4.png"]


def test_what_is_exported_is_signed_if_people_wish(window: Window, exporting: ExportWindow, tmp_path: Path) -> None:
    from desktop.library.metadata.credentials import verify

    (tmp_path / "out").mkdir()
    window.studio.memory.change_settings(credentials=True)
    click(exporting.button)
    answer(exporting, tmp_path / "out")
    toast(window, "2 pictures exported.")
    for file in (tmp_path / "out").iterdir():
        assert verify(file.read_bytes()) == "valid, untrusted signer"


def test_exporting_nothing_cannot_be_asked_for(window: Window, page: GalleryPage) -> None:
    page.grid.clearSelection()
    window.actions_.refresh()
    assert not window.actions_["export"].isEnabled()


# ---------------------------------------------------------------- bringing in, keeping


def test_a_folder_of_another_program_is_imported(window: Window, page: GalleryPage, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    info = PngInfo()
    info.add_text("parameters", THEIRS)
    (tmp_path / "theirs" / "cat.png").write_bytes(picture().png(info))
    (tmp_path / "theirs" / "broken.png").write_bytes(b"\x89PNG")
    window.actions_["import"].trigger()
    answer(window, tmp_path / "theirs")
    notice = toast(window, "One picture imported. 1 could not be read.").notice
    assert "broken.png" in notice.details
    until(lambda: page.model.rowCount() == len(PROMPTS) + 1)
    page.search.setFocus()
    QTest.keyClicks(page.search, "cat")
    until(lambda: page.model.rowCount() == 1)
    choose(page, 0)
    window.actions_["use_recipe"].trigger()
    told = toast(window, "The model of this recipe is not here: dream.").notice
    assert "Hires upscaler: Latent" in told.details
    assert (window.studio.session.prompt, window.studio.session.seed) == ("a cat", 42)


def test_an_import_that_was_interrupted_is_offered_again(open_window: Open, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "a.png").write_bytes(picture().png())
    window = open_window()
    window.studio.memory.keep("unfinished chores", lambda: [{"import": str(tmp_path / "theirs")}])
    window.close()
    again = open_window()
    offer = toast(again, "The import of").notice
    dict(offer.actions)["Go on"]()
    toast(again, "One picture imported.")
    again.close()
    third = open_window()
    until(lambda: len(third.studio.gallery.found) == 1)
    assert not [each for each in third.toasts.shown if "interrupted" in each.notice.message]


def test_the_library_moves_and_is_backed_up(window: Window, page: GalleryPage, files, tmp_path: Path) -> None:
    window.studio.tending.move_library(tmp_path / "other disk")
    toast(window, "The library has moved.")
    assert not any(file.exists() for file in files)
    assert len(list((tmp_path / "other disk").rglob("*.png"))) == len(files)
    assert window.studio.memory.settings.pictures == str(tmp_path / "other disk")
    window.studio.tending.back_up(tmp_path)
    toast(window, "The backup is complete.")
    assert len(list((tmp_path / "Sfumato backup" / "pictures").rglob("*.png"))) == len(files)
    make(window, 99)
    until(lambda: page.model.rowCount() == len(PROMPTS) + 1)
    assert len(list((tmp_path / "other disk").rglob("*.png"))) == len(files) + 1


def test_disk_usage_is_told(window: Window, page: GalleryPage) -> None:
    window.actions_["usage"].trigger()
    usage = window.side_windows.usage
    until(lambda: usage.months.rowCount() == 1 and usage.models.rowCount() == 1)
    item = usage.models.item(0, 0)
    assert item
    assert item.text() == "fake"
    assert usage.title.text().startswith("6 pictures, ")


def test_in_private_nothing_is_left_on_disk(open_window: Open, pictures: Path) -> None:
    window = open_window(private=True)
    assert window.privacy.isVisible()
    window.studio.session.prompt = "a secret castle"
    make(window, 1)
    [result] = window.studio.results.all
    assert result.raster
    assert result.recipe.prompt == "a secret castle"
    assert not window.toasts.shown
    window.close()
    left = [file for folder in (pictures, data_folder()) for file in folder.rglob("*") if file.is_file()]
    assert not [file for file in left if file.suffix == ".png"]
    assert not [file for file in left if b"secret castle" in file.read_bytes()]
    assert open_window().studio.results.all == []


def test_private_mode_is_an_action_and_is_seen(window: Window, page: GalleryPage) -> None:
    assert not window.privacy.isVisible()
    window.actions_["private"].trigger()
    assert window.privacy.isVisible()
    assert window.actions_["private"].isChecked()
    make(window, 1)
    assert page.model.rowCount() == len(PROMPTS)
    window.actions_["private"].trigger()
    make(window, 2)
    until(lambda: page.model.rowCount() == len(PROMPTS) + 1)
