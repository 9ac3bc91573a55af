"""OpenRaster: our documents come back to the last bit, other programs find what they look for, traps do no harm."""

from __future__ import annotations

import copy
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QRect

from desktop.canvas.composite import flatten
from desktop.canvas.files import archive, extent, limits, ora
from desktop.canvas.files.contents import Contents
from desktop.canvas.files.stack import OPERATIONS
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Plane, Tile
from desktop.errors import UserError
from desktop.raster import Raster
from desktop.recipe import SIZES
from tests.canvas.profiles import swapped
from tests.canvas.things import filled, noise, noisy, pixel, print_of
from tests.test_raster import hand_made_png

SPOT = QRect(1, 2, 3, 4)
QUICK = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

# ---------------------------------------------------------------- documents


def raw(area: QRect, channels: int, seed: int) -> Plane:
    """Pixels of any values, colour without coverage too."""
    pixels = np.random.default_rng(seed).integers(0, 256, (area.height(), area.width(), channels), np.uint8)
    pixels[pixels[..., -1] < 128, -1] = 0
    return Plane(channels).write(area, pixels)


places = st.integers(-300, 300)
areas = st.builds(QRect, places, places, st.integers(0, 40), st.integers(0, 40))
seeds = st.integers(0, 99)
texts = st.text(st.characters(codec=None), max_size=12)


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    role = draw(st.sampled_from(Role))
    return Layer(
        draw(texts),
        role,
        raw(draw(areas), role.channels, draw(seeds)),
        draw(st.floats(0, 1)),
        draw(st.sampled_from(Blend)),
        *(draw(st.booleans()) for _ in range(3)),
        offset=(draw(places), draw(places)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    stack = tuple(draw(st.lists(layers(), max_size=4)))
    active = draw(st.sampled_from([layer.id for layer in stack])) if stack else ""
    frame = draw(st.builds(QRect, places, places, st.integers(1, 99), st.integers(1, 99)))
    return Snapshot(stack, active, raw(draw(areas), 1, draw(seeds)), frame)


def example() -> Snapshot:
    """Something of everything."""
    return Snapshot(
        (
            Layer("Ground", plane=noisy(QRect(-20, -10, 90, 70), seed=1)),
            Layer("Glow", plane=noisy(QRect(0, 0, 30, 30), seed=2), opacity=0.5, blend=Blend.ADD, offset=(40, 50)),
            Layer("Off", plane=noisy(QRect(5, 5, 9, 9), seed=3), visible=False, locked=True, alpha_locked=True),
            Layer("Empty"),
            Layer("Mask", Role.MASK, noisy(QRect(0, 0, 20, 20), 1)),
            Layer("Pose", Role.CONTROL, noisy(QRect(0, 0, 20, 20))),
            Layer("Sky", Role.REGION, noisy(QRect(-50, 0, 20, 20), 1)),
        ),
        selection=noisy(QRect(3, 4, 5, 6), 1),
        frame=QRect(-8, 0, 64, 72),
    ).activate("")


def entries(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as found:
        return {name: found.read(name) for name in found.namelist()}


def packed(file: Path, content: Mapping[str, bytes | str], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in content.items():
            made.writestr(name, data)
    return file


def image_of(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "document.ora"


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


# ---------------------------------------------------------------- of other programs


def png(pixels: np.ndarray) -> bytes:
    return Raster(pixels).png()


def foreign(stack: str, w: int = 100, h: int = 80, **more: bytes) -> dict[str, bytes | str]:
    """As Krita and GIMP write it; `one` is red and 4 × 4, `two` is green and 8 × 8."""
    image = f'<?xml version="1.0" encoding="UTF-8"?><image version="0.0.1" w="{w}" h="{h}">'
    return {
        "mimetype": "image/openraster",
        "data/one.png": png(np.full((4, 4, 4), (255, 0, 0, 255), np.uint8)),
        "data/two.png": png(np.full((8, 8, 4), (0, 255, 0, 255), np.uint8)),
        "stack.xml": f'{image}<stack x="0" y="0" name="root">{stack}</stack></image>',
        **{f"data/{name}.png": content for name, content in more.items()},
    }


def read(file: Path, stack: str, **more: Any) -> Contents:
    return ora.read(packed(file, foreign(stack, **more), zipfile.ZIP_DEFLATED))


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


# ---------------------------------------------------------------- our own, changed since


def changed(file: Path, **content: bytes | str | None) -> Contents:
    """With other entries, by their names without folder and ending; None: without it."""
    ora.write(file, example())
    new: dict[str, bytes | str] = {}
    for name, old in entries(file).items():
        data = content.get(Path(name).stem, old)
        if data is not None:
            new[name] = data
    return ora.read(packed(file, new))


def own(file: Path) -> dict[str, Any]:
    ora.write(file, example())
    return json.loads(entries(file)[ora.OWN])


def test_layers_that_another_program_has_changed_are_read_as_it_left_them(file: Path) -> None:
    ora.write(file, example())
    stack = entries(file)["stack.xml"].decode().replace("Ground", "Floor")
    found = changed(file, stack=stack)
    assert [layer.name for layer in found.snapshot.layers] == ["Floor", "Glow", "Off", "Empty", "Mask"]
    assert found.snapshot.layers[1].blend is Blend.ADD
    assert found.snapshot.frame.topLeft().toTuple() == (0, 0)
    assert len(found.notices) == 1
    assert "Masks" in found.notices[0]


def test_a_newer_sfumato_s_file_opens_with_its_layers(file: Path) -> None:
    found = changed(file, document=json.dumps(own(file) | {"format": ora.FORMAT + 1}))
    assert [layer.name for layer in found.snapshot.layers] == ["Ground", "Glow", "Off", "Empty", "Mask"]
    assert found.notices


@pytest.mark.parametrize("document", ["", "{", "[]", "null", "[" * 10**5, '{"format": 1}', b"\xff\xfe"])
def test_data_of_ours_that_cannot_be_read_costs_only_themselves(file: Path, document: bytes | str) -> None:
    found = changed(file, document=document)
    assert found.notices
    assert found.snapshot.layers[0].name == "Ground"


def _with_each_leaf(data: Any, value: Any) -> Iterator[Any]:
    """Copies of it, in each of which that value is in another place."""
    places = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, inner in places:
        for change in (value, *_with_each_leaf(inner, value)):
            whole = copy.copy(data)
            whole[key] = change
            yield whole


def _with_ids(data: dict[str, Any], *ids: str) -> None:
    place = next(iter(data["pixels"].values()))
    data["document"]["layers"] = [Layer(layer_id, id=layer_id).to_json() for layer_id in ids]
    data["pixels"] = dict.fromkeys((*ids, ora.SELECTION), place)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data["document"].update(frame=[0, 0, 0, 64]),
        lambda data: data["document"].update(frame=[0, 0, 64, -5]),
        lambda data: _with_ids(data, "1", "1"),
        lambda data: _with_ids(data, ora.SELECTION),
    ],
    ids=["no width", "less than no height", "one id for two layers", "the selection's id"],
)
def test_what_would_do_harm_later_is_left_out(file: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    data = own(file)
    assert not changed(file, document=json.dumps(data)).notices
    spoil(data)
    found = changed(file, document=json.dumps(data))
    assert found.notices
    assert not found.snapshot.frame.isEmpty()
    assert found.snapshot.layers[0].name == "Ground"


@pytest.mark.parametrize("far", [2**30, 2**31 - 1, 2**31, 2**64, 1e300])
@pytest.mark.parametrize("what", ["pixels", "document"])
def test_places_out_of_reach_are_refused(file: Path, far: float, what: str) -> None:
    """Also where their differences are more than Qt can count."""
    data = own(file)
    for sign, layer in zip((-1, 1), data["document"]["layers"], strict=False):
        place = data["pixels"][layer["id"]]
        place["x"], layer["offset"][0] = (sign * far, 0) if what == "pixels" else (0, sign * far)
    with pytest.raises(UserError, match="spans") if far <= 2**30 else nullcontext():
        assert changed(file, document=json.dumps(data)).notices


@pytest.mark.parametrize("value", [None, "", -1, 2**40, float("nan"), float("inf"), [], {}, True, 0.5], ids=repr)
def test_whatever_our_data_say_the_file_opens_or_is_refused(file: Path, value: Any) -> None:
    """And what opens can be drawn and saved again."""
    ora.write(file, Snapshot((Layer("a", plane=noisy(SPOT)), Layer("b", Role.MASK, noisy(SPOT, 1))), frame=SPOT))
    content = entries(file)
    original = json.loads(content[ora.OWN])
    for document in _with_each_leaf(original, value):
        packed(file, content | {ora.OWN: json.dumps(document)})
        try:
            snapshot = ora.read(file).snapshot
        except UserError:
            continue
        assert flatten(snapshot, QRect(0, 0, 8, 8)).shape == (8, 8, 4)
        ora.write(file, snapshot)
        assert print_of(ora.read(file).snapshot) == print_of(snapshot)


# ---------------------------------------------------------------- traps

LAYER = '<layer src="data/one.png"/>'


def bomb() -> bytes:
    return hand_made_png(100_000, 100_000, 8, 0, bytes(100))


def bitmap() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, "BMP")
    return stream.getvalue()


def whole(stack: bytes | str) -> dict[str, bytes | str]:
    return foreign("") | {"stack.xml": stack}


TRAPS: dict[str, tuple[dict[str, bytes | str], str]] = {
    "no stack": ({"mimetype": "image/openraster"}, "stack.xml is missing"),
    "no XML": (whole("<image"), "no XML"),
    "no text": (whole("<image/>".encode("utf-16")), "cannot be read"),
    "another root": (whole("<svg><stack/></svg>"), "no stack"),
    "no layers": (whole("<image/>"), "no stack"),
    "entities": (whole('<!DOCTYPE x [<!ENTITY a "aaaa">]><image w="9" h="9"><stack/></image>'), "document type"),
    "a file of the disk": (
        whole('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><image><stack name="&a;"/></image>'),
        "document type",
    ),
    "deep": (foreign("<stack>" * 60 + LAYER + "</stack>" * 60), "nested"),
    "very deep": (foreign("<stack>" * 10**5 + "</stack>" * 10**5), "nested"),
    "a layer without pixels": (foreign('<layer src="data/none.png"/>'), "none.png is missing"),
    "a layer without a name of them": (foreign("<layer/>"), "missing"),
    "a layer that is no PNG": (foreign('<layer src="data/x.png"/>', x=b"no pixels at all"), "x.png is no PNG"),
    "a layer of another format": (foreign('<layer src="data/x.png"/>', x=bitmap()), "x.png is no PNG"),
    "a layer that is the XML": (foreign('<layer src="stack.xml"/>'), "no PNG"),
    "a layer that is cut short": (foreign('<layer src="data/x.png"/>', x=png(noise(50, 50))[:900]), "cannot be read"),
    "a bomb of pixels": (foreign('<layer src="data/x.png"/>', x=bomb()), "too large"),
    "NaN": (foreign('<layer src="data/one.png" opacity="NaN"/>'), "opacity"),
    "no number": (foreign('<layer src="data/one.png" opacity="half"/>'), "half"),
    "infinity": (foreign('<layer src="data/one.png" x="inf"/>'), "x is inf"),
    "far": (foreign('<layer src="data/one.png" y="1e12"/>'), "y is"),
    "far apart": (foreign(f'{LAYER}<layer src="data/one.png" x="200000000" y="200000000"/>'), "spans"),
    "far by groups": (foreign('<stack x="2e8">' * 6 + LAYER + "</stack>" * 6), "1200000000 pixels"),
    "a huge picture": (whole(f'<image w="nan" h="1"><stack>{LAYER}</stack></image>'), "w is nan"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_told_and_does_no_harm(file: Path, name: str) -> None:
    content, message = TRAPS[name]
    with pytest.raises(UserError, match=message) as caught:
        ora.read(packed(file, content, zipfile.ZIP_DEFLATED))
    assert caught.value.hint


def test_an_entry_that_unpacks_without_end_is_not_unpacked(file: Path) -> None:
    for name in ("stack.xml", ora.OWN, ora.PROFILE):
        packed(file, foreign(LAYER) | {name: b" " * (archive.MOST_TEXT + 1)}, zipfile.ZIP_DEFLATED)
        with pytest.raises(UserError, match="unpacks to more"):
            ora.read(file)


CLAIMS = {"flags": (8, "<H"), "method": (10, "<H"), "packed": (20, "<I"), "size": (24, "<I")}


def _claiming(file: Path, name: str, **claims: int) -> None:
    """Sets what the directory at the end of the zip file says of an entry."""
    data = bytearray(file.read_bytes())
    at = data.index(b"PK\1\2", data.rindex(b"PK\1\2", 0, data.rindex(name.encode())))
    for field, (offset, kind) in CLAIMS.items():
        if field in claims:
            struct.pack_into(kind, data, at + offset, claims[field])
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"size": 2**32 - 2}, "unpacks to more"),
        ({"flags": 1}, "cannot be read"),
        ({"method": zipfile.ZIP_LZMA}, "unusual"),
        ({"method": 99}, "unusual"),
    ],
    ids=["a size", "encrypted", "another packer", "an unknown packer"],
)
def test_an_entry_that_claims_strange_things_is_refused(file: Path, claims: dict[str, int], message: str) -> None:
    packed(file, foreign('<layer src="data/two.png"/>'))
    _claiming(file, "data/two.png", **claims)
    with pytest.raises(UserError, match=message):
        ora.read(file)


def test_an_entry_that_goes_on_beyond_the_end_is_refused(file: Path) -> None:
    _claiming(packed(file, foreign(LAYER)), "stack.xml", packed=10**6, size=10**6)
    with pytest.raises(UserError, match="cannot be read"):
        ora.read(file)


@pytest.mark.parametrize(
    ("room", "limit", "most", "message"),
    [
        (archive, "MOST_UNPACKED", 300, "unpacks to more"),
        (archive, "MOST_DECODED", 4 * 4 * 2, "unpacks to more"),
        (limits, "MOST_LAYERS", 2, "more than 2 layers"),
        (limits, "MOST_TILES", 2, "megapixels"),
        (limits, "MOST_PIXELS", 256 * 256 - 1, "spans"),
    ],
)
def test_many_small_things_are_too_much_as_well(
    file: Path, room: Any, limit: str, most: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what comes after it is not even looked for."""
    assert len(read(file, LAYER * 3).snapshot.layers) == 4
    missing = '<layer src="data/none.png"/>' if limit != "MOST_PIXELS" else ""
    packed(file, foreign(missing + LAYER * 3))
    monkeypatch.setattr(room, limit, most)
    with pytest.raises(UserError, match=message):
        ora.read(file)


def test_the_true_limits_let_large_documents_pass() -> None:
    assert archive.MOST_UNPACKED >= 2**33
    assert archive.MOST_DECODED >= 200 * 4096**2
    assert limits.MOST_TILES >= 100 * (4096 / 256) ** 2
    assert limits.MOST_LAYERS >= 1000


@pytest.mark.parametrize("name", ["../evil.png", "/tmp/sfumato-evil.png", "..\\evil.png", "C:\\evil.png"])
def test_names_of_entries_are_no_names_of_files(file: Path, name: str) -> None:
    before = {*file.parent.parent.rglob("*")}
    content = foreign(f'<layer src="{name}"/>') | {name: png(np.full((1, 1, 4), 255, np.uint8))}
    assert pixel(ora.read(packed(file, content)).snapshot.layers[0], 0, 0) == [255] * 4
    assert {*file.parent.parent.rglob("*")} - before == {file}
    assert not Path("/tmp/sfumato-evil.png").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"a letter", b"PK\5\6" + bytes(18), zlib.compress(bytes(99))])
def test_what_is_no_archive_is_a_user_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"document\.ora cannot be read") as caught:
        ora.read(file)
    assert caught.value.hint


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_document_cut_short_is_a_user_error(file: Path, share: float) -> None:
    ora.write(file, example())
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    with pytest.raises(UserError, match="cannot be read"):
        ora.read(file)


@pytest.mark.parametrize("name", ["missing.ora", "missing/deep.ora", "."])
def test_what_is_not_there_is_a_user_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError):
        ora.read(tmp_path / name)


@settings(QUICK, max_examples=150)
@given(st.data())
def test_damage_anywhere_is_a_user_error_at_most(file: Path, data: st.DataObject) -> None:
    if not file.exists():
        ora.write(file, example())
    broken = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    other = file.with_name("broken.ora")
    other.write_bytes(broken)
    with suppress(UserError):
        ora.read(other)


# ---------------------------------------------------------------- what cannot be written


@pytest.mark.parametrize(
    ("limit", "most"), [("MOST_LAYERS", 6), ("MOST_TILES", 3), ("MOST_PIXELS", 1000)], ids=["layers", "tiles", "size"]
)
def test_what_could_not_be_read_again_is_not_written(
    file: Path, limit: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"before")
    monkeypatch.setattr(limits, limit, most)
    with pytest.raises(UserError) as caught:
        ora.write(file, example())
    assert caught.value.hint
    assert file.read_bytes() == b"before"


FAR = filled(QRect(10**6, 10**6, 1, 1), 255)


@pytest.mark.parametrize("snapshot", [Snapshot((Layer("Mask", Role.MASK, FAR),)), Snapshot(selection=FAR)])
def test_what_is_far_out_is_told_before_memory_runs_out(file: Path, snapshot: Snapshot) -> None:
    with pytest.raises(UserError, match="masks and its selection"):
        ora.write(file, snapshot)


def test_the_selection_takes_memory_as_well(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_TILES", 3)
    ora.write(file, Snapshot(selection=filled(QRect(0, 0, 300, 10), 255)))
    with pytest.raises(UserError, match="megapixels"):
        ora.write(file, Snapshot(selection=filled(QRect(0, 0, 300, 300), 255)))
