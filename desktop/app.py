"""The map of the program: the only place that builds and joins things."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from desktop import logs
from desktop.database import Database
from desktop.engine.api import Engine
from desktop.errors import UserError
from desktop.library.handover import Handover
from desktop.library.relocation import follow
from desktop.paths import HANDOVER, data_folder
from desktop.settings import Settings

if TYPE_CHECKING:
    from desktop.library.library import Library
    from desktop.library.thumbnails import Thumbnails
    from desktop.models.catalog import Catalog
    from desktop.studio.studio import Studio

ENGINES = ("local", "process")


def make_engine(kind: str, device: str | None, precision: str | None = None, log: Path | None = None) -> Engine:
    """`kind` is one of ENGINES; torch is imported here for "local", and only in the child for "process".

    `log`: where the last words of a child go; else where this process's go.
    """
    if kind == "local":
        from desktop.engine.local import LocalEngine

        return LocalEngine(device, precision)
    from desktop.engine.process import ProcessEngine

    return ProcessEngine(device, precision, log)


def describe_devices() -> dict[str, str]:
    """Those that `make_engine` takes, in words; imports torch."""
    from desktop.engine import memory

    return memory.describe_devices()


def open_window(files: Sequence[Path] = (), engine: str = "process") -> int:
    """Runs the window until it is closed; the exit code. Raises UserError where there can be none.

    It opens those files; where a window is open already, that one does, and comes to the front.
    """
    from desktop.ui import application

    if not application.has_display():
        from desktop import versions

        hint = f'Without one: {versions.command()} generate "a lake at dawn"'
        raise UserError("There is no display to open a window on.", hint)
    database = Database(data_folder() / "sfumato.db")
    handover = Handover(data_folder() / HANDOVER)
    if files:  # before it is known whose they are: that window may be about to close
        handover.give(files)
    try:
        with application.only_one(data_folder()), logs.kept(), _reported():
            follow(database, data_folder())
            app = application.begin(Settings.from_json(database.state("settings")))
            window = application.show(make_studio(database, engine))
            app.given.connect(window.studio.opening.handed_over)
            return application.run(app, window)
    except application.OpenAlready:
        if not files:
            handover.give([])
        print("Sfumato is open already: its window comes to the front.")
        return 0


def make_catalog() -> Catalog:
    """Of the folders that the settings name, too. Raises UserError."""
    from desktop.models.catalog import Catalog

    file = data_folder() / "sfumato.db"
    if not file.exists():
        return Catalog()
    with closing(Database(file)) as database:
        follow(database, data_folder())
        return Catalog(folders=Settings.from_json(database.state("settings")).models_folders)


@contextmanager
def open_library() -> Iterator[tuple[Library, Thumbnails]]:
    """The library without a window, also while one is open. Raises UserError."""
    from desktop.library.library import Library
    from desktop.library.thumbnails import Thumbnails

    with (
        closing(Database(data_folder() / "sfumato.db")) as database,
        closing(Thumbnails(data_folder() / "thumbnails.db")) as thumbnails,
    ):
        follow(database, data_folder())
        settings = Settings.from_json(database.state("settings"))
        yield Library(database, lambda: settings.pictures_folder, lambda: settings.pattern), thumbnails


def make_studio(database: Database, engine: str = "process") -> Studio:
    """All behind the window; `engine` is one of ENGINES."""
    from desktop.studio.studio import Studio
    from desktop.styles import read_styles

    return Studio(database, partial(make_engine, engine, log=logs.folder() / logs.ENGINE), read_styles())


@contextmanager
def _reported() -> Iterator[None]:
    """A window that a bug keeps from standing leaves a report."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        import traceback

        from desktop import reports
        from desktop.redaction import Redaction

        with suppress(OSError):
            reports.keep(reports.compose(f"Sfumato cannot go on: {error!r}", traceback.format_exc(), {}, Redaction()))
            show_problem(UserError("Sfumato cannot go on.", f"This is a bug. A report of it is in {reports.folder()}."))
        raise


def show_problem(error: UserError) -> None:
    """Why there is no window, to people who have started it without a terminal."""
    from desktop.ui import application

    if application.is_seen() and not sys.stderr.isatty():
        application.show_problem(error)
