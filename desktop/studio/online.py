"""Online: the way to the sites that share models. Nothing goes out before somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject

from desktop.engine.api import Failed
from desktop.models.getting.client import Client, Patience
from desktop.models.getting.connections import Connections
from desktop.models.getting.network import SITES, Network
from desktop.models.getting.stop import Stop, Stopped
from desktop.models.getting.tokens import Tokens
from desktop.studio.worker import Errands

T = TypeVar("T")


class Online(QObject):
    """`reach` says how, without tokens; `connections` lists what went out."""

    def __init__(self, reach: Callable[[], Network], patience: Patience | None = None, parent: QObject | None = None):
        super().__init__(parent)
        self.connections = Connections()
        self.tokens = Tokens()
        self.lane = Errands("sites", self)
        self.reach, self._patience = reach, patience
        self._client: Client | None = None
        self._stops: dict[str, Stop] = {}

    def client(self) -> Client:
        """In a lane: the keyring may ask for its password."""
        network = replace(self.reach(), tokens=self.tokens.all(tuple(SITES)))
        if self._client is None or self._client.network != network:
            self._client = Client(network, self.connections, self._patience)
        return self._client

    def ask(
        self,
        work: Callable[[Client, Stop], T],
        then: Callable[[T], object],
        otherwise: Callable[[Failed], object] | None = None,
        *,
        about: str,
    ) -> None:
        """In place of whatever was asked before about the same, which is not waited for any more."""
        self.leave(about)
        self._stops[about] = stop = Stop()

        def task() -> T | None:
            try:
                return work(self.client(), stop)
            except Stopped:
                return None

        self.lane.send(
            task,
            lambda value: None if stop.is_set() or value is None else then(value),
            lambda failed: None if stop.is_set() else (otherwise or self.lane.failed.emit)(failed),
        )

    def leave(self, about: str) -> None:
        """Nobody waits for the answer to what was asked about that."""
        if asked := self._stops.pop(about, None):
            asked.set()

    def give_token(self, site: str, token: str, then: Callable[[bool], object] = lambda _: None) -> None:
        """`then` hears whether it will be known at the next launch, too."""
        self.lane.send(partial(self.tokens.give, site, token), then)

    def know_tokens(self, then: Callable[[tuple[frozenset[str], bool]], object]) -> None:
        """`then` hears for which sites there are any, and whether they last."""

        def look() -> tuple[frozenset[str], bool]:
            self.tokens.look_again()
            return frozenset(self.tokens.all(tuple(SITES))), self.tokens.is_lasting

        self.lane.send(look, then)

    def close(self) -> None:
        for stop in self._stops.values():
            stop.set()
        self.lane.finish()
