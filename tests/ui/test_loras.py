"""LoRAs in the prompt panel: added, weighed, set aside, and what is found of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.models.extras import NO_EXTRAS, Extra, Extras
from desktop.recipe import MOST_WEIGHT, LoraUse
from desktop.studio.clinic import Finding
from desktop.ui.prompt import lora_box
from desktop.ui.prompt.behind import BEHIND
from desktop.ui.prompt.calls import CallsLine
from desktop.ui.prompt.lora_row import LoraRow
from desktop.ui.window import Window
from tests.fakes import FakeEngine
from tests.studio.at_hand import extra
from tests.ui.hands import click, press, settle, type_into, until

INK = extra("lora", "a", "ink pen", family="sd15", triggers=("inky", "hatching"))
TEA = extra("lora", "b", "tea stains", family="starter")
VAE = extra("vae", "c", "clear", family="starter")
LCM = extra("lora", "d", "lcm-lora-sdv1-5", family="sd15")
EXTRAS = Extras.of([INK, TEA, VAE, LCM, extra("vae", "e", "of another", family="sdxl")])
INK_USE, TEA_USE = LoraUse(INK.id, "ink pen"), LoraUse(TEA.id, "tea stains")


@pytest.fixture
def window(window: Window) -> Window:
    until(lambda: bool(window.studio.shelf.models))
    window.studio.shelf.extras = EXTRAS
    settle()
    return window


def _row(window: Window, use: LoraUse) -> LoraRow:
    settle()  # new rows show themselves in a moment
    return window.panel.loras.rows[use.file]


def test_without_any_file_it_says_where_they_come_from(window: Window) -> None:
    form = window.panel.loras
    assert form.box.isVisible()
    assert not form.empty.isVisible()
    window.studio.shelf.extras = NO_EXTRAS
    assert form.empty.isVisible()
    assert not form.box.isVisible()


def test_one_is_added_by_a_part_of_its_name(window: Window) -> None:
    box = window.panel.loras.box
    box.setFocus()
    type_into(box, "ink")
    completer = box.completer()
    assert completer
    popup = completer.popup()
    assert popup
    until(popup.isVisible)
    press(popup, Qt.Key.Key_Down)
    press(popup, Qt.Key.Key_Return)
    assert window.studio.session.loras == (INK_USE,)
    assert _row(window, INK_USE).isVisible()
    until(lambda: box.currentText() == "")


def test_those_of_the_models_family_come_first_and_others_say_what_they_are_for(window: Window) -> None:
    box = window.panel.loras.box
    assert [(box.itemText(i), box.itemData(i, BEHIND)) for i in range(box.count())] == [
        ("tea stains", ""),
        ("ink pen", "Stable Diffusion 1.5"),
        ("lcm-lora-sdv1-5", "Stable Diffusion 1.5"),
    ]


def test_two_of_one_name_are_told_apart_by_their_folders(window: Window) -> None:
    other = replace(INK, id="f" * 64, entry=replace(INK.entry, path=Path("/other/ink pen.safetensors")))
    window.studio.shelf.extras = Extras.of([INK, other, TEA])
    box = window.panel.loras.box
    behind = [box.itemData(i, BEHIND) for i in range(box.count())]
    assert behind == ["", "models  ·  Stable Diffusion 1.5", "other  ·  Stable Diffusion 1.5"]
    window.studio.session.loras = (INK_USE, TEA_USE)
    assert _row(window, INK_USE).on.text() == "ink pen (models)"
    assert _row(window, TEA_USE).on.text() == "tea stains"


def test_one_begins_with_the_weight_that_is_told_beside_it(window: Window) -> None:
    window.panel.loras.box.picked.emit(replace(INK, entry=replace(INK.entry, weight=0.65)))
    assert window.studio.session.loras == (replace(INK_USE, weight=0.65),)


def test_the_row_shows_the_session_and_changes_it(window: Window) -> None:
    session = window.studio.session
    session.loras = (INK_USE, TEA_USE)
    row = _row(window, INK_USE)
    row.weight.edited.emit(0.65)
    assert session.loras[0] == replace(INK_USE, weight=0.65)
    session.change_lora(replace(INK_USE, weight=0.3))
    assert row.weight.content == 0.3
    click(row.more)
    row.text_weight.edited.emit(0.0)
    assert session.loras[0].text_weight == 0.0
    type_into(row.blocks.line, "up_blocks.1=0.5, mid_block=-1")
    press(row.blocks.line, Qt.Key.Key_Return)
    assert session.loras[0].blocks == (("up_blocks.1", 0.5), ("mid_block", -1.0))
    assert session.loras[1] == TEA_USE
    session.change_lora(replace(INK_USE, blocks=(("down_blocks", 0.25),)))
    assert row.blocks.line.text() == "down_blocks=0.25"


def test_a_weight_of_a_block_that_is_none_is_told_where_it_is_typed(window: Window) -> None:
    session = window.studio.session
    session.loras = (TEA_USE,)
    row = _row(window, TEA_USE)
    click(row.more)
    type_into(row.blocks.line, "up_blocks.1=0.5, nonsense")
    press(row.blocks.line, Qt.Key.Key_Return)
    assert session.loras[0].blocks == (("up_blocks.1", 0.5),)
    assert row.blocks.line.text() == "up_blocks.1=0.5, nonsense"
    assert row.blocks.told.text().startswith("“nonsense” is no weight of a block.")
    assert row.blocks.told.isVisible()
    row.blocks.line.selectAll()
    type_into(row.blocks.line, "up_blok=0.5")
    press(row.blocks.line, Qt.Key.Key_Return)
    assert not row.blocks.told.isVisible()  # it is not known which there are
    assert session.model
    window.studio.clinic.take((session.model.id, TEA.id), Finding(True, "Fits.", places=("up_blocks", "up_blocks.1")))
    assert row.blocks.told.text() == "It has no block “up_blok” here: that changes nothing."


def test_the_names_of_blocks_are_completed(window: Window) -> None:
    session = window.studio.session
    session.loras = (TEA_USE,)
    row = _row(window, TEA_USE)
    click(row.more)
    line = row.blocks.line
    assert not line.mark.isVisible()
    assert session.model
    places = ("down_blocks", "down_blocks.0", "up_blocks", "up_blocks.1")
    window.studio.clinic.take((session.model.id, TEA.id), Finding(True, "Fits.", places=places))
    assert line.mark.isVisible()
    line.setFocus()
    type_into(line, "down_blocks=0.5, up")
    popup = line._list.popup()
    assert popup
    until(popup.isVisible)
    press(popup, Qt.Key.Key_Down)
    press(popup, Qt.Key.Key_Down)
    press(popup, Qt.Key.Key_Return)
    assert line.text() == "down_blocks=0.5, up_blocks.1="
    QTest.keyClicks(line, "0.25")
    press(line, Qt.Key.Key_Return)
    assert session.loras[0].blocks == (("down_blocks", 0.5), ("up_blocks.1", 0.25))


def test_a_weight_that_none_can_have_becomes_the_nearest(window: Window) -> None:
    session = window.studio.session
    session.loras = (INK_USE,)
    row = _row(window, INK_USE)
    for _ in range(2):  # the second time nothing changes
        row.weight.content = 50.0  # as it is when that is typed
        row.weight.edited.emit(50.0)
        assert (session.loras[0].weight, row.weight.content) == (MOST_WEIGHT, MOST_WEIGHT)
    row.text_weight.content = -50.0
    row.text_weight.edited.emit(-50.0)
    assert (session.loras[0].text_weight, row.text_weight.content) == (-MOST_WEIGHT, -MOST_WEIGHT)


def test_triggers_are_shown_when_their_file_is_known(window: Window) -> None:
    window.studio.shelf.extras = NO_EXTRAS
    window.studio.session.loras = (INK_USE,)
    row = _row(window, INK_USE)
    assert not row.triggers.isVisible()
    window.studio.shelf.extras = EXTRAS
    assert [chip.text() for chip in row.triggers.findChildren(QPushButton)] == ["inky", "hatching"]
    assert row.triggers.isVisible()
    window.studio.shelf.extras = Extras.of([extra("lora", "a", "ink pen", triggers=("pen & ink",))])
    assert [chip.text() for chip in row.triggers.findChildren(QPushButton)] == ["pen && ink"]
    settle()
    click(row.triggers.findChildren(QPushButton)[0])
    assert window.studio.session.prompt.endswith(", pen & ink")


def test_names_and_words_of_strangers_are_shown_as_they_are(window: Window) -> None:
    word = "<img src=file:///etc/passwd>"
    window.studio.shelf.extras = Extras.of([extra("lora", "a", word, triggers=(word,))])
    window.studio.session.loras = (use := LoraUse("a" * 64, word),)
    row = _row(window, use)
    row.show_finding(Finding(True, word, word))
    box = window.panel.loras.box
    tips = [box.itemData(0, Qt.ItemDataRole.ToolTipRole), *(each.toolTip() for each in row.findChildren(QWidget))]
    assert "&lt;img src" in tips[0]
    assert not [tip for tip in tips if "<img" in tip]
    assert row.finding.textFormat() == Qt.TextFormat.PlainText


def test_of_thousands_only_what_is_seen_is_put_into_words(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    box = window.panel.loras.box
    many = [extra("lora", "a", f"lora {i}", family="sdxl") for i in range(3000)]
    told: list[Extra] = []
    monkeypatch.setattr(lora_box, "_family", lambda each: told.append(each) or "SDXL")
    box.offer(Extras.of(many), "sd15")
    settle()
    assert len(told) < 100
    assert box.count() == 3000
    assert box.itemData(2999, BEHIND) == "SDXL"


def test_one_is_set_aside_and_removed(window: Window) -> None:
    session = window.studio.session
    session.loras = (INK_USE, TEA_USE)
    row = _row(window, INK_USE)
    row.on.click()
    assert session.active_loras == (TEA_USE,)
    assert not row.weight.isEnabled()
    row.on.click()
    assert session.active_loras == (INK_USE, TEA_USE)
    click(row.removal)
    assert session.loras == (TEA_USE,)
    assert set(window.panel.loras.rows) == {TEA.id}


def test_trigger_words_go_into_the_prompt_once(window: Window) -> None:
    session = window.studio.session
    session.prompt, session.loras = "a lake", (INK_USE,)
    chip = next(chip for chip in _row(window, INK_USE).findChildren(QPushButton) if chip.text() == "inky")
    click(chip)
    click(chip)
    assert session.prompt == "a lake, inky"


def test_what_is_found_of_it_stands_below(window: Window) -> None:
    window.studio.shelf.extras = Extras.of([replace(INK, entry=replace(INK.entry, family="sdxl")), TEA])
    window.studio.session.loras = (INK_USE, TEA_USE)
    row = _row(window, INK_USE)
    assert row.finding.text() == "ink pen was made for Stable Diffusion XL, and this is Starter."
    assert row.finding.isVisible()
    assert row.finding.property("failure")
    assert window.studio.session.model
    window.studio.clinic.take((window.studio.session.model.id, TEA.id), Finding(True, "Fits whole.", "more"))
    assert (_row(window, TEA_USE).finding.text(), _row(window, TEA_USE).finding.toolTip()) == ("Fits whole.", "more")


def test_what_is_set_goes_into_the_job(window: Window, engine: FakeEngine) -> None:
    session = window.studio.session
    session.prompt, session.loras, session.parts = "a lake <lora:ink pen:0.4>", (TEA_USE,), {"vae": VAE.id}
    window.studio.queue.paused = True
    window.studio.generate()
    until(lambda: bool(window.studio.queue.waiting))
    recipe = window.studio.queue.waiting[0].job.work
    assert recipe.prompt == "a lake"
    assert recipe.loras == (TEA_USE, replace(INK_USE, weight=0.4))
    assert recipe.parts == {"vae": VAE.id}


def test_another_vae_is_chosen_from_those_that_fit(window: Window) -> None:
    vae = window.panel.parts.boxes["vae"]
    assert [vae.itemText(i) for i in range(vae.count())] == ["The model's own", "clear"]
    vae.edited.emit(VAE.id)
    assert window.studio.session.parts == {"vae": VAE.id}
    vae.edited.emit("")
    assert window.studio.session.parts == {}


def test_one_that_does_not_suit_is_told_with_its_name(window: Window) -> None:
    panel, session = window.panel, window.studio.session
    vae, section = panel.parts.boxes["vae"], panel.parts_section
    session.parts = {"vae": "e" * 64}
    assert vae.currentText() == "of another (does not suit)"
    assert panel.parts.told.text() == "of another was made for Stable Diffusion XL, and this is Starter."
    assert section.open
    session.parts = {"vae": "f" * 64}
    assert vae.currentText() == "A file that is not here"
    assert panel.parts.told.text() == "The file that was chosen for VAE is not here any more."
    session.parts = {}
    assert (vae.currentText(), panel.parts.told.isVisible()) == ("The model's own", False)


def test_what_a_tag_calls_is_told_below_the_prompt(window: Window) -> None:
    session, (line,) = window.studio.session, window.panel.findChildren(CallsLine)
    session.prompt = "a lake <lora:tea stains:0.8>"
    assert not line.isVisible()
    session.prompt = "a lake <lora:teas:0.8>"
    assert (line.isVisible(), line.text()) == (True, "There is no LoRA “teas” here.")
    session.prompt, session.negative = "a lake", "people <lora:tea stains:much>"
    assert line.text().startswith("<lora:tea stains:much> has no number for a weight.")
