"""Help > Network: what is listed, and that a look at many costs no more than what has changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtWidgets import QWidget

from desktop.models.getting.connections import MOST, Connections
from desktop.ui.getting.network import ConnectionsModel, NetworkWindow
from tests.studio.things import heard
from tests.ui.hands import settle, until


@pytest.fixture
def connections() -> Connections:
    return Connections(lambda: 0.0)


@pytest.fixture
def window(connections: Connections) -> Iterator[NetworkWindow]:
    parent = QWidget()
    yield NetworkWindow(connections, parent)
    parent.close()


def model_of(window: NetworkWindow) -> QAbstractItemModel:
    model = window.table.model()
    assert model
    return model


def listed(window: NetworkWindow) -> list[list[str]]:
    model = model_of(window)
    rows, columns = range(model.rowCount()), range(model.columnCount())
    return [[model.index(row, column).data() for column in columns] for row in rows]


def test_what_is_listed_is_what_there_was(window: NetworkWindow, connections: Connections) -> None:
    numbers = [connections.begin(f"{number}.example", "a test") for number in range(3)]
    window.open()
    assert [row[1] for row in listed(window)] == ["2.example", "1.example", "0.example"]
    connections.end(numbers[1], 2_000_000, "200 OK")
    until(lambda: listed(window)[1][2:] == ["a test", "2.0 MB", "200 OK"])
    assert window.title.text() == "3 connections, 2.0 MB received"


def test_the_oldest_leave_it(window: NetworkWindow, connections: Connections) -> None:
    for number in range(MOST):
        connections.begin(f"{number}.example", "a test")
    window.open()
    connections.begin("new.example", "a test")
    until(lambda: listed(window)[0][1] == "new.example")
    assert [row[1] for row in listed(window)] == [each.host for each in connections.all()]
    for number in range(2 * MOST):  # more than are remembered, between two looks
        connections.begin(f"later-{number}.example", "a test")
    until(lambda: listed(window)[0][1] != "new.example")
    assert [row[1] for row in listed(window)] == [each.host for each in connections.all()]


def test_only_what_has_changed_is_told(
    window: NetworkWindow, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    data = ConnectionsModel.data
    monkeypatch.setattr(ConnectionsModel, "data", lambda *args: looks.append(args[1]) or data(*args))
    numbers = [connections.begin("a.example", "a test") for _ in range(MOST)]
    window.open()
    settle()
    assert looks
    looks.clear()
    changed, inserted = heard(model_of(window).dataChanged), heard(model_of(window).rowsInserted)
    connections.end(numbers[-1], 5, "200 OK")
    until(lambda: bool(changed))
    settle()
    assert [(first.row(), last.row()) for first, last, *_ in changed] == [(0, 0)]
    assert inserted == []
    assert len(looks) < MOST  # what is seen, not all that there is
