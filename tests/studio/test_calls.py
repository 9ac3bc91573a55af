"""What is told of the LoRAs that a prompt calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.models.extras import Extra, Extras
from desktop.studio.calls import told
from desktop.studio.clinic import Finding
from tests.studio.at_hand import extra


def _in(folder: str, digit: str, family: str) -> Extra:
    found = extra("lora", digit, "ink", family=family)
    return replace(found, entry=replace(found.entry, path=Path(f"/{folder}/ink.safetensors")))


TEA, CLAY = extra("lora", "c", "tea", family="sd15"), extra("lora", "d", "clay", family="sdxl")
EXTRAS = Extras.of([_in("old", "a", "sd15"), _in("new", "b", "sdxl"), TEA, CLAY])
PLACES = Finding(True, "Fits.", places=("up_blocks", "up_blocks.1", "mid_block"))


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a lake < b", ()),
        ("<lora:tea:0.8> a lake", ()),
        ("<lora:tee:0.8>", ("There is no LoRA “tee” here.",)),
        ("<lora:tea:x>", ("<lora:tea:x> has no number for a weight. Write it so: <lora:name:0.8>",)),
        ("<lora:ink:1>", ("Of the LoRAs called ink, the one in old is taken: old/ink names it for sure.",)),
        ("<lora:old/ink:1>", ()),
        ("<lora:new/ink:1>", ("ink was made for Stable Diffusion XL, and this is Stable Diffusion 1.5.",)),
        ("<lora:clay> <lora:clay>", ("clay was made for Stable Diffusion XL, and this is Stable Diffusion 1.5.",)),
        (
            "<lora:tea:1:lbw=1,0>",
            ("Of tea, “lbw=1,0” is not used: weights of blocks are written up_blocks.1=0.5.",),
        ),
        ("<lora:tea:1:up_blocks.1=0.5:unet.mid_block=0>", ()),
        ("<lora:tea:1:up_blocks.12=0.5>", ("tea has no block “up_blocks.12” here: that changes nothing.",)),
    ],
)
def test_what_is_not_as_it_seems(prompt: str, words: tuple[str, ...]) -> None:
    found = told(prompt, EXTRAS, "sd15", lambda file: PLACES if file == TEA.id else None)
    assert tuple(each.words for each in found) == words
    assert [each.works for each in found] == ["is taken" in each.words for each in found]
