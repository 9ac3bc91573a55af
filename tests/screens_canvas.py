"""The canvas's states for tests.screens: real work, made by the built-in model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from desktop.canvas.layer import Blend
from desktop.studio.easel import Easel
from desktop.ui.canvas.view import CanvasView

if TYPE_CHECKING:
    from tests.screens import Scene

Place = tuple[float, float]
LAKE = "a calm lake at dawn in front of snowy mountains"
BOAT = "a sailboat with a red sail on the right, a calm lake at dawn"


def easel_of(scene: Scene) -> Easel:
    easel = scene.studio.easel
    if not easel.active:
        easel.active = True
        scene.until(lambda: easel.document is not None)
        scene.window.canvas.view.fit()
    return easel


def view_of(scene: Scene) -> CanvasView:
    return scene.window.canvas.view


def stroke(scene: Scene, tool: str, *places: Place) -> None:
    """With that tool, from place to place on the canvas."""
    view = view_of(scene)
    easel_of(scene).tool = tool
    at = [view.lens.to_view.map(QPointF(*place)).toPoint() for place in places]
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at[0])
    for point in at[1:]:
        QTest.mouseMove(view, point)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at[-1])


def make(scene: Scene, prompt: str, count: int = 1, seed: int = 7) -> None:
    """Pictures on the canvas; the newest lies over it then."""
    session, studio = scene.studio.session, scene.studio
    session.prompt, session.count, session.seed, session.seed_locked = prompt, count, seed, True
    before = len(studio.results.all)
    studio.generate()
    scene.until(lambda: len(studio.results.all) == before + count and not studio.queue.entries)


def accept(scene: Scene) -> None:
    before = len(layers(scene))
    scene.window.actions_["keep_result"].trigger()
    scene.until(lambda: len(layers(scene)) == before + 1)


def layers(scene: Scene) -> tuple:
    snapshot = easel_of(scene).snapshot
    return snapshot.layers if snapshot else ()


def settle(scene: Scene) -> None:
    view_of(scene).point_at(None)
    QTest.qWait(800)


# ---------------------------------------------------------------- the states


def canvas_empty(scene: Scene) -> None:
    easel_of(scene)
    settle(scene)


def canvas_masked(scene: Scene) -> None:
    easel = easel_of(scene)
    make(scene, LAKE)
    accept(scene)
    easel.brushes["mask"].size = 26
    stroke(scene, "mask", (84, 92), (100, 88), (104, 100), (92, 102))
    settle(scene)


def canvas_candidates(scene: Scene) -> None:
    canvas_masked(scene)
    make(scene, BOAT, count=3)
    settle(scene)


def canvas_settings(scene: Scene) -> None:
    canvas_masked(scene)
    scene.window.open_settings("Canvas")
    QTest.qWait(100)


def canvas_outpaint(scene: Scene) -> None:
    easel = easel_of(scene)
    make(scene, LAKE)
    accept(scene)
    easel.tool = "frame"
    for side in ("right", "right"):
        scene.window.canvas.extend.buttons[side].click()
    view_of(scene).fit()
    settle(scene)


def canvas_outpainted(scene: Scene) -> None:
    canvas_outpaint(scene)
    make(scene, LAKE)
    settle(scene)


def canvas_transform(scene: Scene) -> None:
    easel = easel_of(scene)
    make(scene, LAKE)
    accept(scene)
    view = view_of(scene)
    view.zoom_by(0.6)
    stroke(scene, "transform", (64, 64), (64, 64))
    stroke(scene, "transform", (128, 128), (112, 110))
    stroke(scene, "transform", (150, 40), (146, 70))
    easel.tool = "transform"
    settle(scene)


def canvas_layers(scene: Scene) -> None:
    easel = easel_of(scene)
    make(scene, LAKE)
    accept(scene)
    for color, blend, places in (
        ((230, 120, 40), Blend.OVERLAY, ((10, 20), (60, 30), (120, 16))),
        ((60, 90, 200), Blend.MULTIPLY, ((10, 110), (70, 100), (120, 116))),
    ):
        scene.window.actions_["add_layer"].trigger()
        easel.color, easel.brush.size = color, 34
        stroke(scene, "brush", *places)
        easel.do("Blend", lambda snapshot, blend=blend: snapshot.change(snapshot.active_id, blend=blend))
    scene.studio.memory.change_settings(rulers=True)
    stroke(scene, "lasso", (70, 40), (100, 50), (96, 84), (60, 80), (70, 40))
    easel.tool = "brush"
    view_of(scene).point_at(QPointF(view_of(scene).rect().center() + QPoint(60, 40)))
    QTest.qWait(400)


def canvas_live(scene: Scene) -> None:
    easel = easel_of(scene)
    scene.studio.session.prompt = LAKE
    scene.studio.session.change = 0.7
    scene.studio.live.on = True
    easel.color, easel.brush.size = (120, 150, 190), 60
    stroke(scene, "brush", (10, 20), (118, 20), (118, 40), (10, 40))
    easel.color = (90, 90, 100)
    stroke(scene, "brush", (10, 70), (64, 50), (118, 70))
    easel.color = (60, 80, 120)
    stroke(scene, "brush", (10, 100), (118, 100), (118, 116), (10, 116))
    scene.until(lambda: scene.studio.stage.is_candidate and not scene.studio.queue.entries)
    settle(scene)


STATES = (
    canvas_empty,
    canvas_masked,
    canvas_candidates,
    canvas_settings,
    canvas_outpaint,
    canvas_outpainted,
    canvas_transform,
    canvas_layers,
    canvas_live,
)
