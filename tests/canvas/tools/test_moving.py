"""Tools that move layers and the frame."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians, sin

import pytest
from PySide6.QtCore import QRect

from desktop.canvas.layer import Layer
from desktop.canvas.snapshot import Snapshot
from desktop.canvas.tools.kit import Keys, Kit, Pointer
from desktop.canvas.tools.places import LEAST
from desktop.canvas.transform import tight
from tests.canvas.things import click, drag, enter, filled, noisy, pixel, print_of, send, take, use
from tests.canvas.tools.kits import CARD, CONTROL, NONE, SHIFT, active, chosen, kit_of, names

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
