"""Orders: from the button to the queue: jobs are planned, and what they start from is kept."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QObject, QRect, Signal

from desktop import wildcards
from desktop.engine.api import Event, Failed, Finished, Job, Produced
from desktop.errors import UserError
from desktop.intents import INTENTS
from desktop.library.sheets import Axis
from desktop.models import skeletons
from desktop.paths import data_folder
from desktop.studio import pictures
from desktop.studio.easel import Easel
from desktop.studio.fields import Bench
from desktop.studio.landing import Landing
from desktop.studio.live import Live
from desktop.studio.making import Kept, Unkept
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.plan import draft, more_like, plan, plan_live
from desktop.studio.queue import Entry, Queue
from desktop.studio.results import Result
from desktop.studio.scene import Scene, Spot, scene_of
from desktop.studio.session import Session
from desktop.studio.sheets import PlannedSheet, models_of, plan_sheet, words_of
from desktop.studio.shelf import Shelf
from desktop.studio.stage import Stage
from desktop.studio.worker import Errands
from desktop.styles import Style
from desktop.wildcards import Lists

if TYPE_CHECKING:
    from desktop.models.model import Model
    from desktop.raster import Raster

T = TypeVar("T")
AT_ONCE = 16  # jobs that are planned without a moment's delay
USUAL_SEEDS = 2**32  # 64 bits are legal, but other programs stumble over them


class Put(Protocol):
    """Into the queue."""

    def __call__(self, jobs: Sequence[Job], spot: Spot | None, /, *, stored: bool) -> object: ...


class Orders(QObject):
    """Of single pictures, of the canvas, and of the moment."""

    noticed = Signal(object)  # Notice
    skeleton_wanted = Signal(object)  # Reference: what the model lacks is to be fetched

    def __init__(
        self,
        session: Session,
        styles: Mapping[str, Style],
        shelf: Shelf,
        easel: Easel,
        queue: Queue,
        stage: Stage,
        landing: Landing,
        live: Live,
        memory: Memory,
        errands: Errands,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._session, self._styles, self._shelf, self._easel = session, styles, shelf, easel
        self._queue, self._stage, self._landing, self._live = queue, stage, landing, live
        self._memory, self._errands = memory, errands
        self._early: dict[object, Callable[[], object]] = {}  # asked for before all was read: each deed once
        self._live_job = ""  # id of the newest one
        live.wanted.connect(self._go_live)
        queue.changed.connect(self._queue_changed)
        easel.changed.connect(lambda name: self.go_on() if name == "document" else None)

    def generate(self) -> None:
        """What is set, as jobs at the end of the queue."""
        self._order(self._queue.submit)

    def replace_edited(self) -> None:
        """What is set, as jobs in place of the one that is being edited."""
        self._order(self._queue.replace_edited)

    def plan_sheet(self, axes: Sequence[Axis], singles: bool, then: Callable[[PlannedSheet], object]) -> None:
        """Calls `then` with the jobs of an X/Y/Z sheet."""

        def put(planned: PlannedSheet) -> None:
            self._memory.remember_prompt(asked.prompt)
            self._keep_inputs(planned.jobs[0])
            then(planned)

        def plan_beside(scene: Scene | None) -> None:
            self._errands.send(partial(_sheet_of, asked, scene, axes, bench, singles), put)

        if not self._is_ready:
            self._early[self.plan_sheet] = partial(self.plan_sheet, axes, singles, then)
            return
        bench = Bench(self._shelf.models, self._styles, self._shelf.extras)
        if self._lacks_skeleton(*(models_of(axes, bench) or [self._session.model])):
            return
        asked = self._asked()
        self._with_start(plan_beside)

    @property
    def _is_ready(self) -> bool:
        """Models and canvas are read, which takes no time worth telling."""
        return self._session.model is not None and not (self._easel.active and self._easel.document is None)

    def _lacks_skeleton(self, *models: Model | None) -> bool:
        """Whether one is a file without its configuration, which people are told, and offered to have fetched."""
        lacking = next((model for model in models if model and not model.skeleton and not model.path.is_dir()), None)
        if lacking is None:
            return False
        variant = next(iter(lacking.variants), "")
        error = skeletons.missing(lacking.name, lacking.family, variant)
        reference = skeletons.wanted(lacking.family.id, variant)
        fetch = ("Fetch it once", partial(self.skeleton_wanted.emit, reference))
        self.noticed.emit(Notice(Kind.WARNING, error.message, error.hint, actions=(fetch,) if reference else ()))
        return True

    def _order(self, put: Put) -> None:
        if self._lacks_skeleton(self._session.model):
            return
        if self._is_ready:
            self._with_start(partial(self._submit, self._asked(), put))
        else:
            self._early[put] = partial(self._order, put)

    def _asked(self) -> Session:
        """What is set now, and is looked forward to."""
        if not self._session.seed_locked:
            self._session.seed = random.randrange(USUAL_SEEDS)
        self._stage.follows = True
        return self._session.copied()

    def _with_start(self, then: Callable[[Scene | None], object]) -> None:
        """Calls `then` with what is on the canvas, if that is worked on."""
        if self._easel.active:
            self._with_scene(then)
        else:
            then(None)

    def go_on(self) -> None:
        """With what was asked for before models and canvas were there."""
        early, self._early = self._early, {}
        for order in early.values():
            order()

    def more_like(self, result: Result) -> None:
        """Others that start from that one."""

        def hash_and_submit(raster: Raster) -> None:
            self._errands.send(partial(pictures.with_hash, raster), partial(self._submit_more, result))

        self._stage.follows = True
        self._stage.with_raster(result, hash_and_submit)

    def hear_live(self, entry: Entry, event: Event | Kept | Unkept) -> None:
        """What becomes of a job of the moment."""
        match event:
            case Produced(picture) | Kept(_, picture) if (
                self._live.on and not self._easel.at_work and self._easel.has(entry.spot)
            ):
                self._stage.show_live(picture, entry.spot)
            case Finished(seconds):
                self._live.usual = sum(seconds.values())
            case Failed() if not entry.superseded:
                self._live.on = False
                self.noticed.emit(Notice.of(event))

    def first_frame(self) -> QRect:
        """Of a new document: as large as the model makes its pictures."""
        native = self._session.model.native if self._session.model else self._session.width
        return QRect(0, 0, native, native)

    # ------------------------------------------------------------ inside

    def _with_scene(self, then: Callable[[Scene], object], otherwise: Callable[[Failed], object] | None = None) -> None:
        """Calls `then` with what is on the canvas now."""
        if snapshot := self._easel.snapshot:
            keeps = INTENTS[self._session.intent].keeps
            work = partial(scene_of, snapshot, keeps, self._easel.sheet)
            self._easel.lane.send(work, then, otherwise)

    def _plan(
        self,
        asked: Session,
        make: Callable[[Lists], T],
        then: Callable[[T], object],
        otherwise: Callable[[Failed], object] | None = None,
    ) -> None:
        """Calls `then` with what `make` plans: beside the window where that is much, or lists are to be read."""
        otherwise = otherwise or (lambda failed: self.noticed.emit(Notice.of(failed)))
        texts = (asked.prompt, asked.negative)
        try:
            if asked.count > AT_ONCE or wildcards.names(*texts):
                self._errands.send(lambda: make(_read_lists(*texts)), then, otherwise)
                return
            planned = make({})
        except UserError as error:
            otherwise(Failed(error.message, error.hint))
        else:
            then(planned)

    def _submit(self, asked: Session, put: Put, scene: Scene | None) -> None:
        make = partial(plan, asked, self._styles, scene, extras=self._shelf.extras)
        self._plan(asked, make, partial(self._put_planned, asked, put, scene))

    def _put_planned(self, asked: Session, put: Put, scene: Scene | None, jobs: Sequence[Job]) -> None:
        self._memory.remember_prompt(asked.prompt)
        if scene:
            self._keep_inputs(jobs[0])
        spot = scene and self._landing.spot_for(scene, jobs[0].work.source is not None)
        put(jobs, spot, stored=not self._memory.settings.private)

    def _submit_more(self, result: Result, raster: Raster) -> None:
        try:
            model = self._shelf.catalog().by_id(result.recipe.model)
            jobs = more_like(result.recipe, model, raster, random.randrange(USUAL_SEEDS), self._session.count)
        except UserError as error:
            self.noticed.emit(Notice(Kind.ERROR, error.message, error.hint))
            return
        if self._lacks_skeleton(model):
            return
        self._keep_inputs(jobs[0])
        self._queue.submit(jobs, result.spot, stored=not self._memory.settings.private)

    def _keep_inputs(self, job: Job) -> None:
        """On disk: the job may be run another day, and its recipe again."""
        for picture in job.inputs.values():
            self._memory.keep_input(picture)

    def _go_live(self) -> None:
        if self._lacks_skeleton(self._session.model):
            self._live.on = False
        elif self._shelf.models and self._easel.document:
            self._with_scene(partial(self._submit_live, self._session.copied()), self._give_up_live)
        else:
            self._live.ended()

    def _submit_live(self, asked: Session, scene: Scene) -> None:
        make = partial(plan_live, asked, self._styles, scene, extras=self._shelf.extras)
        self._plan(asked, make, partial(self._put_live, scene), self._give_up_live)

    def _put_live(self, scene: Scene, job: Job) -> None:
        if not self._live.on:
            return
        self._live_job = job.id
        self._queue.submit_live(job, self._landing.spot_for(scene, job.work.source is not None))
        self._live.begun()

    def _give_up_live(self, failed: Failed) -> None:
        self._live.on = False
        self.noticed.emit(Notice.of(failed))

    def _queue_changed(self) -> None:
        """However it has left the queue: the newest live job is over."""
        if self._live_job and self._queue.find(self._live_job) is None:
            self._live_job = ""
            self._live.ended()


def _read_lists(*texts: str) -> Lists:
    return wildcards.read_lists(data_folder() / wildcards.FOLDER, *texts)


def _sheet_of(asked: Session, scene: Scene | None, axes: Sequence[Axis], bench: Bench, singles: bool) -> PlannedSheet:
    lists = _read_lists(asked.prompt, asked.negative, *words_of(axes))
    return plan_sheet(draft(asked, bench.styles, scene, bench.extras), axes, bench, lists, singles)
