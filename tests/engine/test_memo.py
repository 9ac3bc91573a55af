"""What is remembered from one picture to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from desktop.app import make_engine
from desktop.engine.local import LocalEngine
from desktop.engine.memo import MOST, Memo
from desktop.raster import Raster
from desktop.recipe import Source
from tests.engine.jobs import job, picture


def test_a_value_is_made_once_until_others_have_taken_its_place() -> None:
    memo, made = Memo(), []

    def get(key: int) -> int:
        return memo.get(key, lambda: made.append(key) or key * 10)

    assert [get(1), get(1)] == [10, 10]
    for key in range(2, MOST + 1):
        get(key)
    get(1)
    assert made == [*range(1, MOST + 1)]
    get(MOST + 1)  # in place of 2, which was used least lately
    get(2)
    get(1)
    assert made == [*range(1, MOST + 2), 2]


def test_what_cannot_be_made_is_not_remembered() -> None:
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.get("a", lambda: 1 // 0)
    assert memo.get("a", lambda: 1) == 1


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    with closing(make_engine("local", "cpu")) as engine:
        assert isinstance(engine, LocalEngine)
        yield engine


def test_prompts_and_pictures_are_encoded_once(engine: LocalEngine) -> None:
    before = Raster(np.random.default_rng(5).integers(0, 256, (64, 64, 3), np.uint8))
    calls: list[str] = []

    def make(prompt: str, source: Raster = before, **changes: Any) -> Raster:
        calls.clear()
        start = Source(source.sha256, 0.5)
        changes = {"width": 64, "height": 64, "steps": 4, "seed": 3, **changes}
        return picture(list(engine.run(job(inputs=(source,), prompt=prompt, source=start, **changes))))

    first = make("a lake")
    (loaded,) = engine._pipelines._loaded.values()
    for name, part in (("words", loaded.parts["text_encoder"]), ("picture", loaded.vae.encoder)):
        part.register_forward_hook(lambda *_, name=name: calls.append(name))
    assert make("a lake") == first
    assert calls == []
    assert make("a lake", seed=4) != first
    assert calls == []
    make("a forest")
    assert set(calls) == {"words"}
    make("a forest", Raster(255 - before.pixels))
    assert calls == ["picture"]
    make("a forest", negative="fog")
    assert set(calls) == {"words"}
    make("a forest", guidance=1.0)
    assert set(calls) == {"words"}
    assert make("a lake") == first
