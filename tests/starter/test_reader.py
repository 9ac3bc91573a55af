"""The reader that comes with the model reads pictures right, and its classes are scenes in another form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from desktop.paths import STARTER
from desktop.starter.painting import render
from desktop.starter.reader import HEADS, Reader, attributes, best, load_reader, save_reader, scene_of
from desktop.starter.scenes import Scene, Thing, random_scenes


def test_reads_renderings() -> None:
    scenes = random_scenes(100, seed=12345)
    true = np.array([list(attributes(scene).values()) for scene in scenes])
    read = load_reader(STARTER / "reader.safetensors").read(np.stack([render(scene) for scene in scenes]))
    assert (read == true).mean() >= 0.99


def test_attributes_and_back() -> None:
    for scene in random_scenes(300, seed=8):
        again = scene_of(attributes(scene))
        assert attributes(again) == attributes(scene)
        assert set(again.things) == set(scene.things)


def test_attributes_of_one_scene() -> None:
    scene = Scene("night", "lake", "crescent", "right", clouds=True, things=(Thing("pine", None, "left"),))
    found = attributes(scene)
    assert list(found) == list(HEADS)
    assert list(found.values()) == [3, 4, 5, 3, 1, 0, 1, 0, 0]
    assert all(found[head] < size for head, size in HEADS.items())


def test_open_scenes_have_no_attributes() -> None:
    with pytest.raises(ValueError, match="leaves nothing open"):
        attributes(Scene(None, "sea"))


def test_best_takes_each_head_alone() -> None:
    logits = torch.zeros(1, sum(HEADS.values()))
    logits[0, 2], logits[0, len("time") + 3] = 1, 5  # time 2; terrain 3, as time has four classes
    assert best(logits)[0, :3].tolist() == [2, 3, 0]


def test_saving_keeps_what_is_read(tmp_path: Path) -> None:
    torch.manual_seed(0)
    reader = Reader(width=32).eval()
    save_reader(reader, tmp_path / "reader.safetensors")
    pictures = np.random.default_rng(0).integers(0, 256, (300, 64, 64, 3), np.uint8)
    read = load_reader(tmp_path / "reader.safetensors").read(pictures)
    assert read.shape == (300, len(HEADS))
    assert (read == reader.read(pictures)).mean() > 0.98
    assert (tmp_path / "reader.safetensors").stat().st_size < 2.1e6
