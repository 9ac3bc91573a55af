"""Downloads what it is told, as a process of its own that may be killed: `python -m tests.models.getting.victim`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from desktop.models.getting.client import Client
from desktop.models.getting.connections import Connections
from desktop.models.getting.download import Order, fetch
from desktop.models.getting.network import Network
from desktop.models.getting.stop import Stop


def main(order: str, models: str) -> None:
    for _ in fetch(Order.from_json(json.loads(order)), Path(models), Client(Network(), Connections()), Stop()):
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
