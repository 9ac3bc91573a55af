"""OfferDetails: what a model may be used for, how it can be had, and what of that suits this machine."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.models.getting.download import Order
from desktop.models.getting.fitting import Fit, fit
from desktop.models.getting.offer import Choice, Offer, Use
from desktop.models.getting.places import is_harmless
from desktop.studio.market import Market
from desktop.studio.observable import watch
from desktop.studio.samples import Samples
from desktop.ui.getting import words
from desktop.ui.icons import icon
from desktop.ui.models.words import weight
from desktop.ui.widgets.images import to_image

if TYPE_CHECKING:
    from desktop.raster import Raster

WIDTH = 320
HIGHEST = 240  # of the list of files
SIDE = 592  # of the picture that is asked for
SHOWN = QSize(296, 190)  # at most, on the screen
SIGNS = {Fit.FITS: "done", Fit.LATER: "info", Fit.SLOWLY: "warning", Fit.NOT: "failed"}


class OfferDetails(QScrollArea):
    """Bound to a market. `order` is given what people want to download."""

    def __init__(
        self, market: Market, samples: Samples, order: Callable[[Order], object], parent: QWidget | None = None
    ):
        super().__init__(parent)
        self._market, self._samples, self._order = market, samples, order
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("bare", True)
        inside = QWidget(self)
        self.picture = QLabel(inside)
        self.title = _label(inside, heading=True)
        self.facts = _label(inside, muted=True)
        self.page = _label(inside)
        self.page.setTextFormat(Qt.TextFormat.RichText)
        self.page.setOpenExternalLinks(True)
        self.page.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.terms = _label(inside)
        self.choices = self._make_choices(inside)
        self.license = _label(inside)
        self.problem = _label(inside, failure=True)
        self.again = QPushButton("Try again", inside)
        self.again.setToolTip("Asks for its files once more.")
        self.again.clicked.connect(lambda: market.chosen and market.ask_details(market.chosen))
        self.get = QPushButton("Download", inside)
        self.get.setProperty("primary", True)
        self.get.clicked.connect(self._download)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        for widget in (self.picture, self.title, self.facts, self.page, self.terms, self.choices):
            layout.addWidget(widget)
        for widget in (self.license, self.problem, self.again, self.get):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.setWidget(inside)
        samples.came.connect(self._came)
        watch(market, "chosen", self._show, self)
        for name in ("is_asking", "untold"):
            watch(market, name, lambda _: self._show(market.chosen), self)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 400)

    def _make_choices(self, parent: QWidget) -> QListWidget:
        found = QListWidget(parent)
        found.setAccessibleName("Files")
        found.setToolTip("The one that suits this machine best is chosen.")
        found.setWordWrap(True)
        found.setSizeAdjustPolicy(QListWidget.SizeAdjustPolicy.AdjustToContents)
        found.setMinimumHeight(HIGHEST // 2)
        found.setMaximumHeight(HIGHEST)
        found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        found.currentRowChanged.connect(lambda _: self._weigh())
        return found

    # ------------------------------------------------------------ what is shown

    def _show(self, offer: Offer | None) -> None:
        for widget in (self.picture, self.facts, self.page, self.terms, self.choices, self.license, self.get):
            widget.setVisible(offer is not None)
        self.picture.setVisible(False)
        self.title.setText(offer.name if offer else "Choose a model to see what it is.")
        self.choices.clear()
        if offer is None:
            self.problem.setVisible(False)
            self.again.setVisible(False)
            return
        self.facts.setText(words.facts(offer))
        self.terms.setText(offer.terms)
        self.terms.setVisible(bool(offer.terms))
        self.license.setText(words.license_of(offer))
        _mark(self.license, "failure", offer.license.use is Use.NON_COMMERCIAL)
        links = {"Its page": offer.page, "Read the licence": offer.license.url}
        self.page.setText(" · ".join(f'<a href="{html.escape(to)}">{text}</a>' for text, to in links.items() if to))
        self._offer_choices(offer)
        self._weigh()
        self._samples.wish(offer.samples[:1], SIDE)

    def _offer_choices(self, offer: Offer) -> None:
        memory, best = self._market.memory, self._market.best()
        for choice in offer.choices:
            sign = "warning" if choice.problem else SIGNS[fit(choice.bytes, memory)]
            row = QListWidgetItem(icon(sign, "muted"), f"{choice.name}\n{words.fits(choice, memory)}")
            self.choices.addItem(row)
            if choice == best:
                self.choices.setCurrentItem(row)
        self.choices.setVisible(bool(offer.choices))

    @property
    def choice(self) -> Choice | None:
        row, offer = self.choices.currentRow(), self._market.chosen
        return offer.choices[row] if offer and 0 <= row < len(offer.choices) else None

    def _weigh(self) -> None:
        """What is to be known before it is downloaded, right above the button for it."""
        choice, asking, untold = self.choice, self._market.is_asking, self._market.untold
        problem = choice.problem if choice else f"{untold.message} {untold.hint}" if untold else ""
        self.get.setEnabled(choice is not None)
        self.get.setVisible(untold is None)
        self.again.setVisible(untold is not None)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        if choice:
            self.get.setText(f"Download {'all the same' if choice.problem else weight(choice.bytes)}")
        else:
            self.get.setText("Asking for its files…" if asking else "Nothing here that Sfumato can use")
        self.get.setToolTip("Comes in the background, and goes on where it was cut.")

    def _came(self, url: str, side: int, raster: Raster | None) -> None:
        offer = self._market.chosen
        if raster and side == SIDE and offer and offer.samples and offer.samples[0].url == url:
            self.show_picture(raster)

    def show_picture(self, raster: Raster) -> None:
        how = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        self.picture.setPixmap(QPixmap.fromImage(to_image(raster)).scaled(SHOWN, *how))
        self.picture.setVisible(True)

    def _download(self) -> None:
        if (offer := self._market.chosen) and (choice := self.choice):
            unsafe = not all(is_harmless(file.name) for file in choice.files)
            self._order(Order.of(offer, choice, unsafe))


def _label(parent: QWidget, **roles: bool) -> QLabel:
    """Whatever a stranger says, as plain text."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    for role, on in roles.items():
        label.setProperty(role, on)
    return label


def _mark(widget: QWidget, role: str, on: bool) -> None:
    widget.setProperty(role, on)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
