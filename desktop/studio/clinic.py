"""Clinic: whether each LoRA suits the model, before it is used: by what their headers say, and by a close look."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.engine.api import Cancelled, Event, Examined, Failed, Report
from desktop.models.extras import Extras, lora_may_fit, made_for
from desktop.studio.observable import Observable, Observed
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf

Pair = tuple[str, str]  # content ids of a model and a LoRA


@dataclass(frozen=True)
class Finding:
    """What people are told of a LoRA with this model."""

    works: bool
    words: str
    details: str = ""
    places: tuple[str, ...] = ()  # the blocks that can be weighted; none while they are not known


class Clinic(Observable):
    """`findings` by the file of each LoRA that is set. `examine` takes a close look, in the engine."""

    findings = Observed[Mapping[str, Finding]]({})

    def __init__(
        self, session: Session, shelf: Shelf, examine: Callable[[Pair], object], parent: QObject | None = None
    ):
        super().__init__(parent)
        self._session, self._shelf, self._examine = session, shelf, examine
        self._known: dict[Pair, Finding] = {}  # from close looks
        self._failed: dict[Pair, Finding] = {}  # looks that came to nothing, as long as both are set
        self._asked: set[Pair] = set()
        self._files = _files(session)
        self._began = False  # people have added or chosen something: until then no look loads a model
        session.changed.connect(self._session_changed)
        session.chosen.connect(self._begin)
        shelf.changed.connect(lambda name: self._look() if name == "extras" else None)

    def take(self, pair: Pair, finding: Finding) -> None:
        """What a close look has found."""
        self._known[pair] = finding
        self._failed.pop(pair, None)
        self._look()

    def known(self, file: str) -> Finding | None:
        """What a close look at that LoRA has shown, with the model of now."""
        return self._known.get((self._session.model.id, file)) if self._session.model else None

    def hear(self, pair: Pair, event: Event) -> None:
        """What the engine tells of that look."""
        match event:
            case Examined(report):
                self.take(pair, Finding(report.works, report.verdict, details(report), report.places))
            case Failed(message, hint):
                self._asked.discard(pair)
                self._failed[pair] = Finding(False, message, hint)
                self._look()
            case Cancelled():
                self._asked.discard(pair)

    def _session_changed(self, name: str) -> None:
        if name == "loras":
            files = _files(self._session)
            self._began = self._began or (self._session.model is not None and not files <= self._files)
            self._files = files
        if name in ("model", "loras"):
            self._look()

    def _begin(self) -> None:
        self._began = True
        self._look()

    def _look(self) -> None:
        model = self._session.model.id if self._session.model else ""
        self._failed = {
            pair: each for pair, each in self._failed.items() if pair[0] == model and pair[1] in self._files
        }
        self.findings = {use.file: found for use in self._session.loras if (found := self._finding(use.file))}

    def _finding(self, file: str) -> Finding | None:
        model = self._session.model
        if model is None:
            return None
        pair = (model.id, file)
        if known := self._known.get(pair) or self._failed.get(pair):
            return known
        found = at_a_glance(self._shelf.extras, file, model.family.id)
        if found is None and self._began and pair not in self._asked and self._shelf.extras.by_id(file):
            self._asked.add(pair)
            self._examine(pair)
        return found


def is_block(name: str, places: Sequence[str]) -> bool:
    """Whether something can be weighted by that name, with the denoiser's before it or not."""
    inner = re.sub(r"^(unet|transformer)(\.|$)", "", name).strip(".")
    if not inner or any(f"{place}.".startswith(f"{inner}.") for place in places):
        return True
    last = (place for place in places if not any(each.startswith(f"{place}.") for each in places))
    return any(inner.startswith(f"{place}.") for place in last)  # deeper than the names go


def _files(session: Session) -> set[str]:
    return {use.file for use in session.loras}


def details(report: Report) -> str:
    """All that was found, a line each."""
    rank = f", rank {report.rank}" if report.rank is not None else ""
    rows = [f"{report.kind}{rank}; {report.fitting} of {report.layers} layers fit"]
    rows += [f"{name}: {effect:.2%}" for name, effect in {**report.parts, **report.blocks}.items()]
    return "\n".join([*rows, *(f"not used: {layer}" for layer in report.unused)])


def at_a_glance(extras: Extras, file: str, family: str) -> Finding | None:
    """What is wrong with it as far as headers tell; None where nothing is."""
    extra = extras.by_id(file)
    if extra is None:
        return Finding(False, "This file is not at hand any more.") if extras.all else None
    if extra.entry.problem:
        return Finding(False, extra.entry.problem)
    if lora_may_fit(extra.entry, family):
        return None
    return Finding(False, made_for(extra.name, [extra.entry.family], family))
