"""The model files at hand: looked through, searched, noted and thrown away."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QObject

from desktop.database import Database
from desktop.library.library import Library
from desktop.models import scanning
from desktop.models.catalog import Catalog
from desktop.models.hashes import Hashes
from desktop.models.marks import Mark
from desktop.models.weights import content_id
from desktop.recipe import LoraUse
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.sifting import Item
from desktop.studio.stock import Stock
from tests import model_files
from tests.library.things import produced
from tests.models.corpus import PARTS
from tests.models.layouts import header, write
from tests.studio.things import settle
from tests.ui.hands import until

OpenStock = Callable[[], Stock]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    model_files.lora(folder / "ink.safetensors", "sdxl", seed=1)
    model_files.note(folder / "ink.safetensors", **{"activation text": "sumi-e, rice paper"})
    model_files.lora(folder / "clay.safetensors", seed=2)
    model_files.embedding(folder / "bad hands.safetensors")
    model_files.broken(folder / "half.safetensors")
    return folder


@pytest.fixture
def open_stock(database: Database, memory: Memory, parent: QObject, folder: Path) -> OpenStock:
    def launch() -> Stock:
        stock = Stock(lambda: Catalog(models=folder), database, memory, parent)
        stock.active = True
        until(lambda: stock.is_known)
        return stock

    return launch


@pytest.fixture
def stock(open_stock: OpenStock) -> Stock:
    return open_stock()


def named(stock: Stock, name: str) -> Item:
    return next(item for item in stock.items if item.entry.name == name)


def names(items: tuple[Item, ...]) -> list[str]:
    return [item.entry.name for item in items]


def look(stock: Stock) -> None:
    stock.look()
    until(lambda: not stock.is_looking)


def test_nothing_is_looked_through_before_somebody_wants_to_see_it(
    database: Database, memory: Memory, parent: QObject, folder: Path
) -> None:
    stock = Stock(lambda: Catalog(models=folder), database, memory, parent)
    assert not stock.is_looking
    memory.change_settings(model_folders=("/elsewhere",))
    assert not stock.is_looking
    stock.active = True
    until(lambda: stock.is_known)
    stock.active = False
    stock.active = True
    assert not stock.is_looking  # a second time


def test_what_there_is(stock: Stock) -> None:
    assert names(stock.found) == ["bad hands", "clay", "half", "ink", "starter"]
    ink = named(stock, "ink")
    assert (ink.entry.kind, ink.entry.family, ink.entry.triggers) == ("lora", "sdxl", ("sumi-e", "rice paper"))
    assert ink.changed > 1e9
    assert named(stock, "half").entry.problem


def test_search_and_filters(stock: Stock) -> None:
    stock.narrow(text="rice")
    assert names(stock.found) == ["ink"]
    stock.narrow(text="", kind="lora", sort="largest")
    assert names(stock.found)[:2] == ["ink", "clay"]
    stock.narrow(problems=True, kind="")
    assert names(stock.found) == ["half"]
    stock.widen()
    assert len(stock.found) == 5
    assert stock.wanted.sort == "largest"


def test_what_is_noted_is_found_at_once_and_there_the_next_time(stock: Stock, open_stock: OpenStock) -> None:
    stock.choose([named(stock, "ink").entry.path])
    stock.note([named(stock, "ink")], favourite=True)
    stock.tag([named(stock, "ink")], " best  of, Paper")
    stock.tag([named(stock, "clay")], "PAPER")
    stock.note([named(stock, "clay")], notes="soft")
    assert stock.chosen
    assert stock.chosen[0].mark == Mark(True, ("best of", "Paper"))
    assert stock.tags == ("best of", "Paper")
    assert named(stock, "clay").mark == Mark(False, ("Paper",), "soft")
    stock.narrow(tag="Paper", favourites=True)
    assert names(stock.found) == ["ink"]
    stock.untag([named(stock, "ink")], "Paper")
    assert stock.found == ()
    stock.lane.finish()
    again = open_stock()
    assert {item.entry.name: item.mark for item in again.items if item.mark != Mark()} == {
        "ink": Mark(True, ("best of",)),
        "clay": Mark(False, ("Paper",), "soft"),
    }


def test_several_are_noted_at_once(stock: Stock) -> None:
    stock.tag([named(stock, "ink")], "Paper")
    both = [named(stock, "ink"), named(stock, "clay")]
    stock.choose(item.entry.path for item in both)
    stock.tag(stock.chosen, "paper, soft")
    stock.note(stock.chosen, favourite=True)
    assert [item.mark for item in stock.chosen] == [Mark(True, ("Paper", "soft"))] * 2
    stock.untag(stock.chosen, "soft")
    look(stock)
    assert [item.mark for item in stock.chosen] == [Mark(True, ("Paper",))] * 2


def test_what_is_noted_goes_with_its_file(stock: Stock, folder: Path) -> None:
    stock.note([named(stock, "ink")], notes="mine")
    settle(stock.lane)
    (folder / "ink.safetensors").rename(folder / "moved.safetensors")
    model_files.lora(folder / "ink.safetensors", seed=7)
    look(stock)
    assert {item.entry.name: item.mark.notes for item in stock.items if item.mark.notes} == {"moved": "mine"}


def test_what_is_noted_while_it_looks_is_not_lost(stock: Stock) -> None:
    stock.look()
    stock.note([named(stock, "ink")], favourite=True)
    until(lambda: not stock.is_looking)
    assert named(stock, "ink").mark.favourite


def test_new_files_come_and_old_ones_go(stock: Stock, folder: Path) -> None:
    stock.choose([folder / "clay.safetensors"])
    model_files.lora(folder / "new.safetensors")
    (folder / "clay.safetensors").unlink()
    look(stock)
    assert names(stock.items).count("new") == 1
    assert "clay" not in names(stock.items)
    assert not stock.chosen


def test_a_look_that_is_asked_for_meanwhile_follows(stock: Stock, folder: Path) -> None:
    stock.look()
    model_files.lora(folder / "new.safetensors")
    stock.look()
    until(lambda: "new" in names(stock.items))


def test_other_folders_are_looked_through(stock: Stock, memory: Memory) -> None:
    memory.change_settings(model_folders=("/elsewhere",))
    assert stock.is_looking
    until(lambda: not stock.is_looking)
    memory.change_settings(theme="light")
    assert not stock.is_looking


def test_uses_are_counted(stock: Stock, library: Library) -> None:
    made = produced(1)
    recipe = replace(made.recipe, loras=(LoraUse("ab" * 32, "INK"),))
    for _ in range(2):
        library.add(replace(made, recipe=recipe, made={"model": "starter"}), 1)
    look(stock)
    assert [named(stock, name).used for name in ("ink", "starter", "clay")] == [2, 2, 0]


def test_uses_of_parts_are_counted_by_their_content(stock: Stock, library: Library, folder: Path) -> None:
    vae = write(folder / "vae.safetensors", header(PARTS["vae of a name"].tensors))
    made = produced(1)
    library.add(replace(made, recipe=replace(made.recipe, parts={"vae": content_id(vae)})), 1)
    look(stock)
    assert (named(stock, "vae").entry.kind, named(stock, "vae").used) == ("vae", 1)


# ---------------------------------------------------------------- away


@pytest.fixture
def notices(stock: Stock) -> list[Notice]:
    found: list[Notice] = []
    stock.noticed.connect(found.append)
    return found


@pytest.fixture
def _own_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.mark.usefixtures("_own_trash")
def test_a_file_goes_to_the_trash_and_comes_back(stock: Stock, folder: Path, notices: list[Notice]) -> None:
    stock.note([named(stock, "ink")], favourite=True)
    stock.choose([folder / "ink.safetensors"])
    stock.discarding.throw_away([named(stock, "ink")])
    until(lambda: bool(notices))
    if notices[0].kind is Kind.WARNING:
        pytest.skip("there is no trash here")
    assert "ink" not in names(stock.items)
    assert not stock.chosen
    assert not (folder / "ink.json").exists()
    ((words, undo),) = notices[0].actions
    assert words == "Undo"
    undo()
    until(lambda: "ink" in names(stock.items))
    assert named(stock, "ink").mark.favourite
    assert named(stock, "ink").entry.triggers == ("sumi-e", "rice paper")


def test_without_a_trash_it_is_only_deleted_when_people_say_so_again(
    stock: Stock, folder: Path, notices: list[Notice], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no folder").write_text("where the trash would be")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no folder"))
    stock.discarding.throw_away([named(stock, "ink")])
    until(lambda: bool(notices))
    if notices[0].kind is Kind.DONE:
        pytest.skip("the trash is elsewhere")
    assert notices[0].kind is Kind.WARNING
    assert (folder / "ink.safetensors").exists()
    assert "ink" in names(stock.items)
    ((words, delete),) = notices[0].actions
    assert words == "Delete for good"
    delete()
    until(lambda: "ink" not in names(stock.items))
    assert not (folder / "ink.safetensors").exists()
    assert not (folder / "ink.json").exists()


def test_what_cannot_go_is_told(stock: Stock, notices: list[Notice]) -> None:
    stock.discarding.throw_away([named(stock, "starter")])
    until(lambda: bool(notices))
    assert "built-in" in notices[0].message
    assert "starter" in names(stock.items)


@pytest.mark.usefixtures("_own_trash")
def test_several_go_together_and_come_back_by_one_undo(stock: Stock, folder: Path, notices: list[Notice]) -> None:
    stock.discarding.throw_away([named(stock, name) for name in ("ink", "starter", "clay")])
    until(lambda: len(notices) == 2)
    if notices[0].kind is not Kind.DONE:
        pytest.skip("there is no trash here")
    assert notices[0].message == "2 models are in the trash."
    assert "built-in" in notices[1].message
    assert {"ink", "clay"}.isdisjoint(names(stock.items))
    ((_, undo),) = notices[0].actions
    (folder / "clay.safetensors").write_bytes(b"another")  # one that does not come back keeps no other from it
    undo()
    until(lambda: "ink" in names(stock.items))
    assert "clay.safetensors is there again" in notices[2].message


# ---------------------------------------------------------------- changes on disk


def test_what_comes_into_the_folders_is_seen_by_itself(stock: Stock, folder: Path) -> None:
    changes: list[bool] = []
    stock.folders_changed.connect(lambda: changes.append(True))
    stock.start()
    until(lambda: folder in stock._watching.folders)
    model_files.lora(folder / "deeper" / "new.safetensors")
    until(lambda: "new" in names(stock.items) and bool(changes))


def test_another_folder_is_watched_as_soon_as_it_is_chosen(
    database: Database, memory: Memory, parent: QObject, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    catalog = lambda: Catalog(models=folder, folders=[Path(each) for each in memory.settings.model_folders])  # noqa: E731
    stock = Stock(catalog, database, memory, parent)
    stock.start()
    until(lambda: folder in stock._watching.folders)
    memory.change_settings(model_folders=(str(other),))
    until(lambda: other in stock._watching.folders)
    assert not stock.is_known  # that is for those who want to see it


def test_hashes_are_shown_once_they_are_known(stock: Stock, folder: Path) -> None:
    assert (named(stock, "ink").entry.hash, named(stock, "ink").weights) == ("", "")
    for _ in Catalog(models=folder).learn_hashes():
        pass
    look(stock)
    content = (folder / "ink.safetensors").read_bytes()
    assert named(stock, "ink").entry.hash == sha256(content).hexdigest()
    header = 8 + int.from_bytes(content[:8], "little")
    assert named(stock, "ink").weights == sha256(content[header:]).hexdigest()


def test_hashes_are_worked_out_in_the_background_and_kept(stock: Stock, folder: Path) -> None:
    until(lambda: all(item.entry.hash for item in stock.items if item.entry.path.is_file() and not item.entry.problem))
    ink = named(stock, "ink")
    assert ink.entry.hash == sha256(ink.entry.path.read_bytes()).hexdigest()


def test_files_that_come_while_hashes_are_worked_out_get_theirs_too(
    database: Database, memory: Memory, parent: QObject, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, learning = Event(), Hashes.learning

    def gated(hashes: Hashes, file: Path) -> Iterator[None]:
        assert gate.wait(10)
        yield from learning(hashes, file)

    monkeypatch.setattr(Hashes, "learning", gated)
    stock = Stock(lambda: Catalog(models=folder), database, memory, parent)
    stock.look()
    until(lambda: stock.is_known)
    model_files.lora(folder / "late.safetensors", seed=9)
    look(stock)
    gate.set()
    until(lambda: bool(named(stock, "late").entry.hash))


def test_a_file_in_place_of_another_gets_its_own_hash(stock: Stock, folder: Path) -> None:
    until(lambda: bool(named(stock, "ink").entry.hash) and not stock.is_looking)
    before = named(stock, "ink").entry.hash
    model_files.lora(folder / "ink.safetensors", seed=9)
    os.utime(folder / "ink.safetensors", ns=(1, 1))
    look(stock)
    until(lambda: named(stock, "ink").entry.hash not in ("", before))


def test_closing_ends_the_search_for_folders_to_watch(
    stock: Stock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[int] = []

    def many(_: object) -> Iterator[Path]:
        for number in range(1000):
            passed.append(number)
            time.sleep(0.005)
            yield folder

    monkeypatch.setattr(scanning, "folders", many)
    stock.start()
    until(lambda: bool(passed))
    stock.close()
    assert len(passed) < 1000


def test_what_is_out_of_sight_does_not_stay_chosen(stock: Stock) -> None:
    stock.choose([named(stock, "ink").entry.path])
    stock.narrow(text="ink")
    assert stock.chosen
    stock.narrow(text="nothing of the kind")
    assert not stock.chosen
