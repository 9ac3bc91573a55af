"""Reports: bugs and dead engines are written down for whoever is to mend them, and people are told where."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Event, Failed, Finished, Job, Started
from desktop.logs import LOG
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.queue import Queue
from desktop.studio.session import Session
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.redaction import Redaction


class Reports(QObject):
    """Nothing of them goes anywhere."""

    noticed = Signal(object)  # Notice

    def __init__(
        self,
        session: Session,
        memory: Memory,
        queue: Queue,
        devices: Callable[[], Mapping[str, str]],
        errands: Errands,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._session, self._memory, self._queue = session, memory, queue
        self._devices, self._errands = devices, errands
        self._written: set[str] = set()  # traces; a bug in what is painted comes again and again

    def start(self) -> None:
        """What has ended the program the last time is told."""
        from desktop import logs

        self._errands.send(logs.take_crash, self._tell_crash)

    def keep(self, notice: Notice) -> bool:
        """Whether that is about a bug, which is then written down, once."""
        if notice.kind is not Kind.ERROR or not notice.details:
            return False
        if notice.details not in self._written:
            self._written.add(notice.details)
            self._errands.send(partial(_written, notice, self._devices(), self._prompts()))
        return True

    def gather(self, agreed: bool, then: Callable[[dict[str, str]], object]) -> None:
        """All that a zip of diagnostics would hold; `agreed`: with prompts and places."""
        private = self._private() if agreed else {}
        self._errands.send(partial(_gathered, self._devices(), self._prompts(), private), then)

    def save(self, files: Mapping[str, str], target: Path, then: Callable[[Path], object]) -> None:
        """As a zip."""
        self._errands.send(partial(_saved, files, target), then)

    def _private(self) -> dict[str, str]:
        """What people have agreed to tell."""
        settings = {**self._memory.settings.to_json(), "proxy": ""}  # a password may be in it
        return {
            "settings.json": json.dumps(settings, indent=1, ensure_ascii=False),
            "prompts.txt": "\n\n".join(self._prompts()),
        }

    def _prompts(self) -> tuple[str, ...]:
        """All that may come up anywhere: without leave they are not told."""
        jobs = [entry.job.work for entry in self._queue.entries]
        ordered = [words for work in jobs for words in (work.prompt, work.negative)]
        every = (self._session.prompt, self._session.negative, *ordered, *self._memory.prompts)
        return tuple(dict.fromkeys(words for words in every if words))

    def _tell_crash(self, trace: str) -> None:
        if trace:
            message, hint = "Sfumato crashed the last time.", "What you had made is here. A report of it was written."
            self.noticed.emit(Notice(Kind.ERROR, message, hint, trace))


def log_event(job: Job, event: Event) -> None:
    """How it goes, in numbers: what was asked for is nobody's business."""
    work = job.work
    match event:
        case Started():
            size = f"{work.width} x {work.height}, {work.steps} steps, {work.sampler}, {len(work.loras)} LoRAs"
            LOG.info("a job begins: %s%s", size, ", from a picture" if work.source else "")
        case Finished(seconds, peak):
            LOG.info("a job is done in %.1f s, with %.0f MB", sum(seconds.values()), peak / 1e6)
        case Failed():
            LOG.warning("a job has failed")


def _redaction(prompts: tuple[str, ...]) -> Redaction:
    from desktop.redaction import Redaction

    return Redaction.of(prompts)


def _written(notice: Notice, devices: Mapping[str, str], prompts: tuple[str, ...]) -> None:
    """In the lane. Where it cannot be kept, the notice has it still."""
    from desktop import reports

    redaction = _redaction(prompts)
    LOG.error("%s\n%s", redaction(notice.message), redaction(notice.details))
    try:
        reports.keep(reports.compose(notice.message, notice.details, devices, redaction))
    except OSError as error:
        LOG.error("no report could be written: %s", error.strerror)


def _gathered(devices: Mapping[str, str], prompts: tuple[str, ...], private: Mapping[str, str]) -> dict[str, str]:
    from desktop import reports

    return reports.diagnostics(devices, _redaction(prompts), private)


def _saved(files: Mapping[str, str], target: Path) -> Path:
    """Raises UserError."""
    from desktop import reports
    from desktop.errors import UserError
    from desktop.paths import write_atomically

    try:
        write_atomically(target, reports.zipped(files))
    except OSError as error:
        raise UserError(f"{target.name} cannot be written: {error.strerror}.", "Choose another place.") from error
    return target
