"""Get a model: what is shown, asked and downloaded by people's hands, on a site of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QPushButton, QWidget

from desktop.database import Database
from desktop.library.inputs import Inputs
from desktop.models.getting.client import Patience
from desktop.models.getting.network import CIVITAI, HUGGING_FACE, Network
from desktop.paths import data_folder
from desktop.studio.downloads import Downloads, State
from desktop.studio.market import Market
from desktop.studio.memory import Memory
from desktop.studio.online import Online
from desktop.studio.samples import Samples
from desktop.ui.getting.network import NetworkWindow
from desktop.ui.getting.window import GettingWindow
from tests.models.getting.answers import REPOSITORY, details, file, model, repository, sibling, version
from tests.models.getting.server import Reply, Server, as_json, serving
from tests.models.getting.things import CONTENT, stored
from tests.ui.hands import click, named, pick, press, type_into, until
from tests.ui.test_access import controls
from tests.ui.test_network import listed

MODELS = "models"  # folder


class Shop:
    """The window, and all that is behind it."""

    def __init__(self, server: Server, models: Path, database: Database):
        network = Network(hub=server.address, civitai=server.address)
        self.server, self.models = server, models
        self.parent = QWidget()
        self.memory = Memory(database, Inputs(data_folder() / "inputs"), self.parent)
        self.online = Online(lambda: network, Patience(pauses=(0.0,)), self.parent)
        self.market = Market(self.online, lambda: {"cuda:0": "Some device, 12.0 GB"}, self.parent)
        self.samples = Samples(self.online.client, parent=self.parent)
        self.downloads = Downloads(self.online.client, lambda: models, self.memory, self.parent)
        self.window = GettingWindow(self.market, self.samples, self.downloads, self.online, self.parent)
        self.window.open()

    def search(self, words: str) -> None:
        self.window.search.setFocus()
        type_into(self.window.search, words)
        press(self.window.search, Qt.Key.Key_Return)
        until(lambda: self.market.has_searched and not self.market.is_searching)

    def offer(self, **changes: object) -> None:
        """One model of Civitai, whose file is there."""
        content = stored(self.server, "majic.safetensors")
        remote = file(name="majic.safetensors", sizeKB=len(CONTENT) / 1024, hashes={"SHA256": content.hash})
        pickle = file(name="majic.ckpt", sizeKB=len(CONTENT) / 1024, hashes={}, primary=False)
        found = model(modelVersions=[version(files=[remote, pickle], images=[])], **changes)
        self.server.routes["/api/v1/models"] = as_json({"items": [found]})
        self.server.routes["/api/download/models/176425"] = content
        pick(self.window.site, CIVITAI)

    def close(self) -> None:
        for part in (self.downloads, self.samples, self.online, self.memory):
            part.close()
        self.window.close()
        self.parent.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    with serving() as server, closing(Database(data_folder() / "sfumato.db")) as database:
        shop = Shop(server, tmp_path / MODELS, database)
        yield shop
        shop.close()
    keyring.set_keyring(before)


def test_six_are_proposed_and_nothing_goes_out(shop: Shop) -> None:
    assert len(shop.window.cards.cards) == 6
    assert shop.window.cards.verticalScrollBar().maximum() == 0  # all are in sight
    assert shop.window.cards.cards[0].accessibleName().startswith("Small and quick Stable Diffusion 1.5")
    assert "12.0 GB of memory" in shop.window.cards.heading.text()
    assert shop.online.connections.all() == []


def test_a_proposal_is_looked_at_with_its_licence_and_files(shop: Shop) -> None:
    shop.server.routes[f"/api/models/{REPOSITORY}"] = as_json(details())
    card = next(card for card in shop.window.cards.cards if card.offer.id == REPOSITORY)
    click(card)
    assert "OpenRAIL++" in shop.window.details.license.text()
    assert not shop.window.details.get.isEnabled()
    until(lambda: shop.window.details.get.isEnabled())
    assert shop.window.details.choice
    assert shop.window.details.choice.name == "Folder, fp16"


def test_what_is_found_is_shown_with_its_host(shop: Shop) -> None:
    shop.server.routes["/api/models"] = as_json([repository(id=f"me/number-{i}") for i in range(3)])
    shop.search("harbour")
    assert dict(shop.server.asked[0].query)["search"] == "harbour"
    assert len(shop.window.cards.cards) == 3
    assert shop.market.host in shop.window.cards.heading.text()
    click(named(shop.window, QPushButton, "Proposals"))
    assert len(shop.window.cards.cards) == 6


def test_more_of_them_are_added(shop: Shop) -> None:
    link = f'<{shop.server.address}/api/models?cursor=2>; rel="next"'
    shop.server.routes["/api/models"] = [as_json([repository()], Link=link), as_json([repository(id="me/next")])]
    shop.search("xl")
    first = shop.window.cards.cards[0]
    click(named(shop.window, QPushButton, "Show more"))
    until(lambda: len(shop.window.cards.cards) == 2)
    assert shop.window.cards.cards[0] is first
    assert not shop.window.cards.more.isVisible()


def test_what_goes_wrong_is_said_where_people_look(shop: Shop) -> None:
    shop.server.routes["/api/models"] = Reply(status=429, headers={"Retry-After": "900"})
    shop.search("xl")
    assert "asked too often" in shop.window.cards.heading.text()
    assert "15 min" in shop.window.cards.note.text()


def test_without_a_connection_it_says_so_and_what_to_do(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[bool] = []
    shop.window.settings_wanted.connect(lambda: wanted.append(True))
    with serving() as gone:
        address = gone.address
    online, there = shop.online.reach, Network(hub=address)
    monkeypatch.setattr(shop.online, "reach", lambda: there)
    shop.search("xl")
    assert "cannot be reached" in shop.window.cards.heading.text()
    assert all(word in shop.window.cards.note.text() for word in ("online", "proxy", "mirror"))
    click(named(shop.window.cards, QPushButton, "Network settings…"))
    assert wanted
    shop.server.routes["/api/models"] = as_json([repository()])
    monkeypatch.setattr(shop.online, "reach", online)
    click(named(shop.window.cards, QPushButton, "Try again"))
    until(lambda: bool(shop.window.cards.cards))
    assert not shop.window.cards.again.isVisible()


def test_details_that_do_not_come_are_asked_for_again(shop: Shop) -> None:
    shop.server.routes[f"/api/models/{REPOSITORY}"] = [Reply(status=503), Reply(status=503), as_json(details())]
    click(next(card for card in shop.window.cards.cards if card.offer.id == REPOSITORY))
    until(lambda: shop.market.untold is not None)
    pane = shop.window.details
    assert "has trouble of its own" in pane.problem.text()
    assert not pane.get.isVisible()  # "nothing here that can be used" is not known
    assert "Six to begin with" in shop.window.cards.heading.text()
    click(pane.again)
    until(lambda: pane.get.isVisible() and pane.get.isEnabled())
    assert not pane.again.isVisible()
    assert not pane.problem.isVisible()


def test_escape_closes_its_windows_one_by_one(shop: Shop) -> None:
    accounts = shop.window.accounts
    accounts.open()
    press(accounts.fields[CIVITAI], Qt.Key.Key_Escape)
    assert not accounts.isVisible()
    press(shop.window.search, Qt.Key.Key_Escape)
    assert not shop.window.isVisible()


def test_tab_goes_from_each_token_to_its_button(shop: Shop) -> None:
    accounts = shop.window.accounts
    accounts.open()
    until(accounts.isActiveWindow)
    assert accounts.focusWidget() is accounts.fields[HUGGING_FACE]
    press(accounts.fields[HUGGING_FACE], Qt.Key.Key_Tab)
    assert accounts.focusWidget() is named(accounts, QPushButton, "Keep the token for Hugging Face")
    accounts.close()


def test_a_model_is_downloaded(shop: Shop) -> None:
    shop.offer()
    shop.search("majic")
    click(shop.window.cards.cards[0])
    click(shop.window.details.get)
    (download,) = shop.downloads.all
    until(lambda: download.state is State.DONE)
    assert (shop.models / "checkpoints" / "majic.safetensors").read_bytes() == CONTENT
    row = shop.window.rows.rows[download]
    assert row.state.text() == "3.1 MB, complete"
    click(row.remove)
    assert not shop.window.rows.isVisible()
    assert (shop.models / "checkpoints" / "majic.safetensors").exists()


def test_what_may_not_be_sold_is_marked(shop: Shop) -> None:
    shop.offer(allowCommercialUse=["None"])
    shop.search("majic")
    click(shop.window.cards.cards[0])
    assert "not for commercial use" in shop.window.details.license.text()
    assert shop.window.details.license.property("failure")


def test_what_strangers_say_is_shown_as_it_is(shop: Shop) -> None:
    said = "<img src='file:///evil.png'>"
    shop.offer(name=said, creator={"username": said})
    shop.search("majic")
    click(shop.window.cards.cards[0])
    click(shop.window.details.get)
    labels = [label for label in shop.window.findChildren(QLabel) if said in label.text()]
    assert len(labels) == 3  # its name, what is known of it, and its download
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert not [each for each in shop.window.findChildren(QWidget) if said in each.toolTip()]


def test_addresses_stay_within_their_links(shop: Shop) -> None:
    page = 'https://a.example/"><img src="file:///evil.png'
    shop.market.chosen = replace(shop.market.proposals()[0].offer, page=page)
    assert "<img" not in shop.window.details.page.text()


def test_a_pickle_comes_only_for_those_who_insist(shop: Shop) -> None:
    shop.offer()
    shop.search("majic")
    click(shop.window.cards.cards[0])
    assert shop.window.details.get.text() == "Download 3.1 MB"
    shop.window.details.choices.setCurrentRow(1)
    assert "can hold a program" in shop.window.details.problem.text()
    assert shop.window.details.get.text() == "Download all the same"
    click(shop.window.details.get)
    assert shop.downloads.all[0].order.unsafe


def test_nothing_of_use_is_said(shop: Shop) -> None:
    shop.server.routes["/api/models"] = as_json([repository()])
    shop.server.routes[f"/api/models/{REPOSITORY}"] = as_json(repository(siblings=[sibling("README.md", 9)]))
    shop.search("xl")
    click(shop.window.cards.cards[0])
    until(lambda: not shop.market.is_asking)
    assert not shop.window.details.get.isEnabled()
    assert "Nothing here" in shop.window.details.get.text()


def test_a_download_is_paused_and_fails_in_its_row(shop: Shop) -> None:
    shop.offer()

    def halting() -> Iterator[bytes]:
        yield CONTENT[: 1 << 20]
        shop.server.leaving.wait(20)

    content = shop.server.routes["/api/download/models/176425"]
    shop.server.routes["/api/download/models/176425"] = Reply(
        headers={"Content-Length": str(len(CONTENT))}, pieces=halting()
    )
    shop.search("majic")
    click(shop.window.cards.cards[0])
    click(shop.window.details.get)
    (download,) = shop.downloads.all
    row = shop.window.rows.rows[download]
    until(lambda: row.bar.share > 0)
    click(row.pause)
    assert "paused" in row.state.text()
    shop.server.routes["/api/download/models/176425"] = Reply(status=404)
    click(row.resume)
    until(lambda: download.state is State.FAILED)
    assert "does not have this" in row.state.text()
    shop.server.routes["/api/download/models/176425"] = content
    click(row.resume)
    until(lambda: download.state is State.DONE)


def test_kinds_are_those_of_the_site(shop: Shop) -> None:
    pick(shop.window.site, CIVITAI)
    pick(shop.window.kind, "vae")
    pick(shop.window.site, HUGGING_FACE)
    assert shop.market.kind == "checkpoint"
    assert shop.window.kind.content == "checkpoint"


def test_tokens_are_given_and_never_shown(shop: Shop) -> None:
    click(named(shop.window, QPushButton, "Accounts…"))
    accounts = shop.window.accounts
    until(lambda: "no keyring" in accounts.note.text())
    field = accounts.fields[HUGGING_FACE]
    type_into(field, "hf_" + "a" * 34)
    press(field, Qt.Key.Key_Return)
    until(lambda: field.placeholderText() == "There is one")
    assert field.text() == ""
    shop.server.routes["/api/models"] = as_json([])
    shop.search("xl")
    assert shop.server.asked[0].header("authorization") == "Bearer hf_" + "a" * 34


def test_every_connection_is_listed(shop: Shop) -> None:
    window = NetworkWindow(shop.online.connections, shop.parent)
    window.open()
    assert "Nothing has gone out" in window.title.text()
    shop.server.routes["/api/models"] = as_json([])
    shop.search("xl")
    until(lambda: len(listed(window)) == 1)
    assert listed(window)[0][1:] == [shop.market.host, "search for models", "2 bytes", "200 OK"]
    window.close()


def test_every_control_has_a_name_and_says_what_it_does(shop: Shop) -> None:
    shop.offer()
    shop.search("majic")
    click(shop.window.cards.cards[0])
    click(shop.window.details.get)
    until(lambda: shop.downloads.all[0].state is State.DONE)
    shop.window.accounts.open()
    for each in (*controls(shop.window), *controls(shop.window.accounts)):
        words = each.text() if isinstance(each, QAbstractButton) else ""
        assert each.accessibleName() or words, each
        assert isinstance(each, QAbstractItemView) or each.toolTip(), (each, each.accessibleName(), words)
    shop.window.accounts.close()
