"""Configs and tokenizers for single files, and no weights."""

from __future__ import annotations

from desktop.models.getting.client import Client
from desktop.models.getting.skeletons import order_of
from desktop.models.skeletons import Reference
from tests.models.getting.answers import REPOSITORY, details
from tests.models.getting.server import Server, as_json


def test_all_but_weights_is_ordered(client: Client, server: Server) -> None:
    server.routes[f"/api/models/{REPOSITORY}"] = as_json(details())
    order = order_of(Reference(REPOSITORY, 4), client)
    assert {file.name for file in order.files} == {
        "model_index.json",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "vae/config.json",
    }
    assert order.folder == REPOSITORY.replace("/", "--")
