"""Pace: how fast a job takes its steps, and when it will be done at that speed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from desktop.engine.api import Progress

RECENT = 10  # steps that the speed is taken from


@dataclass
class Pace:
    """Fed with a job's progress and the time in seconds."""

    _note: str = ""
    _left: int = 0
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT + 1))

    def take(self, progress: Progress, now: float) -> None:
        if progress.note != self._note:
            self._note = progress.note
            self._times.clear()
        self._left = progress.steps - progress.step
        self._times.append(now)

    def seconds_left(self, now: float) -> float | None:
        """Of what is going on at the moment; None while there is nothing to judge by."""
        if len(self._times) < 3:
            return None
        a_step = (self._times[-1] - self._times[0]) / (len(self._times) - 1)
        return max(0.0, self._left * a_step - (now - self._times[-1]))
