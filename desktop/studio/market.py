"""Market: models that people share: what is proposed, looked for, found and looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
    problem = Observed[Failed | None](None)  # of the last question

    def __init__(self, online: Online, devices: Callable[[], Mapping[str, str]], parent: QObject | None = None):
        super().__init__(parent)
        self._online, self._devices = online, devices
        self._search = Search()
        self._more = ""
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
    def host(self) -> str:
        """Who is asked by a search."""
        return self._online.reach().host(self.site)

    def proposals(self) -> tuple[Suggestion, ...]:
        return proposals(self.memory.total)

    def search(self) -> None:
        """What is set, at the site that is set."""
        self._search, self._more = Search(self.words.strip(), self.kind), ""
        self.offers, self.chosen, self.has_more, self.has_searched = (), None, False, True
        self._ask_for(self._search)

    def go_on(self) -> None:
        """The next page."""
        if self.has_more and not self.is_searching:
            self._ask_for(Search(self._search.words, self._search.kind, self._more))

    def leave(self) -> None:
        """Back to the proposals."""
        self.offers, self.chosen, self.has_searched, self.problem = (), None, False, None
        self.words = ""

    def choose(self, offer: Offer | None, preferred: str = "") -> None:
        """With its details, which are asked for where the search has not told them; `preferred` names a choice."""
        self.chosen, self.problem, self._preferred = offer, None, preferred
        self.is_asking = False
        if offer and not offer.choices:
            self.is_asking = True
            from desktop.models.getting import sites

            work = partial(sites.details, offer.site, id=offer.id)
            self._online.ask(
                lambda client, stop: work(client, stop=stop), partial(self._told, offer), partial(self._untold, offer)
            )

    def best(self) -> Choice | None:
        """How the chosen one is best had on this machine."""
        choices = self.chosen.choices if self.chosen else ()
        named = next((choice for choice in choices if choice.name == self._preferred), None)
        return named or best(choices, self.memory)

    # ------------------------------------------------------------ inside

    def _ask_for(self, wanted: Search) -> None:
        from desktop.models.getting import sites

        self.problem, self.is_searching = None, True
        site = self.site
        self._online.ask(lambda client, stop: sites.search(site, client, wanted, stop), self._found, self._failed)

    def _found(self, found: Found) -> None:
        self.is_searching = False
        known = {offer.id for offer in self.offers}
        self.offers = (*self.offers, *(offer for offer in found.offers if offer.id not in known))
        self._more, self.has_more = found.more, bool(found.more and found.offers)

    def _told(self, asked: Offer, offer: Offer) -> None:
        if self.chosen is asked:
            self.is_asking = False
            self.chosen = offer

    def _untold(self, asked: Offer, failed: Failed) -> None:
        if self.chosen is asked:
            self._failed(failed)

    def _failed(self, failed: Failed) -> None:
        self.is_searching = self.is_asking = False
        self.problem = failed
