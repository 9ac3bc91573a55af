"""A site, and a client that knows it as both Hugging Face and Civitai, and does not wait between tries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop.models.getting.client import Client, Patience
from desktop.models.getting.connections import Connections
from desktop.models.getting.network import CIVITAI, HUGGING_FACE, Network
from desktop.models.getting.stop import Stop
from tests.models.getting.server import Server, serving

TOKENS = {HUGGING_FACE: "hf_secret_1", CIVITAI: "civitai_secret_2"}
AT_ONCE = Patience(pauses=(0.0, 0.0), connect=5, silence=5, answer=5)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def stop() -> Stop:
    return Stop()


@pytest.fixture
def connections() -> Connections:
    return Connections()


@pytest.fixture
def client(server: Server, connections: Connections) -> Client:
    """Without tokens."""
    return Client(Network(hub=server.address, civitai=server.address), connections, AT_ONCE)


@pytest.fixture
def known(server: Server, connections: Connections) -> Client:
    """With a token for each site: the hub is at one address of the server, Civitai at the other."""
    return Client(Network(hub=server.address, civitai=server.other_address, tokens=TOKENS), connections, AT_ONCE)
