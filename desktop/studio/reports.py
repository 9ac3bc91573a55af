"""Reports: bugs and dead engines are written down for whoever is to mend them, and people are told where."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.engine.api import Event, Failed, Finished, Job, Started
from desktop.logs import LOG
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.queue import Entry, Queue
from desktop.studio.session import Session
from desktop.studio.worker import Errands

MOST_WRITTEN = 10  # of one launch, as many as are kept: the first ones tell most
MOST_RUN = 1000  # jobs whose words are known


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
        self._run: dict[str, bool] = {}  # prompts that the engine has heard, the newest last; whether they are secret

    def start(self) -> None:
        """What has ended the program the last time is told."""
        from desktop import logs

        self._errands.send(logs.take_crash, self._tell_crash)

    def hear(self, entry: Entry, event: Event) -> None:
        """How a job goes; what was asked for is remembered, so that no report tells it."""
        _log(entry.job, event)
        if isinstance(event, Started):
            for words in (entry.job.work.prompt, entry.job.work.negative):
                is_public = self._run.pop(words, True) is False
                self._run[words] = not is_public and self._is_secret(entry)
            for words in list(self._run)[:-MOST_RUN]:
                del self._run[words]

    def keep(self, notice: Notice) -> bool:
        """Whether that is about a bug, which is then written down, once."""
        if notice.is_reported and notice.details not in self._written and len(self._written) < MOST_WRITTEN:
            self._written.add(notice.details)
            self._errands.send(partial(_written, notice, self._devices(), self._prompts()))
        return notice.is_reported

    def gather(self, agreed: bool, then: Callable[[dict[str, str]], object]) -> None:
        """All that a zip of diagnostics would hold; `agreed`: with prompts and places, but none of the private mode."""
        private = self._private() if agreed else {}
        hidden = self._secrets() if agreed else self._prompts()
        self._errands.send(partial(_gathered, self._devices(), hidden, private), then)

    def save(self, files: Mapping[str, str], target: Path, then: Callable[[Path], object]) -> None:
        """As a zip."""
        self._errands.send(partial(_saved, files, target), then)

    def _private(self) -> dict[str, str]:
        """What people have agreed to tell."""
        settings = {**self._memory.settings.to_json(), "proxy": ""}  # a password may be in it
        return {
            "settings.json": json.dumps(settings, indent=1, ensure_ascii=False),
            "prompts.txt": "\n\n".join(words for words in self._prompts() if words not in self._secrets()),
        }

    def _prompts(self) -> tuple[str, ...]:
        """All that may come up anywhere: without leave they are not told."""
        now = (self._session.prompt, self._session.negative)
        every = (*now, *_words(self._queue.entries), *self._run, *self._memory.prompts)
        return tuple(dict.fromkeys(words for words in every if words))

    def _secrets(self) -> tuple[str, ...]:
        """Those of them that were said in private mode, and are never told."""
        now = (self._session.prompt, self._session.negative) if self._memory.settings.private else ()
        waiting = _words(entry for entry in self._queue.entries if self._is_secret(entry))
        run = (words for words, is_secret in self._run.items() if is_secret)
        return tuple(dict.fromkeys(words for words in (*now, *waiting, *run) if words))

    def _is_secret(self, entry: Entry) -> bool:
        return self._memory.settings.private if entry.live else not entry.stored

    def _tell_crash(self, trace: str) -> None:
        if trace:
            message, hint = "Sfumato crashed the last time.", "What you had made is here. A report of it was written."
            self.noticed.emit(Notice(Kind.ERROR, message, hint, trace, is_reported=True))


def _words(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        yield from (entry.job.work.prompt, entry.job.work.negative)


def _log(job: Job, event: Event) -> None:
    """In numbers: what was asked for is nobody's business."""
    work = job.work
    match event:
        case Started():
            size = f"{work.width} x {work.height}, {work.steps} steps, {work.sampler}, {len(work.loras)} LoRAs"
            LOG.info("a job begins: %s%s", size, ", from a picture" if work.source else "")
        case Finished(seconds, peak):
            LOG.info("a job is done in %.1f s, with %.0f MB", sum(seconds.values()), peak / 1e6)
        case Failed():
            LOG.warning("a job has failed")


def _written(notice: Notice, devices: Mapping[str, str], prompts: tuple[str, ...]) -> None:
    """In the lane. Where it cannot be kept, the notice has it still."""
    from desktop import reports
    from desktop.redaction import Redaction

    redaction = Redaction.of(prompts)
    report = reports.compose(notice.message, notice.details, devices, redaction)  # first: it has the log in it
    LOG.error("%s\n%s", redaction(notice.message), redaction(notice.details))
    try:
        reports.keep(report)
    except OSError as error:
        LOG.error("no report could be written: %s", error.strerror)


def _gathered(devices: Mapping[str, str], hidden: tuple[str, ...], private: Mapping[str, str]) -> dict[str, str]:
    from desktop import reports
    from desktop.redaction import Redaction

    return reports.diagnostics(devices, Redaction.of(hidden, keeps_places=bool(private)), private)


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
