"""OpenRaster: our documents come back to the last bit, and other programs find what they look for."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from PySide6.QtCore import QRect

from desktop.canvas.composite import flatten
from desktop.canvas.files import extent, ora
from desktop.canvas.files.stack import OPERATIONS
from desktop.canvas.layer import Blend, Layer
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Plane, Tile
from tests.canvas.ora.contents import QUICK, entries, example, image_of, snapshots
from tests.canvas.profiles import swapped
from tests.canvas.things import filled, print_of

# ---------------------------------------------------------------- our own


@QUICK
@given(snapshots())
def test_a_document_comes_back_as_it_was_to_the_last_bit(file: Path, snapshot: Snapshot) -> None:
    ora.write(file, snapshot)
    found = ora.read(file)
    assert print_of(found.snapshot) == print_of(snapshot)
    assert (found.profile, found.notices) == (None, ())


def test_colour_without_coverage_at_the_edges_is_kept(file: Path) -> None:
    pixels = np.zeros((300, 5, 4), np.uint8)
    pixels[0, 0, 0] = pixels[-1, -1, 2] = 9
    pixels[150, 2] = 255
    ora.write(file, Snapshot((Layer("a", plane=Plane(4).write(QRect(-2, -7, 5, 300), pixels)),)))
    assert (ora.read(file).snapshot.layers[0].read(QRect(-2, -7, 5, 300)) == pixels).all()


def test_tiles_in_which_nothing_is_do_not_count() -> None:
    plane = filled(QRect(300, 10, 2, 3), 255)
    empty = Plane(1, {(-1, -1): Tile(np.zeros((SIDE, SIDE, 1), np.uint8)), **plane.tiles})
    assert extent.filled(empty) == QRect(300, 10, 2, 3)


def test_the_profile_is_kept_for_exporting(file: Path) -> None:
    ora.write(file, example(), swapped())
    assert ora.read(file).profile == swapped()


def test_the_same_document_makes_the_same_file(file: Path) -> None:
    snapshot = example()
    ora.write(file, snapshot)
    first = file.read_bytes()
    ora.write(file, snapshot)
    assert file.read_bytes() == first


# ---------------------------------------------------------------- what other programs look for


def test_the_type_is_the_first_entry_in_plain_sight(file: Path) -> None:
    ora.write(file, example())
    assert file.read_bytes()[30:].startswith(b"mimetypeimage/openraster")
    with zipfile.ZipFile(file) as found:
        first = found.infolist()[0]
    assert (first.compress_type, first.extra) == (zipfile.ZIP_STORED, b"")


def test_the_stack_lists_what_is_seen_from_the_top_down(file: Path) -> None:
    snapshot = example()
    ora.write(file, snapshot.activate(snapshot.layers[1].id))
    image = ElementTree.fromstring(entries(file)["stack.xml"])
    assert (image.tag, [child.tag for child in image]) == ("image", ["stack"])
    assert (image.get("w"), image.get("h")) == ("90", "90")  # from -20 to 70, from -10 to 80
    found = {element.get("name"): element.attrib for element in image.iterfind("stack/layer")}
    assert [*found] == ["Empty", "Off", "Glow", "Ground"]
    glow = found["Glow"]
    del glow["src"]
    assert glow == {
        "name": "Glow",
        "x": "60",
        "y": "60",
        "opacity": "0.5",
        "visibility": "visible",
        "composite-op": "svg:plus",
        "edit-locked": "false",
        "alpha-preserve": "false",
        "selected": "true",
    }
    assert [found["Off"][name] for name in ("visibility", "edit-locked", "alpha-preserve")] == [
        "hidden",
        "true",
        "true",
    ]
    assert "selected" not in found["Ground"]


def test_every_blend_mode_has_the_name_that_others_know(file: Path) -> None:
    assert {str(blend): OPERATIONS[blend] for blend in Blend} == {
        "normal": "svg:src-over",
        "multiply": "svg:multiply",
        "screen": "svg:screen",
        "overlay": "svg:overlay",
        "darken": "svg:darken",
        "lighten": "svg:lighten",
        "plus-lighter": "svg:plus",
        "color": "svg:color",
        "luminosity": "svg:luminosity",
    }


@QUICK
@given(snapshots())
def test_others_see_the_same_picture(file: Path, snapshot: Snapshot) -> None:
    """A reader that knows only the specification puts the layers where we have them."""
    ora.write(file, snapshot)
    content = entries(file)
    image = ElementTree.fromstring(content["stack.xml"])
    seen = [layer for layer in reversed(snapshot.layers) if layer.role.seen]
    corner = _corner(snapshot)
    for element, layer in zip(image.iterfind("stack/layer"), seen, strict=True):
        png = image_of(content[element.attrib["src"]])
        area = QRect(int(element.attrib["x"]), int(element.attrib["y"]), *png.size).translated(*corner)
        assert png.mode == "RGBA"
        assert (np.asarray(png) == layer.read(area)).all()
        assert np.count_nonzero(layer.read(layer.bounds)) == np.count_nonzero(np.asarray(png))
        assert float(element.attrib["opacity"]) == layer.opacity
    merged = image_of(content["mergedimage.png"])
    assert merged.size == (int(image.attrib["w"]), int(image.attrib["h"]))
    area = QRect(*corner, *merged.size)
    assert (np.asarray(merged) == flatten(snapshot, area)).all()
    assert area.contains(snapshot.frame)


def _corner(snapshot: Snapshot) -> tuple[int, int]:
    """Found out the slow way: the first row and column with anything in them, or the frame's."""
    left, top = snapshot.frame.x(), snapshot.frame.y()
    for layer in snapshot.layers:
        pixels = np.asarray(layer.read(layer.bounds).any(axis=2))
        if layer.role.seen and pixels.any():
            left = min(left, layer.bounds.x() + int(np.flatnonzero(pixels.any(axis=0))[0]))
            top = min(top, layer.bounds.y() + int(np.flatnonzero(pixels.any(axis=1))[0]))
    return left, top


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(64, 32, (64, 32)), (1024, 512, (256, 128)), (300, 900, (85, 256)), (4000, 1, (256, 1))],
)
def test_the_thumbnail_has_the_picture_s_shape_and_256_pixels_at_most(
    file: Path, width: int, height: int, expected: tuple[int, int]
) -> None:
    ora.write(file, Snapshot(frame=QRect(0, 0, width, height)))
    thumbnail = image_of(entries(file)["Thumbnails/thumbnail.png"])
    assert thumbnail.size == expected
    assert thumbnail.mode == "RGBA"


def test_what_others_do_not_know_is_out_of_their_way(file: Path) -> None:
    ora.write(file, example())
    content = entries(file)
    listed = {element.get("src") for element in ElementTree.fromstring(content["stack.xml"]).iter("layer")}
    known = {"mimetype", "stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"}
    assert {name for name in content if name.startswith("data/")} == listed
    assert all(name.startswith("sfumato/") for name in content.keys() - known - listed)


def test_entries_may_be_read_by_their_owner_once_they_are_unpacked(file: Path) -> None:
    ora.write(file, example())
    with zipfile.ZipFile(file) as found:
        assert {entry.external_attr >> 16 for entry in found.infolist()} == {0o644}
