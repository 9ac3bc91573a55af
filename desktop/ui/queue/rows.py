"""What can be done with the queue: rows of the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.studio.queue import Entry, Queue, State
from desktop.ui.row import GENERATE, Row, Test

if TYPE_CHECKING:
    from desktop.ui.window import Window


def _with_chosen(do: Callable[[Window, Entry], object]) -> Callable[[Window], None]:
    def deed(window: Window) -> None:
        if entry := window.queue_panel.chosen:
            do(window, entry)

    return deed


def _chosen_is(*states: State) -> Test:
    def test(window: Window) -> bool:
        entry = window.queue_panel.chosen
        return entry is not None and entry.state in states

    return test


def _can_edit(window: Window) -> bool:
    entry, queue = window.queue_panel.chosen, window.studio.queue
    return entry is not None and entry.state is State.WAITING and not entry.cell and entry is not queue.edited


def _edit(window: Window, entry: Entry) -> None:
    """As "Use its recipe" does, while the job is held back."""
    window.studio.queue.edit(entry.id)
    window.studio.opening.use_job(entry.job)
    window.docks["queue"].show()
    window.actions_["go_to_prompt"].trigger()


def _open_sheet(window: Window) -> None:
    from desktop.ui.sheets import SheetWindow  # here: the first frame comes sooner

    sheet = window.findChild(SheetWindow) or SheetWindow(window.studio, window)
    sheet.show()
    sheet.raise_()
    sheet.activateWindow()


def _queue(window: Window) -> Queue:
    return window.studio.queue


ROWS = (
    Row("sheet", GENERATE, "X/Y/Z sheet…", "sheet", "Ctrl+Shift+Y",
        "All combinations of a few values, as one picture with labels.", _open_sheet),
    Row("cancel_waiting", GENERATE, "Cancel after this job", "stop", "",
        "The running job is finished; those that wait are cancelled.",
        lambda w: _queue(w).cancel(*(entry.id for entry in _queue(w).waiting)), lambda w: bool(_queue(w).waiting)),
    Row("clear_done", GENERATE, "Clear done jobs", "check", "",
        "Takes the jobs that are done from the list; their pictures stay.",
        lambda w: _queue(w).clear_done(), lambda w: bool(_queue(w).done)),
    Row("job_next", GENERATE, "Run this job next", "play", "",
        "The job that is chosen in the queue comes before all others that wait.",
        _with_chosen(lambda w, entry: _queue(w).move(entry.id, 0)), _chosen_is(State.WAITING)),
    Row("job_edit", GENERATE, "Edit this job", "rename", "",
        "Brings the recipe of the chosen job into the prompt panel, and holds the job back meanwhile (Enter).",
        _with_chosen(_edit), _can_edit),
    Row("job_retry", GENERATE, "Try again", "retry", "",
        "Runs the chosen failed job again, before those that wait.",
        _with_chosen(lambda w, entry: _queue(w).retry(entry.id)), _chosen_is(State.FAILED)),
    Row("job_cancel", GENERATE, "Cancel this job", "cancel", "",
        "Cancels the job that is chosen in the queue (Delete).",
        _with_chosen(lambda w, entry: _queue(w).cancel(entry.id)),
        _chosen_is(State.WAITING, State.RUNNING, State.FAILED)),
    Row("job_replace", GENERATE, "Replace the job", "swap", "",
        "What is set now takes the place of the job that is being edited.",
        lambda w: w.studio.orders.replace_edited(), lambda w: _queue(w).edited is not None),
    Row("job_leave", GENERATE, "Leave it as it was", "undo", "",
        "The job that is being edited waits again, unchanged.",
        lambda w: _queue(w).leave_edited(), lambda w: _queue(w).edited is not None),
)  # fmt: skip
