"""How pipelines hold latents: ours are laid out as theirs, and come back."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers import ChromaPipeline, Flux2Pipeline, FluxPipeline, QwenImagePipeline

from desktop.engine.layout import laid_out, planes
from desktop.errors import UserError

LATENTS = torch.randn(1, 16, 6, 10, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", [FluxPipeline, ChromaPipeline, QwenImagePipeline])
def test_tokens_are_those_of_the_pipelines(kind: Any) -> None:
    theirs = kind._pack_latents(LATENTS, 1, 16, 6, 10)
    assert torch.equal(laid_out(LATENTS, torch.empty_like(theirs)), theirs)
    assert torch.equal(planes(theirs, 6, 10), LATENTS)


def test_tokens_of_flux2_are_the_same() -> None:
    kind: Any = Flux2Pipeline
    theirs = kind._pack_latents(kind._patchify_latents(LATENTS))
    assert torch.equal(laid_out(LATENTS, theirs), theirs)
    assert torch.equal(planes(theirs, 6, 10), LATENTS)


def test_planes_and_frames_of_them_stay_as_they_are() -> None:
    assert laid_out(LATENTS, torch.empty(1, 4, 2, 2)) is LATENTS
    frames = laid_out(LATENTS, torch.empty(1, 4, 1, 2, 2))
    assert frames.shape == (1, 16, 1, 6, 10)
    assert torch.equal(planes(frames, 6, 10), LATENTS)
    assert planes(LATENTS, 6, 10) is LATENTS


@pytest.mark.parametrize("shape", [(1, 13, 8), (1, 61, 8), (6, 10)])
def test_a_layout_that_is_not_known_is_told(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="not known") as caught:
        laid_out(LATENTS, torch.empty(shape))
    assert caught.value.hint
