"""Photoshop's files: what is in the layers, read back by a library and by Pillow, which knows nothing of it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PsdImagePlugin
from psd_tools import PSDImage
from psd_tools.api.layers import Layer as Read
from PySide6.QtCore import QRect

from desktop.canvas.composite import flatten
from desktop.canvas.files import limits, psd
from desktop.canvas.files.formats import save_file
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.errors import UserError
from desktop.raster import Raster
from tests.canvas.things import filled, noise, noisy, picture

FRAME = QRect(0, 0, 64, 48)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "document.psd"


def written(file: Path, *layers: Layer, frame: QRect = FRAME) -> PSDImage:
    save_file(file, Snapshot(layers, frame=frame))
    return PSDImage.open(file)


def written_alone(file: Path, layer: Layer) -> Read:
    (found,) = written(file, layer)
    return found


def pixels_of(layer: Read) -> np.ndarray:
    image = layer.topil(apply_icc=False)
    assert image
    return np.asarray(image)


def test_layers_are_in_order_in_their_places_with_their_pixels(file: Path) -> None:
    low, high = noise(20, 10, seed=1), noise(7, 9, seed=2)
    found = written(file, picture(low, -5, -300, name="low"), picture(high, 40, 20, name="high", offset=(2, 3)))
    assert found.size == (69, 348)
    assert [layer.name for layer in found] == ["low", "high"]
    for layer, pixels, place in zip(found, (low, high), ((0, 0), (47, 323)), strict=True):
        box = Image.fromarray(pixels).getbbox()
        assert box
        assert layer.offset == (place[0] + box[0], place[1] + box[1])
        assert (pixels_of(layer) == pixels[box[1] : box[3], box[0] : box[2]]).all()
        assert not layer.has_mask()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(-90, 90), st.integers(-90, 90), st.floats(0, 1), st.sampled_from(Blend)), max_size=3)
)
def test_what_is_written_can_be_read(file: Path, drawn: list[tuple[int, int, float, Blend]]) -> None:
    layers = [
        Layer(str(number), plane=noisy(QRect(x, y, 9, 8), seed=number), opacity=opacity, blend=blend)
        for number, (x, y, opacity, blend) in enumerate(drawn)
    ]
    found = written(file, *layers, frame=QRect(-90, -90, 200, 200))
    for layer, original in zip(found, layers, strict=True):
        box = QRect(*layer.offset, *layer.size).translated(-90, -90)
        assert (pixels_of(layer) == original.read(box)).all()
        assert abs(layer.opacity - original.opacity * 255) <= 0.5
        assert layer.blend_mode == psd.BLENDS[original.blend]


@pytest.mark.parametrize(
    ("blend", "code"),
    [
        (Blend.NORMAL, b"norm"),
        (Blend.MULTIPLY, b"mul "),
        (Blend.SCREEN, b"scrn"),
        (Blend.OVERLAY, b"over"),
        (Blend.DARKEN, b"dark"),
        (Blend.LIGHTEN, b"lite"),
        (Blend.ADD, b"lddg"),
        (Blend.COLOR, b"colr"),
        (Blend.LUMINOSITY, b"lum "),
    ],
)
def test_blend_modes_have_photoshop_s_codes(file: Path, blend: Blend, code: bytes) -> None:
    assert written_alone(file, Layer("a", plane=noisy(FRAME), blend=blend)).blend_mode.value == code


def test_every_blend_mode_can_be_written() -> None:
    assert {*psd.BLENDS} == {*Blend}


def test_hidden_and_locked_layers_are_so(file: Path) -> None:
    plane = noisy(FRAME)
    found = written(
        file,
        Layer("hidden", plane=plane, visible=False),
        Layer("locked", plane=plane, locked=True),
        Layer("alpha", plane=plane, alpha_locked=True),
        Layer("free", plane=plane),
    )
    assert [layer.visible for layer in found] == [False, True, True, True]
    locks = [layer.locks for layer in found]
    assert [bool(lock and lock.complete) for lock in locks] == [False, True, False, False]
    assert [bool(lock and lock.transparency) for lock in locks] == [False, False, True, False]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Über 層 😀", "Über 層 😀"), ("", ""), ("long " * 99, ("long " * 99)[:255]), ("half \ud800", "half ?")],
)
def test_names_are_kept_as_far_as_the_format_can(file: Path, name: str, expected: str) -> None:
    assert written_alone(file, Layer(name, plane=noisy(FRAME))).name.replace("�", "?") == expected


def test_an_empty_layer_is_one_clear_pixel_in_the_picture(file: Path) -> None:
    found = written_alone(file, Layer("empty", offset=(999, 999)))
    assert (found.offset, pixels_of(found).tolist()) == ((0, 0), [[[0, 0, 0, 0]]])


def test_masks_and_what_guides_the_model_stay_here(file: Path) -> None:
    roles = [Layer(role, role, noisy(FRAME, role.channels)) for role in Role]
    assert [layer.name for layer in written(file, *roles)] == ["paint", "picture"]


def test_programs_that_read_no_layers_see_the_picture_on_white(file: Path) -> None:
    layers = (
        Layer("below", plane=noisy(FRAME, seed=1)),
        Layer("above", plane=noisy(FRAME, seed=2), opacity=0.7, blend=Blend.LUMINOSITY),
        Layer("hidden", plane=filled(FRAME, 255, 0, 0, 255), visible=False),
    )
    written(file, *layers)
    with Image.open(file) as image:
        assert isinstance(image, PsdImagePlugin.PsdImageFile)
        assert [layer[0] for layer in image.layers] == ["below", "above", "hidden"]
        assert (np.asarray(image) == Raster(flatten(Snapshot(layers), FRAME)).rgb().pixels).all()


def test_the_file_says_that_it_is_srgb(file: Path) -> None:
    written(file, Layer("a", plane=noisy(FRAME)))
    with Image.open(file) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_a_document_without_layers_is_a_white_picture(file: Path) -> None:
    assert [*written(file)] == []
    with Image.open(file) as image:
        assert (image.size, image.getextrema()) == ((64, 48), ((255, 255),) * 3)


@pytest.mark.parametrize(("width", "height"), [(psd.MOST_SIDE + 1, 1), (1, psd.MOST_SIDE + 1)])
def test_more_than_photoshop_s_format_can_count_is_told(file: Path, width: int, height: int) -> None:
    with pytest.raises(UserError, match="too much") as caught:
        save_file(file, Snapshot(frame=QRect(0, 0, width, height)))
    assert "OpenRaster" in caught.value.hint
    assert not file.exists()


def test_more_bytes_than_photoshop_s_format_can_hold_are_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psd, "MOST_BYTES", 1000)
    with pytest.raises(UserError, match="too much"):
        written(file, Layer("a", plane=noisy(FRAME)))
    assert not file.exists()


def test_a_document_that_spans_too_much_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_PIXELS", 100)
    with pytest.raises(UserError, match="spans"):
        written(file)
