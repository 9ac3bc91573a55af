"""What `tests.benchmarks.library` measures of the window: a process for each, which prints what it finds as JSON."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psutil
from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QColor, QPaintEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QMainWindow, QScrollBar

from tests.benchmarks.window_children import SIZE, Watch, tell

if TYPE_CHECKING:
    from desktop.ui.gallery.page import GalleryPage
    from desktop.ui.window import Window
    from tests.ui.story import Steps

QUERIES = (  # rare and frequent words, some in all prompts, short ones, none
    "red tent",
    "lake at night",
    "sailboat dawn",
    '"hot air balloon" moon',
    "watercolour",
    "highly detailed",
    "masterpiece",
    "juggernaut forest",
    "a sea",
    "of",
    "xyzzy",
)
KEYS = 0.12  # seconds from a key to the next, at least: a quick typist's
FRAME = 1 / 60
FRAMES = 1200  # from one end of the list to the other
LINES = 600  # that are gone through one by one
RESTS = 4.0  # seconds until a window that does nothing is at rest
CELL = 176


def command(name: str, *numbers: float) -> list[str]:
    """Runs one of these functions in a process of its own."""
    arguments = ", ".join(map(str, numbers))
    return [sys.executable, "-c", f"from tests.benchmarks import library_children as run; run.{name}({arguments})"]


class Painted:
    """When the grid was painted last, and when with all thumbnails of its first row."""

    def __init__(self) -> None:
        from desktop.ui.widgets.grid import GridView

        self.at = self.first_row_at = 0.0
        paint = GridView.paintEvent

        def painted(view: GridView, event: QPaintEvent) -> None:
            paint(view, event)
            self.at = time.monotonic()
            rows = range(min(view.wall.columns, view.wall.count))
            cells = (view.model().index(row, 0).data(Qt.ItemDataRole.DecorationRole) for row in rows)
            if rows and all(cells) and not self.first_row_at:
                self.first_row_at = self.at

        self.patch = patch.object(GridView, "paintEvent", painted)


# ---------------------------------------------------------------- opening


def gallery_at_once() -> None:
    """From the first frame; people turn to the gallery as soon as they see its tab."""
    _open_gallery(0.0)


def gallery_at_rest() -> None:
    """From the tab to the first row, once all else has been done."""
    _open_gallery(RESTS)


def _open_gallery(rests: float) -> None:
    from desktop.studio.studio import Studio
    from desktop.ui.center import GALLERY
    from tests.ui import story

    stands: list[float] = []
    start = Studio.start

    def started(studio: Studio) -> None:
        stands.append(time.monotonic())
        start(studio)

    def look(window: Window) -> Steps:
        yield lambda: bool(stands)
        if rests:
            yield _later(rests)
        began = time.monotonic() if rests else stands[0]
        window.center.go_to(GALLERY)
        yield lambda: bool(painted.first_row_at)
        tell((painted.first_row_at - began) * 1000)
        window.close()

    painted = Painted()
    with painted.patch, patch.object(Studio, "start", started):
        story.tell(look)


def empty_list_at_rest() -> None:
    def look(window: QMainWindow) -> Steps:
        yield _later(RESTS)
        began = time.monotonic()
        view = BareList()
        window.setCentralWidget(view)
        yield lambda: bool(view.painted_at)
        tell((view.painted_at - began) * 1000)

    _in_bare_window(look)


# ---------------------------------------------------------------- searching


def gallery_search() -> None:
    """By real keys: for each of them, seconds until it is searched and from then until the list is painted."""
    from desktop.studio.gallery import Gallery

    asked, taken = [0.0], [0.0]
    search, take = Gallery.search, Gallery._take_found

    def searched(gallery: Gallery, query: Any) -> None:
        asked[0] = time.monotonic()
        search(gallery, query)

    def took(gallery: Gallery, ids: Any) -> None:
        take(gallery, ids)
        if ids is not None:
            taken[0] = time.monotonic()

    def work(page: GalleryPage) -> Steps:
        watch, rows = Watch(), []
        watch.begin()
        for query in QUERIES:
            for end in range(1, len(query) + 1):
                key = time.monotonic()
                QTest.keyClicks(page.search, query[end - 1])
                yield lambda: asked[0] > key and taken[0] > asked[0]  # noqa: B023
                page.grid.viewport().update()  # also where the same were found again
                yield lambda: painted.at > taken[0] or not page.model.rowCount()
                rows.append((query[:end], asked[0] - key, max(painted.at, taken[0]) - asked[0]))
                yield _later(key + KEYS - time.monotonic())
            QTest.keyClick(page.search, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            QTest.keyClick(page.search, Qt.Key.Key_Backspace)
            yield _later(0.5)
        tell({"rows": rows, "watch": watch.end()})

    painted = Painted()
    with painted.patch, patch.object(Gallery, "search", searched), patch.object(Gallery, "_take_found", took):
        _in_gallery(work)


# ---------------------------------------------------------------- scrolling


def gallery_scroll() -> None:
    def work(page: GalleryPage) -> Steps:
        return _scroll(page.grid.verticalScrollBar(), page.grid.wall.pitch, lambda: painted.at)

    painted = Painted()
    with painted.patch:
        _in_gallery(work)


def list_scroll(rows: int) -> None:
    """Of one picture again and again."""

    def work(window: QMainWindow) -> Steps:
        view = BareList()
        view.fill(rows)
        window.setCentralWidget(view)
        yield from _scroll(view.verticalScrollBar(), CELL, lambda: view.painted_at)

    _in_bare_window(work)


def _scroll(bar: QScrollBar, line: int, painted_at: Callable[[], float]) -> Steps:
    """From end to end, back, and line by line: seconds of each frame from when it is due, and the memory."""
    yield _later(RESTS)
    memory, frames, watch = [_memory()], {}, Watch()
    end, middle = bar.maximum(), bar.maximum() // 2
    ways = {
        "down": [round(end * n / FRAMES) for n in range(1, FRAMES + 1)],
        "up": [round(end * n / FRAMES) for n in reversed(range(FRAMES))],
        "lines": [middle + n * line for n in range(LINES)],
    }
    watch.begin()
    for name, values in ways.items():
        frames[name] = []
        due = time.monotonic()
        for number, value in enumerate(values):
            yield lambda: time.monotonic() >= due  # noqa: B023
            began = time.monotonic()
            bar.setValue(value)
            yield lambda: painted_at() > began  # noqa: B023
            frames[name].append(time.monotonic() - due)
            due = max(due + FRAME, time.monotonic())
            if number == len(values) // 2:
                memory.append(_memory())
        memory.append(_memory())
    tell({"frames": frames, "memory": memory, "watch": watch.end()})


# ---------------------------------------------------------------- hands


class BareList(QListView):
    """Qt's own list, which lays nothing out that it can count."""

    painted_at = 0.0

    def fill(self, rows: int) -> None:
        pixmap = QPixmap(CELL, CELL)
        pixmap.fill(QColor("grey"))

        class Model(QStringListModel):
            def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
                return pixmap if role == Qt.ItemDataRole.DecorationRole else None

        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setModel(Model([""] * rows, self))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted_at = time.monotonic()


def _in_gallery(work: Callable[[GalleryPage], Steps]) -> None:
    """In the window, once it is at rest with the gallery in front."""
    from desktop.ui.center import GALLERY
    from tests.ui import story

    def steps(window: Window) -> Steps:
        yield _later(RESTS)
        window.center.go_to(GALLERY)
        page = window.center.gallery
        assert page
        yield lambda: page.model.rowCount() > 0
        page.search.setFocus()
        yield _later(1.0)
        yield from work(page)
        window.close()

    story.tell(steps)


def _in_bare_window(work: Callable[[QMainWindow], Steps]) -> None:
    from tests.ui.story import Teller

    app, window = QApplication([]), QMainWindow()
    window.resize(*SIZE)
    window.show()

    def steps() -> Steps:
        yield from work(window)
        app.quit()

    Teller(steps(), app)
    app.exec()


def _later(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until


def _memory() -> float:
    """In MB."""
    return psutil.Process().memory_info().rss / 1e6
