"""OfferCards: what is proposed, or what was found, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.models.getting.network import SITES
from desktop.models.getting.offer import Offer
from desktop.models.getting.suggestions import Suggestion
from desktop.studio.market import Market
from desktop.studio.observable import watch
from desktop.studio.samples import Samples
from desktop.ui.getting.card import WIDTH, OfferCard
from desktop.ui.models.words import weight
from desktop.ui.widgets.flow import Flow

if TYPE_CHECKING:
    from desktop.raster import Raster

GAP = 12
SIDE = 2 * WIDTH  # of the pictures that are asked for


class OfferCards(QScrollArea):
    """Bound to a market."""

    def __init__(self, market: Market, samples: Samples, parent: QWidget | None = None):
        super().__init__(parent)
        self._market, self._samples = market, samples
        self.cards: list[OfferCard] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("bare", True)
        inside = QWidget(self)
        self.heading = QLabel(inside)
        self.heading.setProperty("heading", True)
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setWordWrap(True)
        self.note = QLabel(inside)
        self.note.setProperty("muted", True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self._area = QWidget(inside)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._area.setSizePolicy(policy)
        self._flow = Flow(self._area, GAP)
        self.again = QPushButton("Try again", inside)
        self.again.setToolTip("Asks the same once more.")
        self.again.clicked.connect(market.go_on)
        self.settings = QPushButton("Network settings…", inside)
        self.settings.setToolTip("A proxy, or a mirror of the site.")
        self.more = QPushButton("Show more", inside)
        self.more.setToolTip("Asks for the next page.")
        self.more.clicked.connect(market.go_on)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(GAP)
        layout.addWidget(self.heading)
        layout.addWidget(self.note)
        layout.addLayout(_row(self.again, self.settings))
        layout.addWidget(self._area)
        layout.addWidget(self.more)
        layout.addStretch(1)
        self.setWidget(inside)
        samples.came.connect(self._came)
        for name in ("offers", "has_searched"):
            watch(market, name, lambda _: self._fill(), self)
        for name in ("is_searching", "has_more", "problem"):
            watch(market, name, lambda _: self._tell(), self)

    def _fill(self) -> None:
        """What is there already stays: a further page only adds."""
        if not self._market.has_searched:
            self._replace(self._proposals())
        else:
            known = [card.offer for card in self.cards]
            if tuple(known) != self._market.offers[: len(known)]:
                self._replace([])
            self._add(self._found(offer) for offer in self._market.offers[len(self.cards) :])
        self._tell()
        samples = [card.offer.samples[0] for card in self.cards if card.offer.samples]
        self._samples.wish(samples, SIDE)

    def _replace(self, cards: Iterable[OfferCard]) -> None:
        while self._flow.takeAt(0):
            pass
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = []
        self._add(cards)

    def _add(self, cards: Iterable[OfferCard]) -> None:
        for card in cards:
            self._flow.addWidget(card)
            card.show()
            self.cards.append(card)

    def _proposals(self) -> list[OfferCard]:
        return [self._proposal(row) for row in self._market.proposals()]

    def _proposal(self, row: Suggestion) -> OfferCard:
        note = f"{row.gigabytes:g} GB · from {row.memory:g} GB of memory"
        card = OfferCard(row.offer, row.use, note, row.words, self._area)
        card.clicked.connect(partial(self._market.choose, row.offer, row.choice))
        return card

    def _found(self, offer: Offer) -> OfferCard:
        card = OfferCard(offer, parent=self._area)
        card.clicked.connect(partial(self._market.choose, offer))
        return card

    def _came(self, url: str, side: int, raster: Raster | None) -> None:
        for card in self.cards:
            if raster and side == SIDE and card.offer.samples and card.offer.samples[0].url == url:
                card.show_picture(raster)

    def _tell(self) -> None:
        market = self._market
        self.more.setVisible(market.has_more and not (market.is_searching or market.problem))
        for button in (self.again, self.settings):
            button.setVisible(market.problem is not None)
        host = f"{SITES[market.searched]} ({market.host})"
        if market.problem:
            self._say(market.problem.message, market.problem.hint)
        elif not market.has_searched:
            note = "Nothing goes out until you choose one or search. Help > Network lists what did."
            self._say(f"Six to begin with, for {weight(market.memory.total)} of memory", note)
        elif market.is_searching:
            self._say(f"Asking {host}…")
        elif market.offers:
            self._say(f"{len(market.offers)} models found at {host}")
        else:
            self._say(f"Nothing found at {host}", "Try fewer or other words, or another kind.")

    def _say(self, heading: str, note: str = "") -> None:
        self.heading.setText(heading)
        self.note.setText(note)
        self.note.setVisible(bool(note))


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
