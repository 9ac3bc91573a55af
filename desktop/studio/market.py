"""Market: models that people share: what is proposed, looked for, found and looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject

from desktop.engine.api import Failed
from desktop.models.getting.fitting import Memory, best
from desktop.models.getting.network import HUGGING_FACE
from desktop.models.getting.offer import Choice, Found, Offer, Search
from desktop.models.getting.suggestions import Suggestion, proposals
from desktop.studio.observable import Observable, Observed
from desktop.studio.online import Online

SIZE = re.compile(r"([\d.]+) GB$")  # at the end of a device's description


class Market(Observable):
    """`devices` by name in words, as the engine tells them; empty while it is not known."""

    site = Observed(HUGGING_FACE)
    kind = Observed("checkpoint")
    words = Observed("")
    offers = Observed[tuple[Offer, ...]](())  # that were found
    is_searching = Observed(False)
    has_more = Observed(False)
    has_searched = Observed(False)  # else proposals are shown
    chosen = Observed[Offer | None](None)
    is_asking = Observed(False)  # for the chosen one's details
    problem = Observed[Failed | None](None)  # of the last search
    untold = Observed[Failed | None](None)  # why the chosen one's details are not known

    def __init__(self, online: Online, devices: Callable[[], Mapping[str, str]], parent: QObject | None = None):
        super().__init__(parent)
        self._online, self._devices = online, devices
        self._search = Search()
        self._preferred = ""

    @property
    def memory(self) -> Memory:
        """Of what computes the pictures."""
        import psutil  # here, as `sites`: the first frame comes sooner

        own = psutil.virtual_memory()
        name, told = next(iter(self._devices().items()), ("cpu", ""))
        size = SIZE.search(told)
        if name == "cpu" or not size:
            return Memory(own.total, own.available)
        total = round(float(size[1]) * 1e9)
        return Memory(total, total, own.total)

    @property
    def searched(self) -> str:
        """The site of the last search: another one may be set since."""
        return self._search.site

    @property
    def host(self) -> str:
        """Who was asked by it."""
        return self._online.reach().host(self.searched)

    def proposals(self) -> tuple[Suggestion, ...]:
        return proposals(self.memory.total)

    def search(self) -> None:
        """What is set, at the site that is set."""
        self.choose(None)
        self._search = Search(self.words.strip(), self.kind, site=self.site)
        self.offers, self.has_more, self.has_searched = (), False, True
        self._ask()

    def go_on(self) -> None:
        """The next page, of the site that was searched; or the one once more that did not come."""
        if (self.has_more or self.problem) and not self.is_searching:
            self._ask()

    def leave(self) -> None:
        """Back to the proposals."""
        self._online.leave("search")
        self.choose(None)
        self.offers, self.has_more, self.is_searching, self.has_searched = (), False, False, False
        self.problem = None
        self.words = ""

    def choose(self, offer: Offer | None, preferred: str = "") -> None:
        """With its details, which are asked for where the search has not told them; `preferred` names a choice."""
        self._online.leave("details")
        self.chosen, self._preferred = offer, preferred
        self.is_asking, self.untold = False, None
        if offer and not offer.choices:
            self.ask_details(offer)

    def ask_details(self, offer: Offer) -> None:
        """Of the chosen one; once more where they did not come."""
        from desktop.models.getting import sites

        self.is_asking, self.untold = True, None
        work = partial(sites.details, offer.site, id=offer.id)
        self._online.ask(lambda client, stop: work(client, stop=stop), self._told, self._untold, about="details")

    def best(self) -> Choice | None:
        """How the chosen one is best had on this machine."""
        choices = self.chosen.choices if self.chosen else ()
        named = next((choice for choice in choices if choice.name == self._preferred), None)
        return named or best(choices, self.memory)

    # ------------------------------------------------------------ inside

    def _ask(self) -> None:
        from desktop.models.getting import sites

        self.problem, self.is_searching = None, True
        work = partial(sites.search, wanted=self._search)
        self._online.ask(lambda client, stop: work(client, stop=stop), self._found, self._failed, about="search")

    def _found(self, found: Found) -> None:
        self.is_searching = False
        self._search = replace(self._search, more=found.more)
        known = {offer.id for offer in self.offers}
        self.offers = (*self.offers, *(offer for offer in found.offers if offer.id not in known))
        self.has_more = bool(found.more and found.offers)

    def _failed(self, failed: Failed) -> None:
        self.is_searching, self.problem = False, failed

    def _told(self, offer: Offer) -> None:
        self.is_asking, self.chosen = False, offer

    def _untold(self, failed: Failed) -> None:
        self.is_asking, self.untold = False, failed
