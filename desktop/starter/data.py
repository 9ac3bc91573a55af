"""The training pictures, rendered once into a file, with their captions and what these tell."""

from __future__ import annotations

import random
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPTokenizer

from desktop.starter import captions, painting, scenes
from desktop.starter.scenes import Scene
from desktop.starter.tokenizer import MAX_TOKENS, tokenize

SIZE = 128  # pixels
CAPTIONS_PER_PICTURE = 8  # the first one names every detail


class Data:
    """`count` pictures in `out`/pixels.npy; the last of them, from number `train` on, are held out for measuring."""

    def __init__(self, out: Path, count: int):
        self.file, self.count = out / "pixels.npy", count
        self.train = count - min(500, count // 10)

    @cached_property
    def scenes(self) -> list[Scene]:
        return scenes.random_scenes(self.count, seed=1)

    @cached_property
    def pixels(self) -> np.ndarray:
        """Pictures x SIZE x SIZE x 3, uint8, on disk."""
        if not self.file.exists():
            self._render()
        pixels = np.load(self.file, mmap_mode="r")
        if len(pixels) != self.count:
            raise ValueError(f"{self.file} holds {len(pixels)} pictures and not {self.count}: remove it")
        return pixels

    def _render(self) -> None:
        part = self.file.with_suffix(".part")
        pixels = np.lib.format.open_memmap(part, "w+", np.uint8, (self.count, SIZE, SIZE, 3))
        for i, scene in enumerate(self.scenes):
            pixels[i] = painting.render(scene, SIZE)
        pixels.flush()
        part.replace(self.file)

    @property
    def told(self) -> list[list[Scene]]:
        """What each caption of each picture tells."""
        return self._wordings[0]

    @property
    def captions(self) -> list[list[str]]:
        return self._wordings[1]

    @cached_property
    def _wordings(self) -> tuple[list[list[Scene]], list[list[str]]]:
        rng = random.Random(2)
        others = range(CAPTIONS_PER_PICTURE - 1)
        told = [[scene] + [captions.forget(scene, rng) for _ in others] for scene in self.scenes]
        return told, [
            [captions.full_caption(whole)] + [captions.phrase(scene, rng) for scene in rest] for whole, *rest in told
        ]

    def tokens(self, tokenizer: CLIPTokenizer) -> Tensor:
        """Token ids, pictures x captions x MAX_TOKENS."""
        flat = [text for group in self.captions for text in group]
        return tokenize(tokenizer, flat).view(self.count, CAPTIONS_PER_PICTURE, MAX_TOKENS)

    def facts(self) -> Tensor:
        """What each caption tells, pictures x captions x facts, as bool."""
        index = {fact: i for i, fact in enumerate(scenes.FACTS)}
        facts = torch.zeros(self.count, CAPTIONS_PER_PICTURE, len(index), dtype=torch.bool)
        for i, group in enumerate(self.told):
            for j, scene in enumerate(group):
                facts[i, j, [index[fact] for fact in scenes.facts(scene)]] = True
        return facts


def to_tensor(pixels: np.ndarray) -> Tensor:
    """uint8 N x H x W x 3 to float N x 3 x H x W in -1..1."""
    return torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
