"""Getting: models of others on their way here: the sites, what they offer, and downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Failed, Progress
from desktop.errors import UserError
from desktop.models import skeletons
from desktop.models.getting.client import Client
from desktop.models.getting.network import HUGGING_FACE, Network
from desktop.models.getting.stop import Stop, Stopped
from desktop.models.skeletons import Reference
from desktop.paths import data_folder
from desktop.studio.chores import Chore, Chores
from desktop.studio.downloads import Downloads
from desktop.studio.market import Market
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.online import Online
from desktop.studio.samples import Samples

if TYPE_CHECKING:
    from pathlib import Path


class Getting(QObject):
    """Nothing goes out before people ask for it. `arrived(Path)` when a model, or what one lacked, is here."""

    noticed = Signal(object)  # Notice
    arrived = Signal(object)

    def __init__(
        self,
        memory: Memory,
        chores: Chores,
        devices: Callable[[], Mapping[str, str]],
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._memory, self._chores = memory, chores
        self._fetching: set[Reference] = set()
        self.online = Online(lambda: self.network, parent=self)
        self.downloads = Downloads(self.online.client, self._models, memory, self)
        self.market = Market(self.online, devices, self)
        self.samples = Samples(self.online.client, lambda: memory.settings.adult, self)
        self.downloads.noticed.connect(self.noticed)
        self.downloads.arrived.connect(self.arrived)
        for lane in (self.online.lane, self.samples.lane):
            lane.failed.connect(lambda failed: self.noticed.emit(Notice.of(failed)))

    @property
    def network(self) -> Network:
        """As the settings have it, without tokens."""
        settings = self._memory.settings
        return Network(settings.proxy, settings.hub, settings.civitai)

    def fetch_skeleton(self, reference: Reference) -> None:
        """Configuration and tokenizers for single files of that kind: a few MB."""
        if reference not in self._fetching:
            self._fetching.add(reference)
            title = f"Fetching the configuration from {self.network.host(HUGGING_FACE)}"
            stop = Stop()
            steps = lambda _: _fetched(reference, self.online.client(), stop)  # noqa: E731
            then, ended = partial(self._skeleton_came, reference), partial(self._fetching.discard, reference)
            self._chores.begin(Chore(title, steps, then, ended, stop=stop))

    def close(self) -> None:
        self.downloads.close()
        self.samples.close()
        self.online.close()

    def _skeleton_came(self, reference: Reference, came: Path | Failed) -> None:
        if isinstance(came, Failed):
            again = ("Try again", partial(self.fetch_skeleton, reference))
            self.noticed.emit(Notice.of(came, again))
            return
        self.noticed.emit(Notice(Kind.DONE, "The configuration is here.", "Generate again: the model can be used now."))
        self.arrived.emit(came)

    def _models(self) -> Path:
        from pathlib import Path

        chosen = self._memory.settings.models
        return Path(chosen) if chosen else data_folder() / "models"


def _fetched(reference: Reference, client: Client, stop: Stop) -> Iterator[Progress | Path | Failed]:
    """In a lane; nothing at last once it is stopped."""
    from desktop.models.getting import sites
    from desktop.models.getting.download import fetch
    from desktop.models.getting.skeletons import order_of

    folder = skeletons.kept(reference.repository)
    with suppress(Stopped):
        try:
            order = order_of(reference, client, stop)
            explained = partial(sites.refusal, order.site, client, order.page)
            yield from fetch(order, folder.parent, client, stop, explained)
        except UserError as error:
            yield Failed(error.message, error.hint)
