"""Training as such: a plan in steps, a moving average of the weights, and going on after an interruption."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

STATE = "state.pt"
REPORT_EVERY = 50  # steps


@dataclass(frozen=True)
class Plan:
    """How long and how fast a stage learns: the rate warms up, stays, and falls to nothing over the last fifth."""

    steps: int
    batch: int
    rate: float
    warmup: int = 100
    decay: float = 0.2

    def rate_at(self, step: int) -> float:
        left = (self.steps - step) / (self.steps * self.decay)
        return self.rate * min(1.0, (step + 1) / self.warmup, left)


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def autocast() -> torch.autocast:
    return torch.autocast(device(), torch.bfloat16)


def learn(
    model: nn.Module,
    plan: Plan,
    loss_of: Callable[[], Tensor],
    folder: Path,
    save: Callable[[Any], None],
    save_every: float = 120.0,
) -> None:
    """Runs `plan` from where `folder` last kept it; `save` gets the average every `save_every` s and at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    average = AveragedModel(model)
    optimizer = torch.optim.AdamW(model.parameters(), plan.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    parts = {"model": model, "average": average, "optimizer": optimizer}
    first = _restore(parts, folder / STATE)
    torch.manual_seed(first)
    start = saved = time.monotonic()
    losses: list[Tensor] = []
    for step in range(first, plan.steps):
        losses.append(_improve(model, optimizer, plan.rate_at(step), loss_of))
        _follow(average.module, model, min(0.999, (1 + step) / (10 + step)))
        done, now = step + 1, time.monotonic()
        if done % REPORT_EVERY == 0:
            loss, speed = torch.stack(losses).mean(), plan.batch * (done - first) / (now - start)
            print(f"{folder.name}: step {done} of {plan.steps}, loss {loss:.4f}, {speed:.0f}/s", flush=True)
            losses.clear()
        if now - saved > save_every or done == plan.steps:
            saved = now
            save(average.module)
            _keep(parts, done, folder / STATE)  # last, so that a state never promises what was not saved


def is_learning(folder: Path, plan: Plan) -> bool:
    """Whether `folder` holds a run of `plan` that was stopped before its end."""
    file = folder / STATE
    return file.exists() and torch.load(file, weights_only=True, mmap=True)["step"] < plan.steps


def _improve(model: nn.Module, optimizer: torch.optim.Optimizer, rate: float, loss_of: Callable[[], Tensor]) -> Tensor:
    for group in optimizer.param_groups:
        group["lr"] = rate
    loss = loss_of()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.detach()


@torch.no_grad()
def _follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    for old, new in zip(average.parameters(), model.parameters(), strict=True):
        old.lerp_(new, 1 - decay)
    for old, new in zip(average.buffers(), model.buffers(), strict=True):
        old.copy_(new)  # the statistics of batch norms are averages already


def _restore(parts: dict[str, nn.Module | torch.optim.Optimizer], file: Path) -> int:
    """The number of steps that were done."""
    if not file.exists():
        return 0
    state = torch.load(file, weights_only=True, map_location=device())
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return state["step"]


def _keep(parts: dict[str, nn.Module | torch.optim.Optimizer], step: int, file: Path) -> None:
    unfinished = file.with_suffix(".part")
    torch.save({**{name: part.state_dict() for name, part in parts.items()}, "step": step}, unfinished)
    unfinished.replace(file)
