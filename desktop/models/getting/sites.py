"""Sites by name: each searches, tells details, and explains why it refuses."""

from __future__ import annotations

import re

from desktop.errors import UserError
from desktop.models.getting import civitai, huggingface
from desktop.models.getting.answer import Refused
from desktop.models.getting.client import Client
from desktop.models.getting.network import CIVITAI, HUGGING_FACE
from desktop.models.getting.offer import Found, Offer, Search
from desktop.models.getting.stop import Stop

ROOMS = {HUGGING_FACE: huggingface, CIVITAI: civitai}
LINKS = {  # addresses of their pages, which people copy from the browser
    HUGGING_FACE: re.compile(r"https?://(?:www\.)?huggingface\.co/([\w.-]+/[\w.-]+)"),
    CIVITAI: re.compile(r"https?://(?:www\.)?civitai\.com/models/(\d+)"),
}


def search(client: Client, wanted: Search, stop: Stop | None = None) -> Found:
    """Where the words are a page's address, that model. Raises UserError and Stopped."""
    for of, link in LINKS.items():
        if there := link.match(wanted.words.strip()):
            return Found((details(of, client, there[1], stop),))
    return ROOMS[wanted.site].search(client, wanted, stop)


def details(site: str, client: Client, id: str, stop: Stop | None = None) -> Offer:
    """Raises UserError and Stopped."""
    return ROOMS[site].details(client, id, stop)


def refusal(site: str, client: Client, page: str, refused: Refused) -> UserError:
    """In words that help."""
    return ROOMS[site].refusal(refused, page, bool(client.network.tokens.get(site)))
