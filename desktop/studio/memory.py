"""Memory: what survives the program, written as soon as it changes, in a lane of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer

from desktop.database import Database
from desktop.library.inputs import Inputs
from desktop.library.library import Library
from desktop.settings import Settings
from desktop.studio.observable import Observable, Observed
from desktop.studio.session import Session
from desktop.studio.worker import Errands

SAVE_AFTER = 300  # ms from a change to its being stored: what a crash may cost
PROMPTS = 200


class Memory(Observable):
    """Settings, session, prompts, and whatever else has a name."""

    settings = Observed(Settings())
    prompts = Observed[tuple[str, ...]](())  # used before, the newest first

    def __init__(self, database: Database, inputs: Inputs, parent: QObject | None = None):
        super().__init__(parent)
        self.inputs = inputs
        self.lane = Errands("journal", self)
        self._database = database
        self._library: Library | None = None
        self.settings = Settings.from_json(database.state("settings"))
        self._unsaved: dict[str, Callable[[], Any]] = {}
        self._saving = QTimer(self, singleShot=True, interval=SAVE_AFTER)
        self._saving.timeout.connect(self._save)

    def recall(self, name: str) -> Any:
        """What was kept under that name, JSON; None if nothing was."""
        return self._database.state(name)

    def keep(self, name: str, value: Callable[[], Any]) -> None:
        """Stores soon what `value` then gives, JSON."""
        self._unsaved[name] = value
        if not self._saving.isActive():
            self._saving.start()

    def keep_session(self, session: Session) -> None:
        """Restores it, and keeps it from now on."""
        session.restore(self.recall("session"))
        session.changed.connect(partial(self._session_changed, session))

    def change_settings(self, **changes: Any) -> None:
        self.settings = replace(self.settings, **changes)
        self.keep("settings", lambda: self.settings.to_json())

    def recall_prompts(self, library: Library, errands: Errands) -> None:
        self._library = library
        errands.send(partial(library.prompts, PROMPTS), self._recalled)

    def remember_prompt(self, text: str) -> None:
        if text.strip() and self._library:
            self.prompts = _once((text, *self.prompts))
            self.lane.send(partial(self._library.remember_prompt, text))

    def close(self) -> None:
        """All is on disk when this returns."""
        self._save()
        self.lane.finish()

    def _recalled(self, prompts: list[str]) -> None:
        """Behind those that have been used since."""
        self.prompts = _once((*self.prompts, *prompts))

    def _session_changed(self, session: Session, name: str) -> None:
        if name == "source" and session.source:
            self.lane.send(partial(self.inputs.keep, session.source))
        self.keep("session", session.to_json)

    def _save(self) -> None:
        self._saving.stop()
        values = {name: value() for name, value in self._unsaved.items()}
        self._unsaved.clear()
        for name, value in values.items():
            self.lane.send(partial(self._database.keep_state, name, value))


def _once(prompts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(prompts))[:PROMPTS]
