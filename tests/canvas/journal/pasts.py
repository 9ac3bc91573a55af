"""A document with some of everything, and all of it read again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from desktop.canvas.journal import Journal
from desktop.canvas.layer import Blend
from desktop.canvas.nib import Brush
from desktop.canvas.tools.kit import Kit
from tests.canvas.things import Past, Watched, at_once, drag, noise, placed, use

ROOT = Path(__file__).parents[3]
PAGES = 2**31 - 2  # as many as a file can have


def painted(journal: Journal) -> Watched:
    """A document with some of everything."""
    document = Watched(journal, at_once)
    kit = Kit(document, Brush(20), color=(200, 30, 40))
    use(kit, "brush", *drag((20, 20), (300, 90)))
    use(kit, "mask", *drag((20, 20), (30, 90)))
    use(kit, "lasso", *drag((-30, -30), (280, 0), (280, 280)))
    use(kit, "frame", *drag((512, 512), (600, 612)))
    document.do("Place", placed(document.snapshot, noise(90, 70), -300, 10, "Noise"))
    snapshot = document.snapshot
    whole = {"opacity": 0.3, "blend": Blend.SCREEN, "visible": False, "alpha_locked": True, "offset": (-7, 9)}
    document.do("Change", snapshot.change(snapshot.active_id, name="„ü“ \0 🌅", locked=True, **whole), "merges")
    return document


def read(file: Path) -> Past:
    """All of it, by another journal; every pixel is read from disk."""
    with closing(Journal(file)) as journal:
        history = journal.load()
        assert history
        return Past.of(history)
