"""A document in a real file, and hands for its tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from desktop.canvas.document import Document
from desktop.canvas.journal import Journal
from desktop.canvas.tools.kit import Keys, Kit, Pointer
from desktop.canvas.tools.table import BY_NAME

Open = Callable[..., Document]
BUDGET = 64 * 2**20


@pytest.fixture(autouse=True)
def _gui(qapp: QApplication) -> None:
    """Images and painters need the application."""


@pytest.fixture
def open_document(tmp_path: Path) -> Iterator[Open]:
    """The same file each time; what is done reaches it at once."""
    journals: list[Journal] = []

    def launch(budget: int = BUDGET) -> Document:
        journal = Journal(tmp_path / "document.db")
        journals.append(journal)
        return Document(journal, lambda work: work(), lambda: budget, journal.load())

    yield launch
    for journal in journals:
        journal.close()


@pytest.fixture
def document(open_document: Open) -> Document:
    return open_document()


@pytest.fixture
def kit(document: Document) -> Kit:
    return Kit(document, color=(200, 30, 40))


def use(kit: Kit, tool: str, *places: tuple[float, float], keys: Keys = Keys.NoModifier, enter: bool = False) -> None:
    """Presses at the first place, drags through the others, and lets go at the last one."""
    work = BY_NAME[tool].run(kit)
    next(work)
    pointers = [Pointer(QPointF(*place), keys=keys) for place in places]
    pointers.append(Pointer(QPointF(*places[-1]), down=False, keys=keys))
    if enter:
        pointers.append(Pointer(QPointF(*places[-1]), down=False, final=True))
    try:
        for pointer in pointers:
            work.send(pointer)
    except StopIteration:
        return
    work.close()
