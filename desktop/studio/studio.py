"""Studio: all that the window stands on, joined; and what becomes of a job from the button to the strip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.database import Database
from desktop.engine.api import Checkup, Engine, Event, Failed, Finished, Job, Preview, Warned
from desktop.library.handover import Handover
from desktop.library.inputs import Inputs
from desktop.library.jobs import Jobs
from desktop.library.library import Library
from desktop.library.metadata.description import Description
from desktop.library.sheets import Axis, Sheets
from desktop.library.thumbnails import Thumbnails
from desktop.paths import HANDOVER, data_folder
from desktop.studio.asides import Asides
from desktop.studio.binder import Binder
from desktop.studio.cards import Card
from desktop.studio.chores import Chores
from desktop.studio.clinic import Clinic, Pair
from desktop.studio.curator import Curator
from desktop.studio.discovery import Discovery
from desktop.studio.documents import Documents
from desktop.studio.easel import Easel
from desktop.studio.framing import Framing
from desktop.studio.gallery import Gallery
from desktop.studio.getting import Getting
from desktop.studio.landing import Landing
from desktop.studio.live import Live
from desktop.studio.making import Keeping, Kept, Maker, Unkept
from desktop.studio.memory import Memory
from desktop.studio.notice import Kind, Notice
from desktop.studio.opening import Opening
from desktop.studio.orders import Orders
from desktop.studio.outfit import Outfit
from desktop.studio.queue import Entry, Queue
from desktop.studio.reports import Reports
from desktop.studio.results import Result, Results
from desktop.studio.saving import Saving
from desktop.studio.scene import Spot
from desktop.studio.session import Session
from desktop.studio.shelf import Shelf
from desktop.studio.stage import Stage
from desktop.studio.stock import Stock
from desktop.studio.tending import Tending
from desktop.studio.updates import Updates
from desktop.studio.worker import Errands, Worker
from desktop.styles import Style

if TYPE_CHECKING:
    from desktop.raster import Raster

MakeEngine = Callable[[str | None, str | None], Engine]  # of device and precision; None chooses


class Studio(QObject):
    """The window's parts talk to its parts: session, queue, stage and so on. Lanes work beside the window."""

    noticed = Signal(object)  # Notice
    saving_wanted = Signal(object)  # Result: people want to choose where
    finished = Signal(float)  # a job has ended well, after so many seconds

    def __init__(self, database: Database, make_engine: MakeEngine, styles: Mapping[str, Style]):
        super().__init__()
        self.styles = styles
        self._database = database
        self._lane = Worker("engine", self)
        self.errands = Errands("io", self)
        bench = Errands("canvas", self)
        inputs = Inputs(data_folder() / "inputs")
        self.memory = Memory(database, inputs, self)
        self.session = Session(self)
        self.memory.keep_session(self.session)
        self._thumbnails = Thumbnails(data_folder() / "thumbnails.db")
        library = Library(database, lambda: self.memory.settings.pictures_folder, lambda: self.memory.settings.pattern)
        self.gallery = Gallery(library, self._thumbnails, self)
        self.curator = Curator(self.gallery, self)
        self.chores = Chores(self)
        self.tending = Tending(self.gallery, self.chores, self.memory, inputs, self)
        jobs = Jobs(database)
        self.queue = Queue(jobs, self.memory.lane.send, self)
        self.queue.restore(jobs.all())
        self.results = Results(self)
        self.stage = Stage(self.results, self.errands, self)
        self.saving = Saving(self.results, self.stage, self.gallery, self.errands, self)
        self.shelf = Shelf(self.session, self.memory, self.errands, self)
        self.stock = Stock(self.shelf.catalog, database, self.memory, self)
        self.discovery = Discovery(self.chores, self.memory, self)
        self.easel = Easel(self.memory, bench, self)
        self.framing = Framing(self.session, self.easel, bench, self)
        self.landing = Landing(self.stage, self.easel, inputs, self)
        self.live = Live(self.easel, self.session, self)
        self.orders = Orders(
            self.session,
            self.styles,
            self.shelf,
            self.easel,
            self.queue,
            self.stage,
            self.landing,
            self.live,
            self.memory,
            self.errands,
            self,
        )
        self.documents = Documents(self.easel, self.memory, bench, self.orders.first_frame, self)
        self.opening = Opening(self.session, self.stage, self.shelf, self.documents, inputs, self.errands, self)
        self._maker = Maker(make_engine, self._wishes, self.shelf.catalog, inputs, library, self._merges)
        self.getting = Getting(self.memory, self.chores, self.devices, self)
        self.asides = Asides(self._lane, self._maker.do, self)
        self.clinic = Clinic(self.session, self.shelf, self._examine, self)
        self.outfit = Outfit(self.session, self.shelf, self.errands, self.asides, self)
        sheets = Sheets(database, data_folder() / "sheets")
        self.updates = Updates(self.memory, self.getting.online, self)
        self.reports = Reports(self.session, self.memory, self.queue, self.devices, self.errands, self)
        self._binder = Binder(self.queue, sheets, self._maker, self._lane, self.memory.lane.send, self)
        self.errands.send(sheets.tidy)
        self._connect()

    def _connect(self) -> None:
        self._lane.told.connect(self._hear)
        self.memory.private_ended.connect(self._complete_session)
        self.tending.laid_out.connect(self._show_sheet)
        self.getting.arrived.connect(lambda _: self.look_for_models())
        self.outfit.converted.connect(self.stock.copy_notes)
        self.outfit.file_came.connect(self.look_for_models)
        self.orders.skeleton_wanted.connect(self.getting.fetch_skeleton)
        self.stock.folders_changed.connect(lambda: self.shelf.look())
        self.stock.use_wanted.connect(self.outfit.use)
        self.stock.words_wanted.connect(self.session.say)
        self.stock.check_wanted.connect(self.outfit.check)
        self.stock.conversion_wanted.connect(self.outfit.convert)
        self.stock.unload_wanted.connect(self.outfit.unload)
        self.opening.hashes_wanted.connect(self._learn_hashes)
        self.queue.due.connect(self._run)
        self.queue.unwanted.connect(self._maker.cancel)
        self.easel.changed.connect(self._easel_changed)
        for part in (
            self.session,
            self.opening,
            self.documents,
            self.landing,
            self.orders,
            self.curator,
            self.tending,
            self.saving,
            self.stock,
            self.outfit,
            self.getting,
            self.reports,
        ):
            part.noticed.connect(self.noticed)
        for lane in (self.errands, self.easel.lane, self.memory.lane, self.gallery.lane, self.chores, self.stock.lane):
            lane.failed.connect(self._complain)

    def start(self) -> None:
        """Once the window stands: the engine warms up, and what there was the last time comes back."""
        self._lane.give("warm-up", self._maker.warm_up)
        self._complete_session()
        self.documents.start()
        self._binder.restore()
        self._tell_what_waits()
        self.memory.recall_prompts(self.errands)
        self.gallery.start(self._restore_results)
        self.tending.start()
        self.getting.downloads.restore()
        self.stock.start()
        self.reports.start()
        self.opening.listen(Handover(data_folder() / HANDOVER))
        if self._database.notice:
            self.noticed.emit(Notice(Kind.WARNING, self._database.notice))
        if names := self.memory.illegible_settings:
            hint = "They may be of a newer Sfumato; they are kept for it, and not used here."
            self.noticed.emit(Notice(Kind.INFO, f"Some settings cannot be read: {', '.join(names)}.", hint))

    def _complete_session(self) -> None:
        """With the model and the source that it names."""
        self.shelf.look(lambda _: self.orders.go_on())
        if self.session.wanted_source:
            self.opening.restore_source(self.session.wanted_source)

    def close(self) -> None:
        """Stops what runs; all that must be remembered is on disk when this returns."""
        self._maker.stop()
        self._lane.finish()
        self._maker.stop()  # an engine that was made just then
        self.shelf.close()
        self.chores.close()
        self.updates.leave()
        self.getting.close()
        self.stock.close()
        for lane in (self.errands, self.easel.lane, self.gallery.lane):
            lane.finish()
        self.memory.close()
        self.documents.close()
        self._thumbnails.close()
        self._database.close()

    # ------------------------------------------------------------ what people do

    def generate(self) -> None:
        """What is set, as jobs at the end of the queue."""
        self.orders.generate()

    def make_sheet(self, axes: Sequence[Axis], singles: bool) -> None:
        """What is set, with all combinations of these values, on one sheet; and each by itself, if so wished."""
        add = partial(self._binder.add, private=self.memory.settings.private)
        self.orders.plan_sheet(axes, singles, add)

    def look_for_models(self) -> None:
        """Through all folders, once, for what has come or gone."""
        self.shelf.look(self.stock.look)

    def cancel(self) -> None:
        """The running job; by force if it has been asked to stop already."""
        if running := self.queue.running:
            self.queue.cancel(running.id)

    def devices(self) -> dict[str, str]:
        """Those that the engine can use, in words; empty while it is not known."""
        return self._maker.devices()

    # ------------------------------------------------------------ what becomes of it

    def _run(self, job: Job) -> None:
        entry = self.queue.find(job.id)
        of_sheet = self._binder.task(entry) if entry else None
        self._lane.give(job.id, of_sheet or partial(self._maker.make, job, self._keeping(entry)))

    def _keeping(self, entry: Entry | None) -> Keeping:
        """Where it was ordered to go; a picture of the moment, as people wish at the moment."""
        settings = self.memory.settings
        if entry and entry.live:
            return Keeping.DISK if settings.keep_live and not settings.private else Keeping.NOWHERE
        return Keeping.DISK if entry is None or entry.stored else Keeping.MEMORY

    def _hear(self, job_id: str, event: Event | Kept | Unkept) -> None:
        if not isinstance(event, Kept | Unkept) and self.asides.hear(job_id, event):
            return
        entry = self.queue.find(job_id)
        spot = entry.spot if entry else None
        if not isinstance(event, Kept | Unkept):
            self.queue.take(job_id, event)
            if entry:
                self.reports.hear(entry, event)
        if isinstance(event, Kept):
            self.gallery.take(event.picture, event.raster)
        if entry and entry.live:
            self.orders.hear_live(entry, event)
            return
        match event:
            case Preview(picture) if entry and self._is_here(spot):
                self.stage.preview(picture, entry.job.work.width, entry.job.work.height, spot)
            case Kept(picture, raster, thumbnail):
                self._add(Result.of(picture, thumbnail, spot), raster)
            case Unkept(produced, thumbnail, message, hint):
                self._add(Result.of_unkept(produced, thumbnail, spot, bool(message)), produced.picture)
                if message:
                    save = ("Save elsewhere…", partial(self.saving_wanted.emit, self.results.all[0]))
                    hint = f"{hint} Until then it is in Results only."
                    self.noticed.emit(Notice(Kind.ERROR, message, hint, actions=(save,)))
            case Warned(message, trace):
                self.noticed.emit(Notice(Kind.WARNING, message, details=trace, is_reported=bool(trace)))
            case Failed():
                can_help = not event.lasting and self.queue.find(job_id)
                again = [("Try again", partial(self.queue.retry, job_id))] if can_help else []
                self.noticed.emit(Notice.of(event, *again))
            case Finished(seconds):
                self.finished.emit(sum(seconds.values()))

    def _easel_changed(self, name: str) -> None:
        match name:
            case "active" | "document":
                self.stage.is_candidate = False
            case "at_work" if self.easel.at_work:
                self.stage.set_aside()

    def _examine(self, pair: Pair) -> None:
        """A LoRA with a model: a close look."""
        extra = self.shelf.extras.by_id(pair[1])
        self.asides.do(Checkup(*pair, extra.name if extra else ""), partial(self.clinic.hear, pair))

    def _learn_hashes(self, said: Description) -> None:
        self.tending.learn_hashes(self.shelf.catalog(), partial(self.opening.use_description, said))

    def _show_sheet(self, raster: Raster, thumbnail: Raster) -> None:
        """In memory only, until people save it."""
        result = Result(Description(ai_generated=True), 0.0, thumbnail, None, raster)
        self.results.add(result, raster)
        self.stage.show(result)

    def _add(self, result: Result, raster: Raster) -> None:
        self.results.add(result, raster)
        if self._is_here(result.spot):
            self.stage.made(raster, result)

    def _is_here(self, spot: Spot | None) -> bool:
        """Rather than on a canvas that people have left since."""
        return spot is None or self.easel.has(spot)

    def _complain(self, failed: Failed) -> None:
        self.noticed.emit(Notice.of(failed))

    def _merges(self) -> bool:
        return self.memory.settings.merge_loras

    def _wishes(self) -> tuple[str, str]:
        return self.memory.settings.device, self.memory.settings.precision

    def _restore_results(self, newest: list[Card]) -> None:
        self.results.restore([Result.of(card.picture, card.thumbnail) for card in newest if card.thumbnail])
        self.stage.begin()

    def _tell_what_waits(self) -> None:
        if waiting := [entry.id for entry in self.queue.waiting]:
            jobs = "One job is" if len(waiting) == 1 else f"{len(waiting)} jobs are"
            go_on = ("Go on", partial(setattr, self.queue, "paused", False))
            drop = ("Discard", partial(self._discard, waiting))
            self.noticed.emit(Notice(Kind.INFO, f"{jobs} waiting from the last time.", actions=(go_on, drop)))

    def _discard(self, job_ids: list[str]) -> None:
        self.queue.cancel(*job_ids)
        self.queue.paused = False
