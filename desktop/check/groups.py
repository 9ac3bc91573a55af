"""Groups of trials by name, the usual ones first. Each is imported where it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desktop.check.trial import Trial, Ways

Group = Callable[[Ways], Iterator[Trial]]


def _facts(ways: Ways) -> Iterator[Trial]:
    from desktop.check import facts

    return facts.trials()


def _engine(ways: Ways) -> Iterator[Trial]:
    from desktop.check import engine

    return engine.trials(ways)


def _libraries(ways: Ways) -> Iterator[Trial]:
    from desktop.check import libraries

    return libraries.trials()


def _classes(ways: Ways) -> Iterator[Trial]:
    from desktop.check import classes

    return classes.trials()


def _models(ways: Ways) -> Iterator[Trial]:
    from desktop.check import models

    return models.trials(ways)


def _files(ways: Ways) -> Iterator[Trial]:
    from desktop.check import files

    return files.trials(ways.folder)


def _drawing(ways: Ways) -> Iterator[Trial]:
    from desktop.check import drawing

    return drawing.trials()


def _window(ways: Ways) -> Iterator[Trial]:
    from desktop.check import window

    return window.trials(ways.folder)


USUAL: dict[str, Group] = {"facts": _facts, "engine": _engine}
ALL: dict[str, Group] = USUAL | {
    "libraries": _libraries,
    "classes": _classes,
    "models": _models,
    "files": _files,
    "drawing": _drawing,
    "window": _window,
}
