"""Things one after the other, in lines."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from desktop.ui.widgets.flow import Flow


@pytest.fixture
def area(qtbot) -> QWidget:
    area = QWidget()
    qtbot.addWidget(area)
    flow = Flow(area, gap=4)
    for _ in range(5):
        thing = QWidget(area)
        thing.setFixedSize(40, 20)
        flow.addWidget(thing)
    area.resize(100, 200)
    area.show()
    return area


def places(area: QWidget) -> list[tuple[int, int]]:
    layout = area.layout()
    assert layout
    layout.activate()
    return [(each.x(), each.y()) for each in area.findChildren(QWidget) if each.isVisible()]


def test_a_new_line_begins_where_the_room_ends(area: QWidget) -> None:
    assert places(area) == [(0, 0), (44, 0), (0, 24), (44, 24), (0, 48)]
    area.resize(84, 200)
    assert places(area) == [(0, 0), (44, 0), (0, 24), (44, 24), (0, 48)]
    area.resize(83, 200)
    assert places(area) == [(0, y) for y in range(0, 120, 24)]


def test_what_is_hidden_takes_no_room(area: QWidget) -> None:
    area.findChildren(QWidget)[0].hide()
    assert places(area) == [(0, 0), (44, 0), (0, 24), (44, 24)]


def test_its_height_follows_its_width(area: QWidget) -> None:
    flow = area.layout()
    assert flow
    assert [flow.heightForWidth(width) for width in (1000, 100, 40)] == [20, 68, 116]
