"""Getting: models of others on their way here: the sites, what they offer, and downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.models import skeletons
from desktop.models.getting.client import Client
from desktop.models.getting.network import HUGGING_FACE, Network
from desktop.models.getting.stop import Stop
from desktop.models.skeletons import Reference
from desktop.paths import data_folder
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

    def __init__(self, memory: Memory, devices: Callable[[], Mapping[str, str]], parent: QObject | None = None):
        super().__init__(parent)
        self._memory = memory
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
        host = self.network.host(HUGGING_FACE)
        self.noticed.emit(Notice(Kind.INFO, f"Fetching the configuration from {host} …"))
        self.online.ask(partial(_fetched, reference), self._skeleton_came, self._failed, about="skeleton")

    def close(self) -> None:
        self.downloads.close()
        self.samples.close()
        self.online.close()

    def _skeleton_came(self, folder: Path) -> None:
        self.noticed.emit(Notice(Kind.DONE, "The configuration is here.", "Generate again: the model can be used now."))
        self.arrived.emit(folder)

    def _failed(self, failed: object) -> None:
        self.noticed.emit(Notice.of(failed))  # pyright: ignore[reportArgumentType]

    def _models(self) -> Path:
        from pathlib import Path

        chosen = self._memory.settings.models
        return Path(chosen) if chosen else data_folder() / "models"


def _fetched(reference: Reference, client: Client, stop: Stop) -> Path:
    """In a lane. Raises UserError, Stopped."""
    from desktop.models.getting import sites
    from desktop.models.getting.download import fetch
    from desktop.models.getting.skeletons import order_of

    folder = skeletons.kept(reference.repository)
    order = order_of(reference, client, stop)
    explained = partial(sites.refusal, order.site, client, order.page)
    for _ in fetch(order, folder.parent, client, stop, explained):
        pass
    return folder
