"""OpenRaster of other programs."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from desktop.canvas.files import ora
from desktop.canvas.files.stack import OPERATIONS
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.recipe import SIZES
from tests.canvas.ora.contents import entries, png, read
from tests.canvas.profiles import swapped
from tests.canvas.things import pixel, print_of
from tests.test_raster import hand_made_png


def test_a_file_of_another_program_opens_with_all_that_our_layers_can_say(file: Path) -> None:
    found = read(
        file,
        '<layer src="data/two.png" name="Über" x="-3" y="5" opacity="0.25" visibility="hidden" edit-locked="true"'
        ' composite-op="svg:multiply" alpha-preserve="true" selected="true"/><layer src="data/one.png"/>',
    )
    below, above, mask = found.snapshot.layers
    assert (below.opacity, below.blend, below.visible, below.locked, below.alpha_locked) == (
        1.0,
        Blend.NORMAL,
        True,
        False,
        False,
    )
    assert (above.name, above.opacity, above.blend) == ("Über", 0.25, Blend.MULTIPLY)
    assert (above.visible, above.locked, above.alpha_locked) == (False, True, True)
    assert pixel(above, -3, 5) == pixel(above, 4, 12) == [0, 255, 0, 255]
    assert pixel(above, -4, 5) == pixel(above, 5, 12) == [0, 0, 0, 0]
    assert pixel(below, 0, 0) == [255, 0, 0, 255]
    assert below.name
    assert (mask.role, mask.plane.tiles) == (Role.MASK, {})
    assert found.snapshot.active is above
    assert found.notices == ()


@pytest.mark.parametrize("blend", Blend)
def test_every_blend_mode_is_read(file: Path, blend: Blend) -> None:
    found = read(file, f'<layer src="data/one.png" composite-op="{OPERATIONS[blend]}"/>')
    assert found.snapshot.layers[0].blend is blend


def test_the_topmost_layer_is_active_unless_the_file_says_otherwise(file: Path) -> None:
    found = read(file, '<layer name="top" src="data/one.png"/><layer name="low" src="data/two.png"/>').snapshot
    assert found.active
    assert found.active.name == "top"


@pytest.mark.parametrize(("w", "h"), [(100, 80), (1, 1), (20_000, 64), (0, 0)])
def test_the_frame_is_one_that_can_be_made(file: Path, w: int, h: int) -> None:
    frame = read(file, '<layer src="data/one.png"/>', w=w, h=h).snapshot.frame
    assert {frame.width(), frame.height()} <= set(SIZES)
    assert frame.width() <= max(w, 64)


def test_groups_are_taken_apart_with_what_they_say_of_their_layers(file: Path) -> None:
    found = read(
        file,
        '<layer name="a" src="data/one.png"/>'
        '<stack x="10" y="20" opacity="0.5" edit-locked="true">'
        '  <layer name="b" src="data/one.png" x="1" y="2" opacity="0.5"/>'
        '  <stack x="100" visibility="hidden"><layer name="c" src="data/two.png" x="1"/></stack>'
        "</stack>"
        '<layer name="d" src="data/two.png"/>',
    )
    d, c, b, a, _ = found.snapshot.layers
    assert [each.name for each in (d, c, b, a)] == ["d", "c", "b", "a"]
    assert (b.opacity, b.visible, b.locked, pixel(b, 11, 22), pixel(b, 10, 22)[3]) == (
        0.25,
        True,
        True,
        [255, 0, 0, 255],
        0,
    )
    assert (c.opacity, c.visible, c.locked, pixel(c, 111, 20), pixel(c, 110, 20)[3]) == (
        0.5,
        False,
        True,
        [0, 255, 0, 255],
        0,
    )
    assert (a.opacity, a.locked, d.locked, d.visible) == (1.0, False, False, True)
    assert found.notices == ()


def test_what_our_layers_cannot_say_is_told_once(file: Path) -> None:
    layer = '<layer src="data/one.png" composite-op="krita:behind"/>'
    found = read(file, f'{layer * 3}<stack composite-op="svg:screen">{layer}</stack><filter type="blur"/>')
    assert {each.blend for each in found.snapshot.layers} == {Blend.NORMAL}
    assert len(found.snapshot.layers) == 5
    assert len(found.notices) == 3
    assert all(any(word in notice for notice in found.notices) for word in ("krita:behind", "Groups", "filter"))


def test_layers_may_be_pngs_of_any_kind(file: Path) -> None:
    colors = io.BytesIO()
    Image.new("RGB", (2, 2), (255, 0, 0)).save(colors, "PNG", icc_profile=swapped())
    kinds = {
        "grey": png(np.full((2, 2, 1), 70, np.uint8)),
        "rgb": png(np.full((2, 2, 3), 70, np.uint8)),
        "deep": hand_made_png(2, 2, 16, 0, b"\0\x46\xff\x46\xff" * 2),
        "clear": png(np.full((2, 2, 4), (9, 9, 9, 0), np.uint8)),
        "tagged": colors.getvalue(),
    }
    found = read(file, "".join(f'<layer src="data/{name}.png" name="{name}"/>' for name in kinds), **kinds)
    seen = {layer.name: pixel(layer, 1, 1) for layer in found.snapshot.layers}
    assert seen["grey"] == seen["rgb"] == seen["deep"] == [70, 70, 70, 255]
    assert np.abs(np.array(seen["tagged"]) - (0, 255, 0, 255)).max() <= 2
    assert next(layer for layer in found.snapshot.layers if layer.name == "clear").plane.tiles == {}


def test_names_that_xml_cannot_hold_do_not_break_the_file(file: Path) -> None:
    snapshot = Snapshot(tuple(Layer(name) for name in ("\0", "a\x0bb", "\ud800", "<&\">'", "tab\tline\n", "😀")))
    ora.write(file, snapshot)
    names = [element.get("name") for element in ElementTree.fromstring(entries(file)["stack.xml"]).iter("layer")]
    assert names[::-1] == ["?", "a?b", "?", "<&\">'", "tab\tline\n", "😀"]
    assert print_of(ora.read(file).snapshot) == print_of(snapshot)
