"""Updates: whether there is a newer Sfumato, asked for only when people want to know; it is never fetched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop import __version__
from desktop.engine.api import Failed
from desktop.errors import UserError
from desktop.models.getting.client import Client, Patience
from desktop.models.getting.network import Network, host_of
from desktop.models.getting.stop import Stop, Stopped
from desktop.studio.memory import Memory
from desktop.studio.online import Online

if TYPE_CHECKING:
    from desktop.releases import Release, Releases

SEEN = "releases"  # the state's name: the day of the newest list that was believed
PURPOSE = "is there a newer Sfumato?"
RESERVED = (".example", ".invalid")  # nobody has such an address
AGAIN = "Nothing has changed here. Try again later."
PATIENCE = Patience(pauses=(1.0,), answer=20.0)


class Updates(QObject):
    """Asks the address in the settings, without any token; Help > Network lists it."""

    def __init__(self, memory: Memory, online: Online, parent: QObject | None = None):
        super().__init__(parent)
        self._memory, self._online = memory, online
        self._stop = Stop()

    @property
    def host(self) -> str:
        """Whom it asks; empty where that is no address."""
        return host_of(self._memory.settings.releases)

    def check(self, then: Callable[[Release | None], object], otherwise: Callable[[Failed], object]) -> None:
        """`then` hears of the newest release, or of None if that is the one that runs."""
        self.leave()
        self._stop = stop = Stop()
        settings = self._memory.settings
        client = Client(Network(settings.proxy), self._online.connections, PATIENCE)
        work = partial(_asked, client, settings.releases, self._seen(), stop)

        def found(answer: tuple[Releases, Release | None] | None) -> None:
            if answer and not stop.is_set():
                self._memory.keep(SEEN, lambda: answer[0].issued.isoformat())
                then(answer[1])

        self._online.lane.send(work, found, lambda failed: None if stop.is_set() else otherwise(failed))

    def leave(self) -> None:
        """Nobody waits for the answer any more."""
        self._stop.set()

    def _seen(self) -> date | None:
        try:
            return date.fromisoformat(self._memory.recall(SEEN))
        except (TypeError, ValueError):
            return None


def _asked(client: Client, url: str, seen: date | None, stop: Stop) -> tuple[Releases, Release | None] | None:
    """In the lane; None if nobody waits. Raises UserError."""
    from desktop import releases

    host = host_of(url)
    if not host or host.endswith(RESERVED):
        hint = "Give its address in Settings > Network, as whoever gave you Sfumato names it."
        raise UserError("It is not known where this Sfumato's releases are told.", hint)
    try:
        content = _fetched(client, url, stop)
    except Stopped:
        return None
    told = releases.read(content, releases.KEY.read_bytes(), date.today())
    return told, releases.newer(told, __version__, seen)


def _fetched(client: Client, url: str, stop: Stop) -> bytes:
    """Raises UserError and Stopped; what goes wrong is told of releases, not of models."""
    from desktop import releases
    from desktop.models.getting.answer import Cut, Refused

    try:
        with client.open(url, PURPOSE, stop) as answer:
            return answer.body(releases.MOST_BYTES, PATIENCE.answer)
    except Cut:
        raise
    except Refused as refused:
        if refused.status == 407:
            raise
        is_gone = refused.status in (404, 410)
        raise UserError(f"{host_of(url)} has no list of releases." if is_gone else refused.message, AGAIN) from None
    except UserError as error:
        raise UserError(error.message, AGAIN) from None
