"""Layers as one picture: exactly as the W3C's formulas say, and nearly so on the screen."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from desktop.canvas.changes import masked, pictured
from desktop.canvas.composite import SHOWN, draw, flatten, merged
from desktop.canvas.layer import Blend, Layer, Role
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tiles import SIDE, Plane, area_of, keys_in
from tests.canvas.things import filled, noise, picture, pixel

Exact = tuple[Fraction, ...]  # straight RGBA, 0 to 1
Three = tuple[Fraction, ...]  # without alpha

ONE, HALF = Fraction(1), Fraction(1, 2)
LUMA = Fraction(3, 10), Fraction(59, 100), Fraction(11, 100)
NEAR = 0.01  # of 255: what floats may be off before they are rounded
ALL = list(Blend)

# ---------------------------------------------------------------- https://www.w3.org/TR/compositing-1/, slowly

SEPARABLE = {
    Blend.NORMAL: lambda b, s: s,
    Blend.MULTIPLY: lambda b, s: b * s,
    Blend.SCREEN: lambda b, s: b + s - b * s,
    Blend.OVERLAY: lambda b, s: 2 * b * s if b <= HALF else 1 - 2 * (1 - b) * (1 - s),
    Blend.DARKEN: min,
    Blend.LIGHTEN: max,
}


def _lum(color: Three) -> Fraction:
    return sum((part * weight for part, weight in zip(color, LUMA, strict=True)), Fraction(0))


def _clip_color(color: Three) -> Three:
    lum, least, most = _lum(color), min(color), max(color)
    if least < 0:
        color = tuple(lum + (part - lum) * lum / (lum - least) for part in color)
    if most > 1:
        color = tuple(lum + (part - lum) * (1 - lum) / (most - lum) for part in color)
    return color


def _set_lum(color: Three, lum: Fraction) -> Three:
    way = lum - _lum(color)
    return _clip_color((color[0] + way, color[1] + way, color[2] + way))


def _blend(mode: Blend, below: Three, above: Three) -> Three:
    if mode is Blend.COLOR:
        return _set_lum(above, _lum(below))
    if mode is Blend.LUMINOSITY:
        return _set_lum(below, _lum(above))
    return tuple(SEPARABLE[mode](b, s) for b, s in zip(below, above, strict=True))


def _over(below: Exact, above: Exact, mode: Blend) -> Exact:
    (*cb, ab), (*cs, alpha) = below, above
    if mode is Blend.ADD:  # "plus-lighter"
        covered = min(ONE, alpha + ab)
        summed = [min(ONE, s * alpha + b * ab) for b, s in zip(cb, cs, strict=True)]
    else:
        mixed = _blend(mode, tuple(cb), tuple(cs))
        covered = alpha + ab * (1 - alpha)
        source = [(1 - ab) * s + ab * m for s, m in zip(cs, mixed, strict=True)]
        summed = [alpha * s + (1 - alpha) * ab * b for b, s in zip(cb, source, strict=True)]
    return (*(part / covered if covered else Fraction(0) for part in summed), covered)


def _exact(layers: list[Layer], x: int, y: int) -> Exact:
    below: Exact = (Fraction(0),) * 4
    for layer in layers:
        *color, alpha = (Fraction(part, 255) for part in pixel(layer, x, y))
        below = _over(below, (*color, alpha * Fraction(layer.opacity)), layer.blend)
    return below


def _is_rounded(found: list[int], exact: Exact) -> bool:
    *color, alpha = (float(part * 255) for part in exact)
    if abs(found[3] - alpha) > 0.5 + NEAR:
        return False
    if not found[3]:
        return found == [0, 0, 0, 0]
    return all(abs(one - other) <= 0.5 + NEAR for one, other in zip(found, color, strict=False))


values = st.sampled_from([0, 1, 2, 100, 127, 128, 200, 254, 255])
patches = st.lists(st.tuples(values, values, values, values), min_size=6, max_size=6).map(
    lambda rows: np.array(rows, np.uint8).reshape(2, 3, 4)
)
layers_ = st.lists(
    st.builds(
        lambda pixels, left, blend, opacity, offset: picture(
            pixels, left, 0, blend=blend, opacity=opacity, offset=offset
        ),
        patches,
        st.integers(-1, 1),
        st.sampled_from(ALL),
        st.sampled_from([1.0, 0.5, 0.25, 0.0625, 2**-7]),
        st.sampled_from([(0, 0), (1, 0), (-1, 1), (SIDE, 0)]),
    ),
    min_size=1,
    max_size=4,
)
HERE = QRect(-2, -1, 6, 4)


@given(layers_)
def test_flatten_is_exact(layers: list[Layer]) -> None:
    flat = flatten(Snapshot(tuple(layers)), HERE)
    for y in range(HERE.height()):
        for x in range(HERE.width()):
            exact = _exact(layers, HERE.x() + x, HERE.y() + y)
            assert _is_rounded(flat[y, x].tolist(), exact), (x, y, flat[y, x], [float(part * 255) for part in exact])


@pytest.mark.parametrize("blend", ALL)
def test_flatten_is_exact_for_many_colors(blend: Blend) -> None:
    lower, upper = picture(noise(12, 12, seed=1)), picture(noise(12, 12, seed=2), blend=blend, opacity=0.75)
    flat = flatten(Snapshot((lower, upper)), QRect(0, 0, 12, 12))
    assert all(_is_rounded(flat[y, x].tolist(), _exact([lower, upper], x, y)) for y in range(12) for x in range(12))


@given(layers_, layers_)
def test_merged_is_what_both_look_like(some: list[Layer], others: list[Layer]) -> None:
    lower, upper = replace(some[0], blend=Blend.NORMAL), others[0]
    assert (merged(lower, upper, HERE) == flatten(Snapshot((lower, upper)), HERE)).all()


def test_flatten_is_the_same_by_tiles_and_at_once() -> None:
    layers = (picture(noise(700, 600, seed=1), -100, -50), picture(noise(300, 300), 128, 128, offset=(9, -300)))
    area = QRect(-150, -250, 900, 900)
    whole = flatten(Snapshot(layers), area)
    parts = [flatten(Snapshot(layers), QRect(area.x() + x, area.y(), 90, 900)) for x in range(0, 900, 90)]
    assert (np.concatenate(parts, axis=1) == whole).all()
    assert whole.any()


# ---------------------------------------------------------------- which layers


def test_the_upper_layer_covers_the_lower_one() -> None:
    red, blue = (replace(Layer(name), plane=filled(QRect(0, 0, 9, 9), *color)) for name, color in COLORS)
    assert _seen(red, blue) == [0, 0, 255, 255]
    assert _seen(blue, red) == [255, 0, 0, 255]


COLORS = (("red", (255, 0, 0, 255)), ("blue", (0, 0, 255, 255)))


def _seen(*layers: Layer) -> list[int]:
    return flatten(Snapshot(layers), QRect(4, 4, 1, 1))[0, 0].tolist()


@pytest.mark.parametrize("properties", [{"visible": False}, {"opacity": 0.0}, {"role": Role.CONTROL}])
def test_some_layers_are_not_seen(properties: dict[str, object]) -> None:
    red, blue = (replace(Layer(name), plane=filled(QRect(0, 0, 9, 9), *color)) for name, color in COLORS)
    assert _seen(red, replace(blue, **properties)) == [255, 0, 0, 255]  # type: ignore[arg-type]


@pytest.mark.parametrize("role", [Role.MASK, Role.REGION])
def test_masks_and_regions_are_not_seen(role: Role) -> None:
    mask = Layer("Mask", role, filled(QRect(0, 0, 9, 9), 255))
    red = replace(Layer("red"), plane=filled(QRect(0, 0, 9, 9), 255, 0, 0, 255))
    assert _seen(red, mask) == [255, 0, 0, 255]
    assert Snapshot((mask,)).bounds.isEmpty()


# ---------------------------------------------------------------- on the screen


def _shown(layers: list[Layer], area: QRect) -> np.ndarray:
    """RGBA, premultiplied."""
    image = draw(layers, area)
    assert image.format() == SHOWN
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(area.height(), area.width(), 4)
    return pixels[..., [2, 1, 0, 3]].astype(int)


def _off(layers: list[Layer], area: QRect) -> np.ndarray:
    """How far each value on the screen is off, of 255."""
    flat = flatten(Snapshot(tuple(layers)), area).astype(int)
    flat[..., :3] = np.rint(flat[..., :3] * flat[..., 3:] / 255)
    return np.abs(_shown(layers, area) - flat)


@pytest.mark.parametrize("opacity", [1.0, 0.5, 0.1])
@pytest.mark.parametrize("blend", ALL)
def test_the_screen_is_within_two_steps_of_the_truth(blend: Blend, opacity: float) -> None:
    lower = picture(noise(400, 300, seed=1), -30, -20)
    upper = picture(noise(300, 400, seed=2), 10, -90, blend=blend, opacity=opacity, offset=(-3, 40))
    area = QRect(-60, -70, 500, 460)
    assert _off([upper], area).max() <= 2
    off = _off([lower, upper], area)
    assert off.max() <= (6 if blend in (Blend.COLOR, Blend.LUMINOSITY) else 3)  # over what is nearly transparent
    assert (off > 2).mean() < 2e-4
    opaque = replace(lower, plane=filled(area, 90, 200, 30, 255))
    assert _off([opaque, upper], area).max() <= 2


@given(layers_)
def test_the_screen_is_near_the_truth_for_any_layers(layers: list[Layer]) -> None:
    assert _off(layers, HERE).max() <= 1 + len(layers)


@pytest.mark.parametrize("blend", ALL)
def test_the_screen_is_fast(blend: Blend) -> None:
    layers = [picture(noise(SIDE, SIDE)), picture(noise(SIDE, SIDE, seed=1), blend=blend, opacity=0.5)]
    times = []
    for _ in range(7):
        start = time.perf_counter()
        draw(layers, area_of((0, 0)))
        times.append(time.perf_counter() - start)
    assert min(times) < 0.006  # 0.003 on an idle machine


# ---------------------------------------------------------------- what is drawn anew

changes_ = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["paint", "hide", "fade", "blend", "move", "order", "drop", "name"])),
    min_size=1,
    max_size=3,
)


@given(changes_)
def test_no_tile_that_looks_different_is_left_out(changes: list[tuple[int, str]]) -> None:
    before = Snapshot(tuple(picture(noise(300, 40, seed=n), n * 130, n * 9, name=str(n), id=str(n)) for n in range(3)))
    after = before
    for number, what in changes:
        if layer := after.find(str(number)):
            after = _changed(after, layer, what)
    told = pictured(before, after)
    for key in keys_in(QRect(-SIDE, -SIDE, 6 * SIDE, 6 * SIDE)):
        same = (flatten(before, area_of(key)) == flatten(after, area_of(key))).all()
        assert same or key in told
    if {what for _, what in changes} == {"name"}:
        assert told == set()


def _changed(snapshot: Snapshot, layer: Layer, what: str) -> Snapshot:
    match what:
        case "paint":
            spot = QRect(layer.bounds.x() + 30, 0, 300, 9)
            return snapshot.put(layer.write(spot, np.full((9, 300, 4), 255, np.uint8)))
        case "hide":
            return snapshot.change(layer.id, visible=False)
        case "fade":
            return snapshot.change(layer.id, opacity=0.5)
        case "blend":
            return snapshot.change(layer.id, blend=Blend.MULTIPLY)
        case "move":
            return snapshot.put(layer.moved(100, 20))
        case "order":
            return snapshot.move(layer.id, 0)
        case "drop":
            return snapshot.remove(layer.id)
        case _:
            return snapshot.change(layer.id, name="another")


def test_a_stroke_draws_only_its_tiles_anew() -> None:
    layer = picture(noise(2000, 2000))
    mask = Layer("Mask", Role.MASK, Plane(1), id="mask")
    before = Snapshot((layer, mask))
    after = before.put(layer.write(QRect(700, 300, 5, 5), noise(5, 5, seed=4)))
    assert pictured(before, after) == {(2, 1)}
    assert masked(before, after) == set()
    over = after.put(replace(mask, plane=filled(QRect(0, 0, 3, 3), 255)))
    assert masked(after, over) == {(0, 0)}
    assert pictured(after, over) == set()
