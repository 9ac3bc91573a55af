"""Tools that select, and those that find what is alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect

from desktop.canvas.layer import Layer
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Keys, Kit, Pointer
from tests.canvas.things import click, content, drag, enter, filled, pixel, send, take, use
from tests.canvas.tools.kits import ALT, CARD, RED, SHIFT, active, cards, chosen, covered, kit_of, names

# ---------------------------------------------------------------- rectangle, ellipse, lasso


def test_a_rectangle_is_whole_pixels(kit: Kit) -> None:
    use(kit, "rectangle", *drag((10.4, 20.6), (25.0, 30.0), (40.2, 60.9)))
    assert content(kit.document.snapshot.selection) == content(filled(QRect(10, 21, 30, 40), 255))
    use(kit, "rectangle", *drag((40.0, 60.0), (10.0, 20.0)))  # from the other corner
    assert chosen(kit) == QRect(10, 20, 30, 40)


@pytest.mark.parametrize(("keys", "left", "right"), [(SHIFT, 255, 255), (ALT, 255, 0), (SHIFT | ALT, 0, 255)])
def test_keys_join_with_what_was_selected(kit: Kit, keys: Keys, left: int, right: int) -> None:
    use(kit, "rectangle", *drag((0, 0), (60, 60)))
    released = [replace(pointer, keys=Keys.NoModifier) for pointer in drag((40, 0), (100, 60))[1:]]
    use(kit, "rectangle", replace(drag((40, 0))[0], keys=keys), *released)
    assert pixel(kit.document.snapshot.selection, 20, 30) == [left]
    assert pixel(kit.document.snapshot.selection, 50, 30) == [right]
    assert pixel(kit.document.snapshot.selection, 80, 30) == [255 if keys == SHIFT else 0]


def test_shift_after_the_press_makes_a_square(kit: Kit) -> None:
    press, move, up = drag((10, 10), (60, 30))
    use(kit, "rectangle", press, replace(move, keys=SHIFT), replace(up, keys=SHIFT))
    assert chosen(kit) == QRect(10, 10, 50, 50)
    press, move, up = drag((100, 100), (90, 60))
    use(kit, "ellipse", press, replace(move, keys=SHIFT), replace(up, keys=SHIFT))
    assert chosen(kit) == QRect(60, 60, 40, 40)
    assert pixel(kit.document.snapshot.selection, 61, 61) == [0]


def test_shift_from_the_press_on_adds_any_shape(kit: Kit) -> None:
    use(kit, "rectangle", *drag((0, 0), (60, 60)))
    use(kit, "rectangle", *drag((60, 0), (160, 30), keys=SHIFT))
    assert chosen(kit) == QRect(0, 0, 160, 60)
    assert pixel(kit.document.snapshot.selection, 150, 29) == [255]
    assert pixel(kit.document.snapshot.selection, 150, 31) == [0]


@pytest.mark.parametrize("name", ["rectangle", "ellipse", "lasso"])
def test_a_mere_click_deselects(kit: Kit, name: str) -> None:
    use(kit, name, *click(50, 50))
    assert names(kit) == []  # there was nothing
    use(kit, "rectangle", *drag((0, 0), (60, 60)))
    use(kit, name, *click(50, 50))
    assert kit.document.snapshot.selection.tiles == {}
    assert names(kit)[-1] == "Deselect"


def test_the_lasso_follows_the_hand_and_closes(kit: Kit) -> None:
    use(kit, "lasso", *drag((10, 10), (110, 10), (110, 110)))
    selection = kit.document.snapshot.selection
    assert [pixel(selection, *place)[0] for place in ((90, 40), (40, 90))] == [255, 0]
    assert covered(kit) == pytest.approx(5000, rel=0.01)


def test_what_will_be_selected_is_outlined_until_it_is(kit: Kit) -> None:
    heard = kit_of(cards())[1]
    kit.outline = heard.outlines.append
    use(kit, "ellipse", *drag((10, 20), (110, 70)))
    assert heard.outlines[-1] is None
    last = heard.outlines[-2]
    assert last
    assert last.boundingRect().toRect() == QRect(10, 20, 100, 50)


# ---------------------------------------------------------------- polygon


def _hover(x: float, y: float) -> Pointer:
    return Pointer(QPointF(x, y), down=False)


def test_a_polygon_is_closed_by_a_double_click(kit: Kit) -> None:
    pointers = [*click(0, 0), _hover(50, 0), *click(100, 0), _hover(100, 50), *click(100, 100)]
    work = take(kit, "polygon")
    assert send(work, *pointers)
    assert not send(work, *click(100, 100, double=True)[:1])
    assert covered(kit) == pytest.approx(5000, rel=0.01)
    assert names(kit) == ["Select a polygon"]


@pytest.mark.parametrize(("scale", "closes"), [(1.0, True), (2.0, False), (0.2, True)])
def test_a_polygon_is_closed_near_its_beginning_as_the_screen_shows_it(kit: Kit, scale: float, closes: bool) -> None:
    kit.scale = scale
    waits = send(take(kit, "polygon"), *click(0, 0), *click(100, 0), *click(100, 100), *click(5, 3)[:1])
    assert waits == (not closes)


def test_a_polygon_is_closed_by_enter(kit: Kit) -> None:
    assert not send(take(kit, "polygon"), *click(0, 0), *click(100, 0), *click(100, 100), enter(100, 100))
    assert chosen(kit) == QRect(0, 0, 100, 100)


def test_holding_the_button_makes_no_corners(kit: Kit) -> None:
    dragged = [Pointer(QPointF(x, 77)) for x in range(20, 60, 10)]
    first = [click(0, 0)[0], *dragged, _hover(60, 77)]
    assert not send(take(kit, "polygon"), *first, *click(100, 0), *click(100, 100), enter(0, 0))
    assert chosen(kit) == QRect(0, 0, 100, 100)
    assert pixel(kit.document.snapshot.selection, 30, 70) == [0]


def test_a_polygon_of_two_corners_selects_nothing(kit: Kit) -> None:
    assert not send(take(kit, "polygon"), *click(0, 0), *click(100, 80), enter(0, 0))
    assert names(kit) == []


# ---------------------------------------------------------------- wand, bucket, eyedropper


def test_the_wand_selects_what_looks_alike(kit: Kit) -> None:
    use(kit, "wand", *click(200, 150)[:1])
    assert content(kit.document.snapshot.selection) == content(filled(CARD, 255))
    use(kit, "wand", *click(50, 50, SHIFT)[:1])
    assert chosen(kit) == QRect(0, 0, 300, 200)
    use(kit, "wand", *click(200, 150, ALT)[:1])
    blue = filled(QRect(0, 0, 150, 150), 255).write(CARD, np.zeros((100, 200, 1), np.uint8))
    assert content(kit.document.snapshot.selection) == content(blue)


def test_the_wand_knows_what_hangs_together() -> None:
    two = filled(QRect(0, 0, 60, 20), *RED).write(QRect(20, 0, 20, 20), np.zeros((20, 20, 4), np.uint8))
    kit, _ = kit_of(Snapshot((Layer("Two", plane=two, id="two"),), "two", frame=QRect(0, 0, 100, 100)))
    use(kit, "wand", *click(5, 5)[:1])
    assert chosen(kit) == QRect(0, 0, 20, 20)
    kit.contiguous = False
    use(kit, "wand", *click(5, 5)[:1])
    assert chosen(kit) == QRect(0, 0, 60, 20)


@pytest.mark.parametrize("name", ["wand", "bucket"])
def test_where_there_is_no_picture_there_is_nothing_to_find(kit: Kit, name: str) -> None:
    use(kit, name, *click(-5, 50)[:1])
    use(kit, name, *click(5000, 50)[:1])
    assert names(kit) == []


def test_the_bucket_fills_the_empty_part_of_the_frame() -> None:
    layer = Layer("Layer")
    kit, _ = kit_of(Snapshot((layer,), layer.id, frame=QRect(-10, -10, 300, 50)))
    use(kit, "bucket", *click(0, 0)[:1])
    assert content(active(kit).plane) == content(filled(QRect(-10, -10, 300, 50), 0, 200, 0, 255))


def test_the_bucket_keeps_within_the_selection_and_to_what_is_alike(kit: Kit) -> None:
    use(kit, "rectangle", *drag((120, 90), (140, 150)))
    before = active(kit).read(QRect(0, 0, 512, 512))
    use(kit, "bucket", *click(250, 150)[:1])
    after = active(kit).read(QRect(0, 0, 512, 512))
    changed = (after != before).any(2)
    expected = np.zeros_like(changed)
    expected[100:150, 120:140] = True
    assert (changed == expected).all()
    assert after[120, 130].tolist() == [0, 200, 0, 255]


def test_the_bucket_keeps_locked_transparency() -> None:
    layer = Layer("Layer", plane=filled(QRect(0, 0, 50, 50), 9, 9, 9, 100), alpha_locked=True)
    kit, _ = kit_of(Snapshot((layer,), layer.id, frame=QRect(0, 0, 100, 100)))
    kit.tolerance = 255
    use(kit, "bucket", *click(10, 10)[:1])
    assert content(active(kit).plane) == content(filled(QRect(0, 0, 50, 50), 0, 200, 0, 100))


def test_the_eyedropper_takes_up_what_is_seen() -> None:
    snapshot = cards()
    kit, heard = kit_of(snapshot.change(snapshot.active_id, opacity=0.5))
    use(kit, "eyedropper", *drag((120.0, 120.0), (20.5, 20.5), (-1.0, 20.0), (200.0, 150.0)))
    assert heard.picked == [(128, 0, 128), (0, 0, 255), (255, 0, 0)]  # and nothing where nothing is
    assert names(kit) == []
