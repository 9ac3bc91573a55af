"""All tools, led as the view leads them: pressed, moved, lifted; finished by Enter, given up by Escape."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import cos, radians, sin

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainterPath

from desktop.canvas.layer import Layer, Role
from desktop.canvas.nib import Brush, Color
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Keys, Kit, Pointer
from desktop.canvas.tools.places import LEAST
from desktop.canvas.tools.table import BY_NAME, TOOLS
from desktop.canvas.transform import tight
from desktop.ui.canvas.guide import GUIDES
from tests.canvas.things import (
    click,
    content,
    document_of,
    drag,
    enter,
    filled,
    noisy,
    pixel,
    print_of,
    send,
    take,
    use,
)

SHIFT, ALT, CONTROL, NONE = Keys.ShiftModifier, Keys.AltModifier, Keys.ControlModifier, Keys.NoModifier
RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)
CARD = QRect(100, 100, 200, 100)
PAINTERS = ("move", "brush", "eraser", "bucket", "transform")


@dataclass
class Heard:
    """What tools said and showed."""

    refused: list[tuple[str, str]] = field(default_factory=list)
    picked: list[Color] = field(default_factory=list)
    outlines: list[QPainterPath | None] = field(default_factory=list)


def kit_of(snapshot: Snapshot) -> tuple[Kit, Heard]:
    heard = Heard()
    kit = Kit(document_of(snapshot), Brush(20, 1.0, pressure_sizes=False), color=(0, 200, 0))
    kit.refuse = lambda message, hint: heard.refused.append((message, hint))
    kit.picked = heard.picked.append
    kit.outline = heard.outlines.append
    return kit, heard


@pytest.fixture
def kit() -> Kit:
    """A red card on the active layer, a blue one below it."""
    return kit_of(cards())[0]


def cards() -> Snapshot:
    card = Layer("Card", plane=filled(CARD, *RED))
    below = Layer("Below", plane=filled(QRect(0, 0, 150, 150), *BLUE))
    return Snapshot((below, card, Layer.empty("Mask", Role.MASK)), card.id, frame=QRect(0, 0, 512, 512))


def active(kit: Kit) -> Layer:
    assert kit.document.snapshot.active
    return kit.document.snapshot.active


def names(kit: Kit) -> list[str]:
    return [step.name for step in kit.document.history.steps][1:]


def chosen(kit: Kit) -> QRect:
    return tight(kit.document.snapshot.selection)


def covered(kit: Kit) -> float:
    """How many pixels are selected."""
    selection = kit.document.snapshot.selection
    return float(selection.read(selection.bounds).sum(dtype=int)) / 255


# ---------------------------------------------------------------- what holds for all


@pytest.mark.parametrize("row", TOOLS, ids=lambda row: row.name)
def test_rows_are_whole(row) -> None:
    assert callable(row.run) if row.work else row.name in GUIDES
    assert row.tip.endswith(".")
    assert set(row.options) <= set(Brush.__dataclass_fields__) | {"tolerance", "contiguous"}
    assert BY_NAME[row.name] is row
    assert [other.keys for other in TOOLS].count(row.keys) == 1


@pytest.mark.parametrize("name", sorted(name for name, row in BY_NAME.items() if row.work))
@pytest.mark.parametrize("pressed", [0, 1, 2, 4])
def test_given_up_all_is_as_before(name: str, pressed: int, kit: Kit) -> None:
    """As the view does it: close, and show the document itself."""
    before = kit.document.snapshot
    work = take(kit, name)
    path = drag((120.0, 120.0), (180.0, 150.0), (400.0, 300.0), (330.0, 310.0))[:pressed]
    if not send(work, *path):
        assert name in ("wand", "bucket")  # these are done with the press
        return
    work.close()
    kit.document.show(None)
    assert kit.document.snapshot is before
    assert not kit.document.history.can_undo
    assert kit.last is None


@pytest.mark.parametrize("name", sorted(name for name, row in BY_NAME.items() if row.work))
def test_what_a_tool_does_is_one_step_that_can_be_undone(name: str, kit: Kit) -> None:
    before = print_of(kit.document.snapshot)
    work = take(kit, name)
    for pointer in (
        *drag((120.0, 120.0), (230.0, 240.0), (310.0, 330.0)),
        *click(120, 300),
        *click(300, 120),
        enter(0, 0),
    ):
        if not send(work, pointer):
            break
    done = print_of(kit.document.snapshot)
    assert len(names(kit)) == (0 if name == "eyedropper" else 1)
    kit.document.undo()
    assert print_of(kit.document.snapshot) == before
    kit.document.redo()
    assert print_of(kit.document.snapshot) == done
    assert (done == before) == (name == "eyedropper")


@pytest.mark.parametrize("name", sorted(name for name, row in BY_NAME.items() if row.work))
@pytest.mark.parametrize(("state", "word"), [({"locked": True}, "locked"), ({"visible": False}, "hidden")])
def test_locked_and_hidden_layers_are_refused_with_words(name: str, state: dict[str, bool], word: str) -> None:
    snapshot = cards()
    kit, heard = kit_of(snapshot.change(snapshot.active_id, **state))
    before = active(kit)
    work = take(kit, name)
    for pointer in (*drag((120.0, 120.0), (230.0, 240.0)), enter(0, 0)):
        if not send(work, pointer):
            break
    assert [(f"“Card” is {word}." in message, bool(hint)) for message, hint in heard.refused] == (
        [(True, True)] if name in PAINTERS else []
    )
    if name != "crop":
        assert active(kit) is before


def test_a_locked_mask_is_not_painted() -> None:
    snapshot = cards()
    assert snapshot.mask
    kit, heard = kit_of(snapshot.change(snapshot.mask.id, locked=True, visible=False))
    use(kit, "mask", *drag((9.0, 9.0)))
    assert [message for message, _ in heard.refused] == ["“Mask” is locked."]
    assert names(kit) == []


@pytest.mark.parametrize("name", sorted(name for name, row in BY_NAME.items() if row.work))
def test_without_any_layer_nothing_breaks(name: str) -> None:
    kit, heard = kit_of(Snapshot())
    work = take(kit, name)
    for pointer in (*drag((120.0, 120.0), (230.0, 240.0)), enter(0, 0)):
        if not send(work, pointer):
            break
    assert not heard.refused


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


# ---------------------------------------------------------------- move


def test_move_takes_the_layer_along(kit: Kit) -> None:
    before, shown = active(kit), []
    kit.document.changed.connect(lambda snapshot: shown.append(snapshot.active.offset))
    use(kit, "move", *drag((150.2, 120.0), (160.0, 130.0), (180.6, 99.4)))
    assert active(kit).plane is before.plane
    assert active(kit).offset == (30, -21)
    assert shown == [(0, 0), (10, 10), (30, -21), (30, -21)]
    use(kit, "move", *drag((0, 0), (40, 9), keys=SHIFT))
    assert active(kit).offset == (70, -21)
    use(kit, "move", *drag((0, 0), (3, -9), keys=SHIFT | CONTROL))
    assert active(kit).offset == (70, -30)


@pytest.mark.parametrize("tool", ["move", "transform"])
@pytest.mark.parametrize(("scale", "keys", "snaps"), [(1.0, NONE, True), (4.0, NONE, False), (1.0, CONTROL, False)])
def test_what_is_moved_meets_the_frame(kit: Kit, tool: str, scale: float, keys: Keys, snaps: bool) -> None:
    """Its left edge comes to 4 pixels from the frame's, at a scale where that is near or not."""
    kit.scale = scale
    before = tight(active(kit).plane)
    frame = before.translated(300, 500)
    kit.document.do("Frame", replace(kit.document.snapshot, frame=frame.adjusted(0, 0, 111, 77)))
    start = before.center().x(), before.center().y()
    pointers = drag(start, (start[0] + 304, start[1] + 620), keys=keys)
    use(kit, tool, *pointers, *([replace(pointers[-1], final=True)] if tool == "transform" else []))
    found = tight(active(kit).settled().plane)
    assert found.left() - before.left() == (300 if snaps else 304)
    assert found.top() - before.top() == 620


def test_moved_nowhere_it_is_no_step(kit: Kit) -> None:
    use(kit, "move", *drag((150, 120), (300, 300), (150.2, 120)))
    assert names(kit) == []
    assert active(kit).offset == (0, 0)


def test_move_takes_only_the_selected_along(kit: Kit) -> None:
    use(kit, "rectangle", *drag((100, 100), (150, 200)))
    use(kit, "move", *drag((0, 0), (0, 300)))
    alphas = [pixel(active(kit), *place)[3] for place in ((120, 150), (120, 450), (160, 150), (160, 450))]
    assert alphas == [0, 255, 255, 0]
    assert chosen(kit) == QRect(100, 400, 50, 100)


# ---------------------------------------------------------------- transform


def turn(kit: Kit, *pointers: Pointer) -> None:
    work = take(kit, "transform")
    assert send(work, *pointers)
    assert not send(work, enter(0, 0))


def box(kit: Kit) -> QRect:
    return tight(active(kit).settled().plane)


def test_a_drag_inside_moves(kit: Kit) -> None:
    plane = active(kit).plane
    turn(kit, *drag((200.0, 150.0), (210.3, 160.4)), *drag((210.0, 160.0), (215.0, 165.0)))
    assert box(kit) == QRect(115, 115, 200, 100)
    assert active(kit).plane is plane
    assert names(kit) == ["Transform"]


@pytest.mark.parametrize(
    ("handle", "to", "keys", "expected"),
    [
        ((300, 200), (500, 300), Keys.NoModifier, QRect(100, 100, 400, 200)),
        ((300, 200), (500, 200), Keys.NoModifier, QRect(100, 100, 400, 200)),  # keeps the sides' ratio
        ((300, 200), (400, 200), SHIFT, QRect(100, 100, 300, 100)),
        ((100, 100), (0, 50), Keys.NoModifier, QRect(0, 50, 300, 150)),
        ((300, 150), (350, 400), Keys.NoModifier, QRect(100, 100, 250, 100)),
        ((200, 100), (0, 150), Keys.NoModifier, QRect(100, 150, 200, 50)),
        ((100, 150), (500, 150), Keys.NoModifier, QRect(300, 100, 200, 100)),  # over to the other side
    ],
)
def test_handles_scale_towards_the_opposite_one(
    kit: Kit, handle: tuple[float, float], to: tuple[float, float], keys: Keys, expected: QRect
) -> None:
    turn(kit, *drag(handle, to, keys=keys))
    found = box(kit)
    assert expected.adjusted(-1, -1, 1, 1).contains(found)
    assert found.contains(expected.adjusted(1, 1, -1, -1))


def test_a_press_near_a_handle_changes_nothing(kit: Kit) -> None:
    before = print_of(kit.document.snapshot)
    turn(kit, *click(304, 197))
    assert names(kit) == []
    turn(kit, *drag((304, 197), (308, 199), (304, 197)))
    assert print_of(kit.document.snapshot) == before


def test_the_grip_is_as_large_as_the_screen_shows_it(kit: Kit) -> None:
    kit.scale = 4.0  # 3 pixels of the canvas
    turn(kit, *drag((296, 150), (306, 150)))  # inside, 4 pixels from the handle
    assert box(kit) == QRect(110, 100, 200, 100)


def test_a_drag_outside_turns(kit: Kit) -> None:
    middle = 200, 150

    def around(angle: float) -> tuple[float, float]:
        return middle[0] + 300 * cos(radians(angle)), middle[1] + 300 * sin(radians(angle))

    turn(kit, *drag(around(10), around(60), around(100)))
    assert box(kit).adjusted(1, 1, -1, -1) == QRect(151, 51, 98, 198)
    kit.document.undo()
    turn(kit, *drag(around(10), around(117), keys=SHIFT))  # in steps of 15 degrees
    tilted = box(kit)
    kit.document.undo()
    turn(kit, *drag(around(10), around(115)))
    assert box(kit) == tilted


def test_drags_add_up_and_are_drawn_anew_but_once(kit: Kit) -> None:
    turn(kit, *drag((300, 200), (310, 205)), *drag((310, 205), (300, 200)))
    assert names(kit) == []  # there and back
    turn(kit, *drag((300, 200), (500, 300)), *drag((200, 150), (100, 50)))
    assert box(kit).adjusted(1, 1, -1, -1) == QRect(1, 1, 398, 198)


def test_a_side_is_never_lost(kit: Kit) -> None:
    turn(kit, *drag((300, 150), (100, 150)), *drag((100.2, 150), (300, 150)))
    assert box(kit).adjusted(-2, -2, 2, 2).contains(CARD)


def test_transform_of_an_empty_layer_does_nothing() -> None:
    layer = Layer("Layer")
    kit, heard = kit_of(Snapshot((layer,), layer.id))
    work = take(kit, "transform")
    send(work, *drag((0, 0), (50, 50)), *drag((100, 100), (150, 50)), enter(0, 0))
    assert active(kit).plane.tiles == {}
    assert heard.outlines[-1] is None


# ---------------------------------------------------------------- frame and crop

FRAME = QRect(0, 0, 512, 512)


def framed(kit: Kit, *places: tuple[float, float], keys: Keys = Keys.NoModifier) -> QRect:
    use(kit, "frame", *drag(*places, keys=keys))
    return kit.document.snapshot.frame


@pytest.mark.parametrize(
    ("handle", "way", "expected"),
    [
        ((512, 512), (101, 35), QRect(0, 0, 616, 544)),
        ((0, 0), (-101, -35), QRect(-104, -32, 616, 544)),
        ((512, 0), (99, 99), QRect(0, 96, 608, 416)),
        ((0, 512), (3, -3), FRAME),
        ((256, 0), (70, -70), QRect(0, -72, 512, 584)),
        ((512, 256), (-100, 70), QRect(0, 0, 416, 512)),
        ((256, 512), (0, 9), QRect(0, 0, 512, 520)),
        ((0, 256), (41, 0), QRect(40, 0, 472, 512)),
        ((512, 512), (-1000, -1000), QRect(-488, -488, 488, 488)),  # over to the other side
        ((512, 512), (-480, -500), QRect(0, 0, LEAST, LEAST)),
        ((0, 0), (500, 500), QRect(512 - LEAST, 512 - LEAST, LEAST, LEAST)),
    ],
)
def test_handles_resize_the_frame_by_whole_snaps(
    kit: Kit, handle: tuple[float, float], way: tuple[float, float], expected: QRect
) -> None:
    to = handle[0] + way[0], handle[1] + way[1]
    found = framed(kit, (handle[0] + 2.0, handle[1] - 3.0), (to[0] + 2.0, to[1] - 3.0))  # wherever the handle was held
    assert found == expected
    assert names(kit) == ([] if expected == FRAME else ["Frame"])


def test_a_frame_is_dragged_inside_and_drawn_anew_elsewhere(kit: Kit) -> None:
    assert framed(kit, (200, 200), (213, 150)) == QRect(16, -48, 512, 512)
    assert framed(kit, (1000, 1000), (1203, 1099)) == QRect(1000, 1000, 200, 96)
    assert framed(kit, (500, 500), (300, 301)) == QRect(300, 300, 200, 200)
    assert framed(kit, (0, 0), (10, -10)) == QRect(0, -LEAST, LEAST, LEAST)
    assert kit.document.snapshot.layers == cards_of(kit)


def cards_of(kit: Kit) -> tuple[Layer, ...]:
    return kit.document.history.steps[0].snapshot.layers


def test_shift_keeps_the_frames_ratio(kit: Kit) -> None:
    kit.document.do("Frame", replace(kit.document.snapshot, frame=QRect(0, 0, 512, 256)))
    assert framed(kit, (512, 256), (768, 256), keys=SHIFT) == QRect(0, 0, 768, 384)
    assert framed(kit, (768, 0), (512, 99), keys=SHIFT) == QRect(0, 128, 512, 256)
    assert framed(kit, (0, 384), (-256, 99), keys=SHIFT) == QRect(-256, 128, 768, 384)


def test_a_mere_click_leaves_the_frame(kit: Kit) -> None:
    kit.document.do("Frame", replace(kit.document.snapshot, frame=QRect(0, 0, 500, 500)))  # no multiple of 8
    for place in ((500, 500), (100, 100), (2000, 2000)):
        assert framed(kit, place) == QRect(0, 0, 500, 500)
    assert framed(kit, (2000, 2000), (2500, 2500), (2000, 2000)) == QRect(0, 0, 500, 500)
    assert names(kit) == ["Frame"]


def test_the_frame_is_shown_as_it_is_dragged(kit: Kit) -> None:
    shown: list[QRect] = []
    kit.document.changed.connect(lambda snapshot: shown.append(snapshot.frame))
    framed(kit, (512, 512), (613, 512), (712, 512))
    assert shown == [FRAME, QRect(0, 0, 616, 512), QRect(0, 0, 712, 512), QRect(0, 0, 712, 512)]


def test_crop_cuts_everything_to_a_rectangle(kit: Kit) -> None:
    snapshot = kit.document.snapshot
    assert snapshot.mask
    mask = replace(snapshot.mask, plane=filled(QRect(0, 0, 512, 512), 255))
    moved = replace(active(kit).settled().moved(10, 10), plane=active(kit).plane)
    kit.document.do("Prepare", snapshot.put(mask).put(moved).select(noisy(QRect(0, 0, 300, 300), 1)))
    before = kit.document.snapshot
    use(kit, "crop", *drag((279.5, 279.5), (50.0, 40.0), (120.5, 110.2)))
    after, area = kit.document.snapshot, QRect(50, 40, 230, 240)
    assert after.frame != area
    area = QRect(120, 110, 160, 170)
    assert after.frame == area
    for one, other in zip(before.layers, after.layers, strict=True):
        assert (one.read(area) == other.read(area)).all()
        assert area.contains(tight(other.settled().plane)) or tight(other.plane).isEmpty()
    assert (after.selection.read(area) == before.selection.read(area)).all()
    assert area.contains(tight(after.selection))


def test_a_crop_too_small_is_none(kit: Kit) -> None:
    use(kit, "crop", *drag((100, 100), (163, 400)))
    use(kit, "crop", *click(100, 100))
    assert names(kit) == []


def test_a_selection_of_the_whole_plane_ends_not_far_from_what_there_is(kit: Kit) -> None:
    send(take(kit, "rectangle"), *drag((-(10**6), -(10**6)), (10**6, 10**6)))
    frame = kit.document.snapshot.frame
    found = tight(kit.document.snapshot.selection)
    assert found.contains(frame)
    assert max(found.width(), found.height()) <= frame.width() + 2 * 2048


def test_a_frame_is_no_larger_than_a_picture_can_be(kit: Kit) -> None:
    send(take(kit, "frame"), *drag((10**5, 10**5), (3 * 10**5, 3 * 10**5)))
    assert kit.document.snapshot.frame == QRect(10**5, 10**5, 8192, 8192)
    send(take(kit, "crop"), *drag((0, 0), (10**5, 100)))
    assert kit.document.snapshot.frame == QRect(0, 0, 8192, 100)
