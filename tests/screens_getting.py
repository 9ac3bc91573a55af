"""The states of "Get a model" for tests.screens: a site of our own with pictures of the built-in model's world."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from PIL import Image
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest

from desktop.models.getting.client import Patience
from desktop.models.getting.download import Order
from desktop.models.getting.network import CIVITAI, Network
from desktop.models.getting.offer import RemoteFile
from desktop.paths import data_folder
from desktop.studio.downloads import Downloads
from desktop.studio.market import Market
from desktop.studio.online import Online
from desktop.studio.samples import Samples
from desktop.ui.getting.network import NetworkWindow
from desktop.ui.getting.window import GettingWindow
from tests.models.getting import answers
from tests.models.getting.server import Reply, Server, as_json, serving

if TYPE_CHECKING:
    from tests.screens import Scene

NAMES = (
    ("Old Harbour XL", "lanternfish", "SDXL 1.0", ["Image"]),
    ("Ink & Paper", "maya_k", "SD 1.5", ["Image"]),
    ("Realistic Portraits v6", "studio-nord", "SD 1.5", ["None"]),
    ("Flux Photo Grain", "tobiasr", "Flux.1 D", ["Image"]),
    ("Children's Book", "papercut", "Pony", ["Image"]),
    ("Night Streets", "lanternfish", "SDXL 1.0", []),
    ("Botanical Plates", "herbarium", "SDXL 1.0", ["Sell"]),
    ("Clay Figures", "studio-nord", "Illustrious", ["Image"]),
)
GIGABYTES = 6.94


def _painted(number: int) -> bytes:
    """A landscape of plain colours."""
    image = Image.new("RGB", (300, 360), (70 + 20 * number % 160, 120, 200 - 17 * number % 130))
    image.paste((90, 60 + 19 * number % 150, 50), (0, 230, 300, 360))
    image.paste((250, 220, 120 + 13 * number % 100), (40 + 25 * number % 160, 60, 110 + 25 * number % 160, 130))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


class Stand(QObject):
    """The window on a site, and everything behind it, until the scene's window closes."""

    def __init__(self, scene: Scene):
        super().__init__(scene.window)
        self.scene = scene
        self._open = ExitStack()
        self.server: Server = self._open.enter_context(serving())
        network = Network(hub=self.server.address, civitai=self.server.address)
        parent = scene.window
        self.online = Online(lambda: network, parent=parent)
        self.market = Market(self.online, lambda: {"cuda:0": "NVIDIA GeForce RTX 4070, 12.0 GB"}, parent)
        self.samples = Samples(self.online.client, parent=parent)
        self.downloads = Downloads(self.online.client, lambda: data_folder() / "models", scene.studio.memory, parent)
        self.window = GettingWindow(self.market, self.samples, self.downloads, self.online, parent)
        self._open.callback(self._close)
        scene.window.installEventFilter(self)
        self.window.open()
        self.window.move(parent.mapToGlobal(parent.rect().center()) - self.window.rect().center())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:
            self._open.close()
        return False

    def _close(self) -> None:
        self.server.leaving.set()
        for part in (self.downloads, self.samples, self.online):
            part.close()

    def search(self) -> None:
        for number in range(len(NAMES)):
            self.server.routes[f"/{number}.png"] = Reply(_painted(number))
        self.server.routes["/api/v1/models"] = as_json({"items": [self._model(i) for i in range(len(NAMES))]})
        self.market.site, self.market.words = CIVITAI, "landscape"
        self.market.search()
        self.scene.until(lambda: bool(self.market.offers))
        self.scene.until(lambda: all(card._pixmap for card in self.window.cards.cards))

    def order(self, name: str, share: float) -> None:
        """It comes to that share, and no further."""
        size = round(GIGABYTES * 1e9)

        def pieces() -> Iterator[bytes]:
            for _ in range(round(40 * share)):
                yield bytes(size // 40 // 200)
                time.sleep(0.05)
            self.server.leaving.wait(60)

        path = f"/{name.replace(' ', '')}"
        self.server.routes[path] = Reply(headers={"Content-Length": str(size // 200)}, pieces=pieces())
        file = RemoteFile(f"{name}.safetensors", f"{self.server.address}{path}", size // 200)
        self.downloads.begin(Order(name, CIVITAI, "", "checkpoints", (file,)))

    def _model(self, number: int) -> dict[str, object]:
        name, author, base, uses = NAMES[number]
        level = 8 if number == 5 else 1
        shown = answers.picture(level, url=f"{self.server.address}/{number}.png")
        files = [
            answers.file(metadata={"fp": "fp16", "size": "pruned"}),
            answers.file(metadata={"fp": "fp32", "size": "full"}, sizeKB=13_550_000, primary=False),
            answers.file(name="old.ckpt", metadata={"fp": "fp16"}, primary=False),
        ]
        return answers.model(
            id=number + 1,
            name=name,
            creator={"username": author},
            allowCommercialUse=uses,
            stats={"downloadCount": 812_000 // (number + 1)},
            modelVersions=[answers.version(baseModel=base, images=[shown], files=files)],
        )


def getting(scene: Scene) -> None:
    """Proposals."""
    Stand(scene)
    QTest.qWait(100)


def getting_found(scene: Scene) -> None:
    """Found, one chosen that may not be sold, one picture blurred, one download on its way and others behind."""
    stand = Stand(scene)
    stand.search()
    stand.window.cards.cards[2].click()
    stand.order("Old Harbour XL", 0.4)
    stand.order("Botanical Plates", 0.0)
    stand.scene.until(
        lambda: bool(stand.downloads.all[0].progress and stand.downloads.all[0].progress.step > 9_000_000)
    )
    QTest.qWait(200)


def getting_problem(scene: Scene) -> None:
    stand = Stand(scene)
    stand.server.routes["/api/models"] = Reply(status=429, headers={"Retry-After": "900"})
    stand.market.search()
    stand.scene.until(lambda: stand.market.problem is not None)


def getting_offline(scene: Scene) -> None:
    """Neither a search nor the details of a proposal get through."""
    stand = Stand(scene)
    with serving() as gone:
        away = Network(hub=gone.address, civitai=gone.address)
    stand.online.reach = lambda: away
    stand.online._patience = Patience(pauses=())
    stand.window.cards.cards[0].click()
    stand.scene.until(lambda: stand.market.untold is not None)
    chosen, untold = stand.market.chosen, stand.market.untold
    stand.market.search()
    stand.scene.until(lambda: stand.market.problem is not None)
    stand.market.chosen, stand.market.untold = chosen, untold
    QTest.qWait(100)


def getting_accounts(scene: Scene) -> None:
    stand = Stand(scene)
    stand.window.accounts.open()
    QTest.qWait(200)
    stand.window.accounts.move(
        stand.window.mapToGlobal(stand.window.rect().center()) - stand.window.accounts.rect().center()
    )


def network(scene: Scene) -> None:
    stand = Stand(scene)
    stand.search()
    stand.window.close()
    shown = NetworkWindow(stand.online.connections, scene.window)
    shown.open()
    QTest.qWait(100)


STATES: tuple[Callable[[Scene], None], ...] = (
    getting,
    getting_found,
    getting_problem,
    getting_offline,
    getting_accounts,
    network,
)
AT_200: tuple[Callable[[Scene], None], ...] = (getting, getting_found)
