"""What the gallery says of a picture, in people's words."""

from __future__ import annotations

from pathlib import Path

from desktop.library.picture import Picture
from desktop.ui.gallery.words import in_full


def test_all_that_a_picture_was_made_with_is_told() -> None:
    fields = {
        "loras": [{"name": "ink", "weight": 0.8, "text_weight": 0.4, "blocks": {"up_blocks": 0.5}}, {"name": "tea"}],
        "embeddings": {"easy": "a" * 64},
        "parts": {"vae": "b" * 64, "text_encoder_2": "c" * 64},
        "clip_skip": 1,
    }
    told = dict(in_full(Picture(1, Path("a.png"), 0.0, fields)))
    assert told["LoRAs"] == "ink 0.8 (text 0.4, up_blocks 0.5), tea"
    assert (told["Embeddings"], told["Clip skip"]) == ("easy", "1")
    assert told["Other files"] == "VAE, text encoder 2"
    assert (
        not {"LoRAs", "Embeddings", "Other files", "Clip skip"}
        & dict(in_full(Picture(1, Path("a.png"), 0.0, {}))).keys()
    )
