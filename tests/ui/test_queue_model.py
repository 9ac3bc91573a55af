"""The rows of the queue: each change is told in few steps, however many there are."""

from __future__ import annotations

from functools import partial

import pytest

from desktop.engine.api import Failed, Finished
from desktop.studio.plan import plan
from desktop.ui.queue.model import QueueModel
from desktop.ui.window import Window


class Steps:
    """What a model tells its views, applied to a list of one's own: whoever follows has what the model has."""

    def __init__(self, model: QueueModel):
        self.model, self.steps = model, 0
        self.rows = shown_of(model)
        model.rowsRemoved.connect(self.removed)
        model.rowsInserted.connect(self.inserted)
        model.rowsMoved.connect(self.moved)
        model.modelReset.connect(lambda: pytest.fail("all rows were made anew"))

    def removed(self, _: object, first: int, last: int) -> None:
        self.steps += 1
        del self.rows[first : last + 1]

    def inserted(self, _: object, first: int, last: int) -> None:
        self.steps += 1
        self.rows[first:first] = shown_of(self.model)[first : last + 1]

    def moved(self, _: object, first: int, last: int, __: object, to: int) -> None:
        self.steps += 1
        assert first == last
        self.rows.insert(to - 1 if to > first else to, self.rows.pop(first))


def shown_of(model: QueueModel) -> list[str]:
    return [model.entry(model.index(row)).id for row in range(model.rowCount())]


def test_each_change_is_told_in_few_steps(window: Window) -> None:
    queue, model = window.studio.queue, window.queue_panel.model
    queue.due.disconnect()  # nobody runs them
    told = Steps(model)
    submit = partial(plan, window.studio.session, window.studio.styles)
    window.studio.session.count = 5
    for change, most in (
        (lambda: queue.submit(submit()), 2),
        (lambda: queue.take(queue.entries[0].id, Finished({}, 0)), 1),
        (lambda: queue.take(queue.entries[0].id, Failed("", "")), 1),
        (lambda: queue.submit_live(submit()[0]), 2),
        (lambda: queue.move(queue.waiting[-1].id, 0), 3),  # failed ones come before all that wait
        (lambda: queue.cancel(queue.waiting[0].id, queue.waiting[2].id), 2),
        (lambda: queue.edit(queue.waiting[0].id), 0),
        (lambda: queue.replace_edited(submit()), 3),
        (lambda: queue.clear_done(), 1),
        (lambda: queue.cancel_all(), 2),
    ):
        told.steps = 0
        change()
        assert told.rows == shown_of(model) == [entry.id for entry in [*queue.entries, *queue.done]]
        assert told.steps <= most
