"""What a single file lacks, from the repository that has it: an order like any other, into a folder of its own."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch

from desktop.models.getting.client import Client
from desktop.models.getting.download import Order
from desktop.models.getting.huggingface import details
from desktop.models.getting.network import HUGGING_FACE
from desktop.models.getting.stop import Stop
from desktop.models.skeletons import PATTERNS, Reference, kept


def order_of(reference: Reference, client: Client, stop: Stop | None = None) -> Order:
    """For `fetch`, with `kept(...).parent` in place of the folder for models. Raises UserError and Stopped."""
    offer = details(client, reference.repository, stop)
    every = {file.name: file for choice in offer.choices for file in choice.files}
    wanted = [file for file in every.values() if any(fnmatch(file.name, pattern) for pattern in PATTERNS)]
    order = Order(f"configuration of {offer.name}", HUGGING_FACE, offer.page, kept(reference.repository).name, ())
    return replace(order, files=tuple(wanted))
