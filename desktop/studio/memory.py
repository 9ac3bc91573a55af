"""Memory: what survives the program, written as soon as it changes, in a lane of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.database import Database
from desktop.library.inputs import Inputs
from desktop.library.prompts import MOST, Prompts
from desktop.settings import Settings
from desktop.studio.observable import Observable, Observed
from desktop.studio.session import Session
from desktop.studio.worker import Errands

if TYPE_CHECKING:
    from desktop.raster import Raster

SAVE_AFTER = 300  # ms from a change to its being stored: what a crash may cost


class Memory(Observable):
    """Settings, session, prompts, and whatever else has a name."""

    private_ended = Signal()  # and the session is as it was before, but for its model and source, which it names
    settings = Observed(Settings())
    prompts = Observed[tuple[str, ...]](())  # used before, the newest first

    def __init__(self, database: Database, inputs: Inputs, parent: QObject | None = None):
        super().__init__(parent)
        self.inputs = inputs
        self.lane = Errands("journal", self)
        self._database = database
        self._used_prompts = Prompts(database)
        self._stored = database.state("settings")
        self.settings = Settings.from_json(self._stored)
        self._session: Session | None = None
        self._public: Mapping[str, Any] = {}  # the session as it is kept while private mode is on
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
        self._session, self._public = session, session.to_json()
        session.changed.connect(partial(self._session_changed, session))

    @property
    def illegible_settings(self) -> list[str]:
        """Names of those that are kept, but not understood."""
        return Settings.illegible(self._stored)

    def change_settings(self, **changes: Any) -> None:
        before = self.settings
        self.settings = replace(before, **changes)
        self.keep("settings", lambda: self.settings.to_json_over(self._stored))
        if self._session and self.settings.private != before.private:
            self._switch_private(self._session)

    def recall_prompts(self, errands: Errands) -> None:
        errands.send(partial(self._used_prompts.newest, MOST), self._recalled)

    def remember_prompt(self, text: str) -> None:
        if text.strip() and not self.settings.private:
            self.prompts = _once((text, *self.prompts))
            self.lane.send(partial(self._used_prompts.remember, text))

    def keep_input(self, picture: Raster) -> None:
        """On disk, so that what starts from it can be made another day."""
        if not self.settings.private:
            self.lane.send(partial(self.inputs.keep, picture))

    def close(self) -> None:
        """All is on disk when this returns."""
        self._save()
        self.lane.finish()

    def _recalled(self, prompts: list[str]) -> None:
        """Behind those that have been used since."""
        self.prompts = _once((*self.prompts, *prompts))

    def _switch_private(self, session: Session) -> None:
        """What is set in private mode goes when it ends."""
        if self.settings.private:
            self._save()  # what was changed before
            self._public = session.to_json()
            return
        size = {"width": session.width, "height": session.height} if session.keeps_size else {}  # the canvas's own
        session.model, session.source = None, None
        session.restore({**self._public, **size})
        self.lane.send(lambda: None, lambda _: self.private_ended.emit())  # the source of before is on disk by then

    def _session_changed(self, session: Session, name: str) -> None:
        if self.settings.private:
            return
        if name == "source" and session.source:
            self.keep_input(session.source)
        self.keep("session", session.to_json)

    def _save(self) -> None:
        self._saving.stop()
        values = {name: value() for name, value in self._unsaved.items()}
        self._unsaved.clear()
        for name, value in values.items():
            self.lane.send(partial(self._database.keep_state, name, value))


def _once(prompts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(prompts))[:MOST]
