"""What is proposed, and what fits this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.models.families import FAMILIES
from desktop.models.getting.bases import family_of
from desktop.models.getting.fitting import Fit, Memory, best, fit
from desktop.models.getting.licenses import KNOWN
from desktop.models.getting.offer import Choice, RemoteFile
from desktop.models.getting.suggestions import proposals, suggestions

GB = 10**9


def choice(gigabytes: float, kind: str = "checkpoint", problem: str = "") -> Choice:
    file = RemoteFile("a.safetensors", "https://there.example", round(gigabytes * GB))
    return Choice(f"{gigabytes} GB", (file,), "checkpoints", kind, problem=problem)


@pytest.mark.parametrize(
    ("weights", "memory", "expected"),
    [
        (2, Memory(8 * GB, 7 * GB), Fit.FITS),
        (5, Memory(8 * GB, 6 * GB), Fit.LATER),
        (7, Memory(8 * GB, 7 * GB, 32 * GB), Fit.SLOWLY),
        (7, Memory(8 * GB, 7 * GB), Fit.NOT),
        (40, Memory(8 * GB, 7 * GB, 32 * GB), Fit.NOT),
    ],
)
def test_how_weights_fit(weights: int, memory: Memory, expected: Fit) -> None:
    assert fit(weights * GB, memory) == expected


@pytest.mark.parametrize(
    ("gigabytes", "total", "expected"), [([2, 4, 7], 8, 4), ([7, 13], 24, 13), ([7, 13], 4, 7), ([2, 2.5], 8, 2.5)]
)
def test_the_best_is_the_largest_that_fits(gigabytes: list[float], total: int, expected: float) -> None:
    found = best([choice(each) for each in gigabytes], Memory(total * GB, total * GB))
    assert found == choice(expected)


def test_half_precision_is_enough() -> None:
    half = replace(choice(2), precision="fp16")
    assert best([choice(4), half], Memory(24 * GB, 24 * GB)) == half


def test_what_should_not_be_had_is_not_the_best() -> None:
    memory = Memory(24 * GB, 24 * GB)
    assert best([choice(2), choice(4, problem="A pickle."), choice(3, kind="vae")], memory) == choice(2)
    assert best([choice(4, problem="A pickle.")], memory) is None
    assert best([], memory) is None


@pytest.mark.parametrize("gigabytes", [2, 4, 8, 16, 24, 48, 96])
def test_six_are_proposed_for_every_machine(gigabytes: int) -> None:
    rows = proposals(gigabytes * GB)
    assert len({row.use for row in rows}) == 6
    unsuited = [row for row in rows if row.memory > gigabytes]
    assert len(unsuited) == max(0, 6 - sum(row.memory <= gigabytes for row in suggestions()))


def test_suggestions_are_complete() -> None:
    rows = suggestions()
    assert [row.memory for row in rows[:3]] == sorted(row.memory for row in rows[:3])
    for row in rows:
        offer = row.offer
        assert offer.page == f"https://huggingface.co/{row.id}"
        assert row.license in KNOWN
        assert row.words.endswith(".")
        assert row.gigabytes > 0


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("SD 1.5", "sd15"),
        ("SD 2.1 768", "sd2"),
        ("SDXL 1.0", "sdxl"),
        ("Pony", "sdxl"),
        ("Illustrious", "sdxl"),
        ("SD 3.5 Medium", "sd3"),
        ("Flux.1 D", "flux"),
        ("Flux.2 D", "flux2"),
        ("stable-diffusion-v1-5/stable-diffusion-v1-5", "sd15"),
        ("stabilityai/stable-diffusion-xl-refiner-1.0", "sdxl-refiner"),
        ("base_model:black-forest-labs/FLUX.1-dev", "flux"),
        ("Tongyi-MAI/Z-Image-Turbo", "zimage"),
        ("something else", ""),
    ],
)
def test_families_by_what_sites_call_them(name: str, family: str) -> None:
    assert family_of(name) == family


def test_families_that_are_told_are_ours() -> None:
    """Those that others are just adding may still be missing."""
    told = {row.family for row in suggestions()}
    assert {"sd15", "sdxl", "sd3"} <= told & set(FAMILIES)
