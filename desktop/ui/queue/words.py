"""What the queue says of a job."""

from __future__ import annotations

import time
from datetime import datetime

from desktop.studio.queue import Entry, State


def state_of(entry: Entry) -> str:
    """What is going on with it: "denoising 12 of 20"."""
    if entry.state is State.FAILED:
        return entry.failure.message if entry.failure else "failed"
    if entry.state is State.DONE:
        return f"done {_moment(entry.ended)}" if entry.ended else "done"
    if entry.cancelling:
        return "stopping"
    if entry.state is State.WAITING:
        return "waiting"
    if entry.progress is None:
        return "starting"
    progress = entry.progress
    if progress.note == "denoising":
        return f"denoising {progress.step} of {progress.steps}"
    if progress.note == "loading model":
        return f"loading model {share(entry):.0%}".replace("%", " %")
    return progress.note


def cell_of(entry: Entry) -> str:
    """Which place on a sheet its picture gets, if any."""
    return f"sheet, picture {entry.cell.number + 1}" if entry.cell else ""


def share(entry: Entry) -> float:
    """How much of what is going on is done, 0 to 1."""
    progress = entry.progress
    return progress.step / progress.steps if progress and progress.steps else 0.0


def time_left(entry: Entry) -> str:
    """ "12 s left"; nothing while it cannot be told, or is too short to tell."""
    seconds = entry.pace.seconds_left(time.monotonic())
    return f"{duration(seconds)} left" if seconds is not None and seconds >= 1 else ""


def duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _moment(seconds: float) -> str:
    """The time of today, or the day."""
    moment = datetime.fromtimestamp(seconds)
    return f"{moment:%H:%M}" if moment.date() == datetime.now().date() else f"{moment:%Y-%m-%d}"
