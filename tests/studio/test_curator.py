"""The curator: what is done with the chosen pictures."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop.library.library import Library
from desktop.library.thumbnails import SIDES, Made, Thumbnails
from desktop.studio.curator import Curator
from desktop.studio.gallery import Gallery
from tests.library.things import produced
from tests.ui.hands import until


def test_what_is_deleted_for_good_leaves_no_thumbnails(
    library: Library, thumbnails: Thumbnails, parent: QObject
) -> None:
    ids = [library.add(produced(seed), 0).id for seed in range(2)]
    thumbnails.put(Made(id, "a", (b"small", b"medium", b"large")) for id in ids)
    library.trash(ids[:1])
    gallery = Gallery(library, thumbnails, parent)
    gallery.choose(ids[:1])
    Curator(gallery, parent).delete()
    until(lambda: library.find(ids[0]) is None)
    assert set(thumbnails.find(dict.fromkeys(ids, "a"), SIDES[0])) == {ids[1]}
