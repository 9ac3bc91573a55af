"""The gallery on a library of very many rows, and how fast pictures come into the library.

python -m tests.benchmarks.library [ROWS] [opening] [searching] [scrolling] [importing] [adding]
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain, count, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
from PIL import Image

from desktop.database import Database
from desktop.engine.api import Produced
from desktop.library.importing import import_folder
from desktop.library.library import Library
from desktop.library.metadata import writing
from desktop.library.query import Query
from desktop.library.thumbnails import QUALITY, SIDES, Thumbnails
from desktop.paths import data_folder
from desktop.raster import Raster
from desktop.settings import Settings
from desktop.starter import painting, scenes
from tests.benchmarks import window_children
from tests.benchmarks.library_children import QUERIES, command
from tests.benchmarks.many_pictures import fill
from tests.benchmarks.table import compare, heading, row, seconds
from tests.benchmarks.window import screen
from tests.studio.things import recipe_of

ROWS = 100_000
ROUNDS = 3
OPENINGS = 7
PICTURES, FOLDERS, DIFFERENT = 2000, 10, 50  # that are imported: in all, in how many parts, and unlike each other
SIDE = 1024
ADDED = 25
LONGEST = 300  # seconds for a child
IDLE = 10  # percent of the processors that others may use
PATIENCE = 60  # seconds to wait for that
GRAIN = 3  # of the pictures: what comes out of a model has some, which makes its files as long as they are
SHARES = ((0.5, "p50"), (0.99, "p99"), (1.0, "largest"))


def opening(rows: int) -> None:
    heading(f"Opening the gallery on {rows} rows; baseline: an empty QListView in a bare window at rest")
    names = ("gallery_at_once", "gallery_at_rest", "empty_list_at_rest")
    busy, at_once, at_rest, bare = _in_turn(*map(command, names), rounds=OPENINGS)
    row("first frame of the window to first row", at_once, bare, "<= 300 ms", "ms")
    row("its tab to first row, in a window at rest", at_rest, bare, "", "ms")
    _tell_busy(busy)


def searching(rows: int) -> None:
    heading(f"Searching as typed in {rows} rows; baseline: SQLite alone gives the same rows one by one")
    busy, found = _in_turn(command("gallery_search"))
    typed = [query[:end] for query in QUERIES for end in range(1, len(query) + 1)]
    alone = [_alone(typed) for _ in found]
    delays = [[1000 * typing for _, typing, _ in each["rows"]] for each in found]
    for words, holds in (
        ("a search", lambda _: True),
        ("of one or two letters", lambda text: len(text) < 3),
        ("of more", lambda text: len(text) >= 3),
    ):
        ours = [[1000 * listed for text, _, listed in each["rows"] if holds(text)] for each in found]
        bare = [[1000 * took for text, took in each if holds(text)] for each in alone]
        for share, name in SHARES:
            goal = "<= 50 ms" if holds("r") and holds("red") and name == "p99" else ""
            row(f"{words}: {name}", _quantiles(ours, share), _quantiles(bare, share), goal, "ms")
    print(f"{'':46} before that, from the key: {median(chain(*delays)):.1f} ms at the median; {len(typed)} keys")
    _tell_gaps([each["watch"]["ticks"] for each in found])
    _tell_busy(busy)


def scrolling(rows: int) -> None:
    heading(
        f"Scrolling through {rows} rows at 60 frames a second; baseline: a QListView of one picture in a bare window"
    )
    busy, ours, bare = _in_turn(command("gallery_scroll"), command("list_scroll", rows))
    for way, words in (("down", "from end to end"), ("up", "and back"), ("lines", "line by line")):
        mine, theirs = ([[1000 * time for time in each["frames"][way]] for each in found] for found in (ours, bare))
        for share, name in SHARES:
            goal = "<= 16 ms" if name == "p99" else ""
            row(f"a frame, {words}: {name}", _quantiles(mine, share), _quantiles(theirs, share), goal, "ms")
    for place, words in enumerate(("before", "in the middle", "at the end", "in the middle again", "back again")):
        mine, theirs = ([each["memory"][place] for each in found] for found in (ours, bare))
        row(f"memory {words}", mine, theirs, "bounded" if place else "", "MB")
    _tell_gaps([each["watch"]["ticks"] for each in ours])
    _tell_busy(busy)


def importing() -> None:
    heading(
        f"Importing {PICTURES} PNGs of {SIDE} x {SIDE}; baseline: Pillow makes the same thumbnails in as many threads"
    )
    with _folder() as folder:
        parts = _linked(list(_painted(folder / "different")), folder)
        some = {name: iter(parts) for name in ("ours", "bare")}
        with closing(Database(folder / "sfumato.db")) as database, closing(Thumbnails(folder / "small.db")) as small:
            library = Library(database, lambda: folder / "pictures")
            ours = seconds(lambda: list(import_folder(next(some["ours"]), library, small, lambda: False)))
            bare = seconds(lambda: _thumbnails(next(some["bare"])))
            name = f"{PICTURES // FOLDERS} pictures, {os.cpu_count()} processors"
            compare(name, ours, bare, "<= 1.25", "s", FOLDERS - 1)


def adding() -> None:
    heading(f"One picture of {SIDE} x {SIDE} into the library; baseline: Pillow's PNG, written with fsync")
    with _folder() as folder, closing(Database(folder / "sfumato.db")) as database:
        library, number = Library(database, lambda: folder / "pictures"), count()
        recipe = replace(recipe_of(1), width=SIDE, height=SIDE)

        def ours() -> float:
            produced = Produced(_picture(next(number) % DIFFERENT), recipe, {"model": "starter"})
            return seconds(lambda: library.add(produced, 1.0))()

        def bare() -> float:
            picture = _picture(next(number) % DIFFERENT)
            return seconds(lambda: _write(picture, folder / f"{next(number)}.png"))()

        compare("file and row", ours, bare, "<= 1.3", "s", ADDED)


OF_ROWS: tuple[Callable[[int], None], ...] = (opening, searching, scrolling)
OF_PICTURES: tuple[Callable[[], None], ...] = (importing, adding)


# ---------------------------------------------------------------- children


def _in_turn(*children: list[str], rounds: int = ROUNDS) -> tuple[list[Any], ...]:
    """How busy others were before each child, then what each child has found, round by round."""
    busy: list[float] = []
    found: list[list[Any]] = [[] for _ in children]
    for _ in range(rounds):
        for child, mine in zip(children, found, strict=True):
            busy.append(_wait_until_idle())
            mine.append(_found(child))
    return busy, *found


def _found(child: list[str]) -> Any:
    """What that command has printed."""
    done = subprocess.run(child, stdout=subprocess.PIPE, check=True, timeout=LONGEST)
    return json.loads(done.stdout)


def _wait_until_idle() -> float:
    """As far as it comes to that; percent of the processors that others use."""
    end = time.monotonic() + PATIENCE
    while (busy := psutil.cpu_percent(2.0)) > IDLE and time.monotonic() < end:
        pass
    return busy


def _tell_busy(busy: list[float]) -> None:
    print(f"{'':46} others used {min(busy):.0f}-{max(busy):.0f} % of the processors just before")


def _tell_gaps(runs: list[list[float]]) -> None:
    gaps = [[1000 * (after - before) for before, after in pairwise(ticks)] for ticks in runs]
    idle = _found(window_children.command("idle_loop", 10))
    still = [[1000 * (after - before) for before, after in pairwise(idle["ticks"])]] * len(gaps)
    for share, name in SHARES:
        goal = "<= 16 ms" if name == "p99" else ""
        row(
            f"gaps of the loop, beside an idle one: {name}",
            _quantiles(gaps, share),
            _quantiles(still, share),
            goal,
            "ms",
        )


def _quantiles(runs: list[list[float]], share: float) -> list[float]:
    return [sorted(values)[min(int(len(values) * share), len(values) - 1)] for values in runs]


def _alone(texts: list[str]) -> list[tuple[str, float]]:
    """Seconds that SQLite takes by itself."""
    with closing(Database(data_folder() / "sfumato.db")) as database, database.read() as connection:

        def took(text: str) -> float:
            sql, values = Query(text=text).sql()
            return seconds(lambda: connection.execute(sql, values).fetchall())()

        return [(text, took(text)) for text in texts]


# ---------------------------------------------------------------- pictures


def _picture(number: int) -> Raster:
    """Another at each call, or its hash would be known."""
    (scene,) = scenes.random_scenes(1, seed=number)
    grain = np.random.default_rng(number).integers(-GRAIN, GRAIN + 1, (SIDE, SIDE, 3))
    return Raster((painting.render(scene, SIDE) + grain).clip(0, 255).astype(np.uint8))


def _painted(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    for number in range(DIFFERENT):
        recipe = replace(recipe_of(number), width=SIDE, height=SIDE)
        file = folder / f"{number}.png"
        file.write_bytes(writing.png(Produced(_picture(number), recipe, {"model": "starter"})))
        yield file


def _linked(files: list[Path], folder: Path) -> list[Path]:
    """Folders of them, each under several names."""
    parts = [folder / f"part {number}" for number in range(FOLDERS)]
    for part in parts:
        part.mkdir()
        for number in range(PICTURES // FOLDERS):
            os.link(files[number % DIFFERENT], part / f"{number:03}.png")
    return parts


def _thumbnails(folder: Path) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_thumbnails_of, folder.iterdir()))


def _thumbnails_of(file: Path) -> None:
    with Image.open(file) as image:
        for side in reversed(SIDES):
            image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
            image.save(io.BytesIO(), "JPEG", quality=QUALITY)


def _write(picture: Raster, file: Path) -> None:
    with file.open("wb") as stream:
        picture.image().save(stream, "PNG", compress_level=4)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@contextmanager
def _library(rows: int) -> Iterator[None]:
    """In a data folder of its own."""
    with _folder() as folder:
        os.environ["SFUMATO_DATA"] = str(folder)
        start = time.perf_counter()
        fill(rows)
        with closing(Database(folder / "sfumato.db")) as database:
            database.keep_state("settings", replace(Settings(), pictures=str(folder / "pictures")).to_json())
        print(f"A library of {rows} rows was filled in {time.perf_counter() - start:.0f} s")
        yield


def main() -> None:
    numbers = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    names = [each for each in sys.argv[1:] if not each.isdecimal()]
    rows = numbers[0] if numbers else ROWS
    if shown := [each for each in OF_ROWS if not names or each.__name__ in names]:
        with screen(), _library(rows):
            for measure in shown:
                measure(rows)
    for measure in OF_PICTURES:
        if not names or measure.__name__ in names:
            measure()


if __name__ == "__main__":
    main()
