"""GettingWindow: models of others: proposals and searches, details to the right, downloads below."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from desktop.models.entry import KINDS
from desktop.models.getting.civitai import TYPES
from desktop.models.getting.huggingface import FILTERS
from desktop.models.getting.network import HUGGING_FACE, SITES
from desktop.studio.downloads import Downloads
from desktop.studio.market import Market
from desktop.studio.observable import bind, watch
from desktop.studio.online import Online
from desktop.studio.samples import Samples
from desktop.ui.getting.accounts import AccountsWindow
from desktop.ui.getting.cards import OfferCards
from desktop.ui.getting.details import OfferDetails
from desktop.ui.getting.rows import DownloadRows
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.side_window import SideWindow

SIZE = QSize(1060, 700)


class GettingWindow(SideWindow):
    """Bound to a market and to downloads. `settings_wanted`: those of the network."""

    settings_wanted = Signal()

    def __init__(self, market: Market, samples: Samples, downloads: Downloads, online: Online, parent: QWidget):
        super().__init__("Get a model", parent)
        self._market = market
        self.resize(SIZE)
        self.accounts = AccountsWindow(online, self)
        self.cards = OfferCards(market, samples, self)
        self.cards.settings.clicked.connect(self.settings_wanted)
        self.details = OfferDetails(market, samples, downloads.begin, self)
        self.rows = DownloadRows(downloads, self)
        middle = QSplitter(Qt.Orientation.Horizontal, self)
        middle.addWidget(self.cards)
        middle.addWidget(self.details)
        middle.setStretchFactor(0, 1)
        details = self.details.sizeHint().width()
        middle.setSizes([SIZE.width() - details, details])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._head())
        layout.addWidget(middle, 1)
        layout.addWidget(self.rows)
        watch(market, "site", self._offer_kinds, self)
        watch(market, "has_searched", self.back.setVisible, self)

    def open(self) -> None:
        super().open()
        self.search.setFocus()

    def _head(self) -> QHBoxLayout:
        self.back = QPushButton("Proposals", self)
        self.back.setToolTip("Back to the six proposals.")
        self.back.clicked.connect(self._market.leave)
        self.site = ChoiceBox(self)
        self.site.setMinimumContentsLength(max(map(len, SITES.values())))
        self.site.offer(SITES.items())
        self.site.setAccessibleName("Site")
        self.site.setToolTip("Where to look.")
        self.kind = ChoiceBox(self)
        self.kind.setMinimumContentsLength(12)
        self.kind.setAccessibleName("Kind")
        self.kind.setToolTip("What to look for.")
        bind(self._market, "site", self.site)
        bind(self._market, "kind", self.kind)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Words, or the address of a model's page")
        self.search.setAccessibleName("Search for models")
        self.search.setToolTip("Enter searches.")
        self.search.textEdited.connect(lambda text: setattr(self._market, "words", text))
        self.search.returnPressed.connect(self._market.search)
        watch(self._market, "words", lambda text: self.search.text() == text or self.search.setText(text), self)
        find = QPushButton("Search", self)
        find.setToolTip("Asks the site that is chosen.")
        find.clicked.connect(self._market.search)
        accounts = QPushButton("Accounts…", self)
        accounts.setToolTip("Tokens for models that are given only to people whom the site knows.")
        accounts.clicked.connect(self.accounts.open)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        for widget in (self.back, self.site, self.kind):
            row.addWidget(widget)
        row.addWidget(self.search, 1)
        for button in (find, accounts):
            button.setAutoDefault(False)
            row.addWidget(button)
        return row

    def _offer_kinds(self, site: str) -> None:
        kinds = FILTERS if site == HUGGING_FACE else TYPES
        self.kind.offer((name, KINDS[name]) for name in kinds)
        if self._market.kind not in kinds:
            self._market.kind = next(iter(kinds))
