"""What diffusers and transformers import only when it is named: pipelines, schedulers, and where they are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from desktop.check.trial import Trial
from desktop.models.families import FAMILIES
from desktop.models.families.other import VAES
from desktop.models.family import Family
from desktop.models.samplers import SAMPLERS, Sampler

NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
FLOW = {"num_train_timesteps": 1000, "shift": 3.0}
STEPS = 4


def pipelines() -> tuple[str, ...]:
    """The classes of diffusers that any family names. Nothing heavy is imported for it."""
    return tuple(dict.fromkeys(name for family in FAMILIES.values() for name in _named_by(family)))


def schedulers() -> tuple[str, ...]:
    """Those of all samplers. Nothing heavy is imported for it."""
    return tuple(dict.fromkeys(sampler.scheduler for sampler in SAMPLERS.values()))


def _named_by(family: Family) -> Iterator[str]:
    yield from (family.pipeline, *family.classes)
    for variant in family.variants:
        if "pipeline" in variant.changes:
            yield variant.changes["pipeline"]


def trials() -> Iterator[Trial]:
    for name in (*pipelines(), *VAES):
        yield Trial(f"class {name}", partial(_imported, name))
    for key, sampler in SAMPLERS.items():
        yield Trial(f"sampler {key}", partial(_scheduled, sampler))


def _imported(name: str) -> str:
    from desktop.engine.sources import LIBRARIES

    kind = getattr(LIBRARIES["diffusers"], name)
    if ".dummy_" in kind.__module__:  # what stands there for classes that cannot be imported
        raise ImportError(f"it stands in {kind.__module__}")
    return ""


def _scheduled(sampler: Sampler) -> str:
    from desktop.engine.schedulers import make_scheduler

    scheduler = make_scheduler(sampler, FLOW if sampler.flow else NOISE)
    scheduler.set_timesteps(STEPS)
    if len(scheduler.timesteps) < STEPS:
        raise RuntimeError(f"it makes {len(scheduler.timesteps)} steps of {STEPS}")
    return sampler.name
