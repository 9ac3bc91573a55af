"""The LoRA doctor: says before a LoRA is used whether it fits a model, and how much it changes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from diffusers.quantizers.gguf.utils import dequantize_gguf_tensor
from torch import Tensor, nn

from desktop.engine.api import Checkup, Examined, Progress, Report
from desktop.engine.loras.building import kind_of
from desktop.engine.loras.deltas import Delta, LowRank
from desktop.engine.loras.fitting import Fit
from desktop.engine.loras.site import PLAIN
from desktop.engine.loras.telling import examples, labelled, origin
from desktop.engine.run import Run
from desktop.models.family import Family
from desktop.recipe import LoraUse, Recipe

if TYPE_CHECKING:
    from desktop.engine.pipelines import Pipelines  # which holds the adapters

MOST = 8  # blocks and layers that are named
MOSTLY = 0.5  # a LoRA of which fewer layers fit is one for another model
LEAST, STRONG = 1e-4, 0.5  # of the weights: hardly any effect; so much that pictures may break
Row = tuple[str, str, float, float]  # part, module, squares of the change and of the weight


@torch.no_grad()
def check_up(run: Run[Checkup], pipelines: Pipelines) -> None:
    """Examines the run's LoRA, and tells the report. Raises UserError, Stopped."""
    checkup = run.job.work

    def tell(note: str) -> Callable[[float], None]:
        def told(share: float) -> None:
            run.check()
            run.events.put(Progress(round(share * 100), 100, note))

        return told

    with run.phase("load"):
        loaded = pipelines.load(_any_recipe(checkup), run.job.models, lambda _: 0, tell("loading model"))
    family, adapters = loaded.model.family, pipelines.adapters
    adapters.applied(loaded.parts, (), {}, family, check=run.check)  # what is on it at the moment does not count
    use = LoraUse(checkup.lora, checkup.name)
    with run.phase("examine"):
        fit = adapters.fit(loaded.parts, use, run.job.models, family, run.check)
        run.events.put(Examined(examine(checkup.name, fit, loaded.parts, family, tell("examining"))))


def examine(
    name: str, fit: Fit, parts: Mapping[str, nn.Module], family: Family, tell: Callable[[float], None]
) -> Report:
    rows = list(_rows(fit, parts, tell))
    blocks = {block: _effect(rows, lambda row, block=block: _block(row) == block) for block in map(_block, rows)}
    most = sorted(blocks.items(), key=lambda row: -(row[1] or 0))[:MOST]
    effect = _effect(rows)
    works, verdict = _judged(name, fit, family, effect)
    deltas = (delta for part in fit.parts.values() for some in part.deltas.values() for delta in some)
    return Report(
        name,
        kind_of(fit.file),
        works,
        verdict,
        labelled(fit) or fit.file.family,
        family.id,
        fit.layers,
        len(fit.fitting),
        (*fit.misshapen, *fit.strangers)[:MOST],
        max((delta.rank for delta in deltas if delta.rank is not None), default=None),
        effect,
        {part: found for part in parts if (found := _effect(rows, lambda row, part=part: row[0] == part)) is not None},
        {block: found for block, found in most if found is not None},
        tuple(_places(fit, family)),
    )


def _places(fit: Fit, family: Family) -> list[str]:
    """What can be weighted by itself: blocks, and all that are of one kind; those of the denoiser without its name."""
    paths = ((name, path) for name, part in fit.parts.items() for path, _ in part.deltas)
    blocks = {_block((name, path, 0, 0)).removeprefix(f"{family.denoiser}.") for name, path in paths}
    return sorted(blocks | {block.partition(".")[0] for block in blocks}, key=_by_number)


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(int(step), "") if step.isdecimal() else (-1, step) for step in name.split(".")]


def _rows(fit: Fit, parts: Mapping[str, nn.Module], tell: Callable[[float], None]) -> Iterator[Row]:
    spots = [(name, spot, some) for name, part in fit.parts.items() for spot, some in part.deltas.items()]
    for number, (name, (path, parameter), some) in enumerate(spots):
        tell(number / len(spots))
        weight = _values(getattr(parts[name].get_submodule(path), parameter))
        if weight is not None:
            square = float(torch.linalg.vector_norm(weight, dtype=torch.float32)) ** 2
            yield name, path, sum(_norm(delta, weight) ** 2 for delta in some), square


def _values(weight: Any) -> Tensor | None:
    """A weight's numbers; None for those that cannot be had."""
    if hasattr(weight, "quant_type"):
        return dequantize_gguf_tensor(weight)
    return weight if weight.dtype in PLAIN else None


def _norm(delta: Delta, weight: Tensor) -> float:
    return delta.norm() if isinstance(delta, LowRank) else float(delta.change(weight).norm())


def _effect(rows: list[Row], counts: Callable[[Row], bool] = lambda _: True) -> float | None:
    chosen = [(change, weight) for row in rows if counts(row) for change, weight in [row[2:]]]
    if not chosen:
        return None
    return math.sqrt(sum(change for change, _ in chosen) / max(sum(weight for _, weight in chosen), 1e-12))


def _block(row: Row) -> str:
    """The module's path up to its first number: "unet.down_blocks.1"."""
    found = re.match(r".*?\.\d+(?=\.|$)", row[1])
    return f"{row[0]}.{found[0] if found else row[1]}"


def _judged(name: str, fit: Fit, family: Family, effect: float | None) -> tuple[bool, str]:
    """Whether it works, and the verdict in words."""
    other = origin(fit, family)
    if not fit.fitting:
        return False, f"{name} does not fit {family.name} at all.{other}"
    share = len(fit.fitting) / fit.layers
    part = f"{len(fit.fitting)} of its {fit.layers} layers fit"
    if share < MOSTLY or (other and (share < 1 or labelled(fit))):
        return False, f"{name} is for another kind of model than {family.name}: {part}.{other}"
    if fit.is_nothing or effect == 0:
        return False, f"{name} has no effect: all that it would change is zero."
    rest = "" if share == 1 else f" {part}; not used: {examples((*fit.misshapen, *fit.strangers))}."
    return True, f"{name} fits {family.name}. {_strength(effect)}{rest}"


def _strength(effect: float | None) -> str:
    if effect is None:
        return "How much it changes cannot be told: the model's weights are quantized."
    words = f"It changes what it touches by {effect:.2%}"
    if effect < LEAST:
        return f"{words}, which will hardly be seen."
    return f"{words}, so much that pictures may break: try a lower weight." if effect > STRONG else f"{words}."


def _any_recipe(checkup: Checkup) -> Recipe:
    """Names the model to be loaded, and nothing else of meaning."""
    return Recipe(checkup.model, "", 64, 64, 1, 0.0, "euler", 0, parts=checkup.parts)
