"""The canvas: strokes by hand, moving about, and the list of layers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.canvas.composite import flatten
from desktop.canvas.snapshot import Snapshot
from desktop.database import Database
from desktop.library.inputs import Inputs
from desktop.paths import data_folder
from desktop.studio.documents import Documents
from desktop.studio.easel import Easel
from desktop.studio.memory import Memory
from desktop.studio.worker import Errands
from desktop.ui.canvas.layers import BUTTONS, LayersPanel
from desktop.ui.canvas.view import CanvasView
from tests.ui.hands import ALT, CONTROL, LEFT, NONE, SHIFT, click, press, seen, until, wheel

Place = tuple[float, float]


@pytest.fixture
def easel(qapp: QApplication) -> Iterator[Easel]:
    database = Database(data_folder() / "sfumato.db")
    memory, errands = Memory(database, Inputs(data_folder() / "inputs")), Errands("io")
    problems: list[object] = []
    for lane in (errands, memory.lane):
        lane.failed.connect(problems.append)
    easel = Easel(memory, errands)
    documents = Documents(easel, memory, errands, lambda: QRect(0, 0, 512, 512))
    documents.start()
    until(lambda: easel.document is not None)
    yield easel
    errands.finish()
    memory.close()
    documents.close()
    database.close()
    assert not problems


@pytest.fixture
def view(easel: Easel) -> Iterator[CanvasView]:
    view = CanvasView(easel)
    view.resize(700, 640)
    view.show()
    view.activateWindow()
    easel.color = (200, 40, 30)
    easel.brush.hardness = 1.0
    yield view
    view.close()
    view.deleteLater()


def at(view: CanvasView, place: Place) -> QPoint:
    return view.lens.to_view.map(QPointF(*place)).toPoint()


def stroke(view: CanvasView, *places: Place, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(view, LEFT, keys, at(view, places[0]))
    for place in places[1:]:
        QTest.mouseMove(view, at(view, place))
    QTest.mouseRelease(view, LEFT, keys, at(view, places[-1]))


def now(easel: Easel) -> Snapshot:
    assert easel.snapshot
    return easel.snapshot


def painted(easel: Easel, place: Place) -> tuple[int, ...]:
    return tuple(map(int, flatten(now(easel), QRect(int(place[0]), int(place[1]), 1, 1))[0, 0]))


def shown(view: CanvasView, place: Place) -> tuple[int, ...]:
    """The colour on the screen there, once all is drawn, the pointer elsewhere."""
    view.point_at(None)
    spot = at(view, place)
    return tuple(map(int, seen(view)[spot.y(), spot.x()]))


def names(easel: Easel) -> list[str]:
    assert easel.document
    return [step.name for step in easel.document.history.steps]


def test_a_stroke_is_seen_where_it_was_made_and_is_one_step(view: CanvasView, easel: Easel) -> None:
    stroke(view, (100, 100), (200, 120), (300, 200))
    assert names(easel) == ["New document", "Brush stroke"]
    assert painted(easel, (200, 120)) == (200, 40, 30, 255)
    assert shown(view, (200, 120)) == (200, 40, 30)
    assert shown(view, (200, 300)) != (200, 40, 30)


def test_a_stroke_is_seen_while_it_is_made(view: CanvasView, easel: Easel) -> None:
    QTest.mousePress(view, LEFT, NONE, at(view, (100, 100)))
    for x in (150, 200, 250):
        QTest.mouseMove(view, at(view, (x, 100)))
    assert shown(view, (150, 100)) == (200, 40, 30)
    assert names(easel) == ["New document"]
    press(view, Qt.Key.Key_Escape)
    assert shown(view, (150, 100)) != (200, 40, 30)
    QTest.mouseRelease(view, LEFT, NONE, at(view, (250, 100)))
    assert names(easel) == ["New document"]


@pytest.mark.parametrize("zoom", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("angle", [0.0, 30.0, -90.0])
def test_what_is_painted_is_under_the_pointer_at_any_zoom_and_angle(
    view: CanvasView, easel: Easel, zoom: float, angle: float
) -> None:
    view.zoom_to(zoom)
    view.turn(angle)
    stroke(view, (250, 250), (260, 260), (270, 262))
    assert painted(easel, (260, 260)) == (200, 40, 30, 255)
    assert shown(view, (260, 260)) == (200, 40, 30)


def test_undo_and_redo_are_seen(view: CanvasView, easel: Easel) -> None:
    stroke(view, (100, 100), (200, 100), (300, 100))
    assert easel.document
    easel.document.undo()
    assert shown(view, (200, 100)) != (200, 40, 30)
    easel.document.redo()
    assert shown(view, (200, 100)) == (200, 40, 30)


def test_the_wheel_zooms_and_turns_where_the_pointer_is(view: CanvasView) -> None:
    spot = QPointF(123, 234)
    still, zoom = view.lens.to_canvas.map(spot), view.lens.zoom
    wheel(view, 2, spot)
    assert view.lens.zoom == pytest.approx(zoom * 1.25**2)
    view.turn(45, spot)
    after = view.lens.to_canvas.map(spot)
    assert (after.x(), after.y()) == pytest.approx((still.x(), still.y()))
    view.fit()
    assert view.lens.angle == 0


def test_space_and_the_middle_button_move_the_canvas(view: CanvasView, easel: Easel) -> None:
    for button, space in ((LEFT, True), (Qt.MouseButton.MiddleButton, False)):
        before = view.lens.to_view.map(QPointF())
        if space:
            QTest.keyPress(view, Qt.Key.Key_Space)
        QTest.mousePress(view, button, NONE, QPoint(100, 100))
        QTest.mouseMove(view, QPoint(140, 70))
        QTest.mouseRelease(view, button, NONE, QPoint(140, 70))
        if space:
            QTest.keyRelease(view, Qt.Key.Key_Space)
        assert view.lens.to_view.map(QPointF()) - before == QPointF(40, -30)
    assert names(easel) == ["New document"]


def test_alt_picks_a_colour_and_shift_draws_a_line(view: CanvasView, easel: Easel) -> None:
    stroke(view, (100, 100), (110, 100), (120, 100))
    stroke(view, (400, 100), (400, 100), keys=SHIFT)
    assert painted(easel, (250, 100)) == (200, 40, 30, 255)
    easel.color = (1, 2, 3)
    stroke(view, (250, 100), keys=ALT)
    assert easel.color == (200, 40, 30)


def test_the_mask_is_painted_whatever_layer_is_active_and_shows(view: CanvasView, easel: Easel) -> None:
    easel.tool = "mask"
    before = shown(view, (200, 200))
    stroke(view, (150, 200), (200, 200), (250, 200))
    mask = now(easel).mask
    assert mask
    assert now(easel).active is not mask
    assert now(easel).wanted(QRect(200, 200, 1, 1))[0, 0] == 255
    assert shown(view, (200, 200)) != before
    assert painted(easel, (200, 200)) == (0, 0, 0, 0)
    stroke(view, (150, 200), (200, 200), (250, 200), keys=CONTROL)
    assert not now(easel).wanted(QRect(200, 200, 1, 1)).any()


def test_enter_ends_a_transform_and_another_tool_gives_it_up(view: CanvasView, easel: Easel) -> None:
    stroke(view, (100, 100), (150, 100), (200, 100))
    easel.tool = "transform"
    stroke(view, (150, 100), (150, 150), (150, 200))
    press(view, Qt.Key.Key_Return)
    assert painted(easel, (150, 200)) == (200, 40, 30, 255)
    assert names(easel)[-1] == "Transform"
    stroke(view, (150, 200), (150, 250), (150, 300))
    easel.tool = "brush"
    assert painted(easel, (150, 200)) == (200, 40, 30, 255)
    assert names(easel).count("Transform") == 1


def test_a_locked_layer_says_why_nothing_happens(view: CanvasView, easel: Easel) -> None:
    told: list[str] = []
    view.touch.refused.connect(lambda notice: told.append(notice.message))
    easel.do("Lock", lambda snapshot: snapshot.change(snapshot.active_id, locked=True))
    stroke(view, (100, 100), (200, 100), (300, 100))
    assert told == ["“Layer 1” is locked."]
    assert names(easel) == ["New document", "Lock"]


def test_a_pen_presses_and_its_other_end_erases(view: CanvasView, easel: Easel) -> None:
    def pen(end: QPointingDevice.PointerType, pressure: float) -> None:
        kind = QInputDevice.DeviceType.Stylus
        every = QInputDevice.Capability.All
        device = QPointingDevice("pen", 1, kind, end, every, 1, 1)
        press_, move, release = QEvent.Type.TabletPress, QEvent.Type.TabletMove, QEvent.Type.TabletRelease
        for what, x in ((press_, 100), (move, 150), (move, 200), (move, 250), (release, 250)):
            spot = QPointF(at(view, (x, 100)))
            up = what == release
            held = Qt.MouseButton.NoButton if up else LEFT
            QApplication.sendEvent(
                view,
                QTabletEvent(what, device, spot, spot, 0 if up else pressure, 0, 0, 0, 0, 0, NONE, LEFT, held),
            )

    easel.brush.size = 60
    pen(QPointingDevice.PointerType.Pen, 0.5)
    assert painted(easel, (200, 100)) == (200, 40, 30, 255)
    assert painted(easel, (200, 120)) == (0, 0, 0, 0)  # half as thick
    pen(QPointingDevice.PointerType.Eraser, 1.0)
    assert painted(easel, (200, 100)) == (0, 0, 0, 0)


def test_brushes_and_colour_are_there_the_next_time(view: CanvasView, easel: Easel) -> None:
    easel.brushes["mask"].size = 123.0
    easel._memory._save()
    again = Easel(easel._memory, easel.lane)
    until(lambda: bool(easel._memory.recall("easel")))
    again._restore(easel._memory.recall("easel"))
    assert again.color == (200, 40, 30)
    assert again.brushes["mask"].size == 123.0


# ---------------------------------------------------------------- layers


@pytest.fixture
def panel(view: CanvasView, easel: Easel) -> Iterator[LayersPanel]:
    panel = LayersPanel(easel, {name: QAction(name) for name in BUTTONS})
    panel.resize(260, 360)
    panel.show()
    easel.do("One", lambda snapshot: snapshot.add(snapshot.layers[0].empty("Second"), snapshot.layers[0].id))
    yield panel
    panel.close()
    panel.deleteLater()


def listed(panel: LayersPanel) -> list[str]:
    return [panel.model.data(panel.model.index(row)) for row in range(panel.model.rowCount())]


def test_layers_stand_from_the_top_down(panel: LayersPanel, easel: Easel) -> None:
    assert listed(panel) == ["Mask", "Second", "Layer 1"]
    assert panel.list.currentIndex().row() == 1
    click(panel.list.viewport(), panel.list.visualRect(panel.model.index(2)).center())
    assert now(easel).active_id == now(easel).layers[0].id
    assert names(easel) == ["New document", "One"]  # which one is active is no step


def test_thumbnails_follow_what_is_painted(view: CanvasView, easel: Easel, panel: LayersPanel) -> None:
    def middle() -> tuple[int, ...]:
        picture = panel.model.data(panel.model.index(1), Qt.ItemDataRole.DecorationRole).toImage()
        return () if picture.isNull() else picture.pixelColor(picture.rect().center()).getRgb()

    until(lambda: middle() == (0, 0, 0, 0))
    easel.brush.size = 300
    stroke(view, (256, 256), (260, 260))
    until(lambda: middle() == (200, 40, 30, 255))


def test_the_eye_hides_and_shows(panel: LayersPanel, view: CanvasView, easel: Easel) -> None:
    stroke(view, (100, 100), (200, 100), (300, 100))
    row = panel.list.visualRect(panel.model.index(1))
    click(panel.list.viewport(), QPoint(row.x() + 14, row.center().y()))
    assert not now(easel).layers[1].visible
    assert shown(view, (200, 100)) != (200, 40, 30)
    click(panel.list.viewport(), QPoint(row.x() + 14, row.center().y()))
    assert shown(view, (200, 100)) == (200, 40, 30)


def test_opacity_mode_and_locks_are_those_of_the_active_layer(panel: LayersPanel, easel: Easel) -> None:
    panel.opacity.edited.emit(40)
    panel.opacity.edited.emit(30)
    panel.blend.edited.emit("multiply")
    panel.lock.edited.emit(True)
    active = now(easel).active
    assert active
    assert (active.opacity, active.blend, active.locked) == (0.3, "multiply", True)
    assert names(easel)[2:] == ["Opacity", "Blend mode", "Lock"]  # a drag of the slider is one step
    click(panel.list.viewport(), panel.list.visualRect(panel.model.index(2)).center())
    assert (panel.opacity.content, panel.blend.content, panel.lock.content) == (100, "normal", False)


def test_layers_are_renamed_and_dragged(panel: LayersPanel, easel: Easel) -> None:
    model = panel.model
    model.setData(model.index(1), "Sky")
    assert listed(panel) == ["Mask", "Sky", "Layer 1"]
    mime = model.mimeData([model.index(2)])
    model.dropMimeData(mime, Qt.DropAction.MoveAction, 1, 0, QModelIndex())
    assert listed(panel) == ["Mask", "Layer 1", "Sky"]
    assert easel.document
    easel.document.undo()
    assert listed(panel) == ["Mask", "Sky", "Layer 1"]
