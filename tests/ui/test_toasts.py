"""What people hear of: no more than they can read, and never in the way."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from desktop.studio.notice import Kind, Notice
from desktop.ui.widgets.toast import MOST
from desktop.ui.window import Window
from tests.ui.hands import click, named, settle, toast, until

UNDO = (("Undo", lambda: None),)


def messages(window: Window) -> list[str]:
    return [each.notice.message for each in window.toasts.shown]


def test_only_what_needs_nobody_goes_by_itself(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.ui.widgets.toast.STAYS", 20)
    window.toasts.say(Notice(Kind.ERROR, "An error"))
    window.toasts.say(Notice(Kind.INFO, "A question", actions=UNDO))
    for kind in (Kind.DONE, Kind.INFO, Kind.WARNING):
        window.toasts.say(Notice(kind, "No error"))
        until(lambda: messages(window) == ["An error", "A question"])


def test_what_can_be_undone_stays_a_while_longer(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.ui.widgets.toast.STAYS", 20)
    monkeypatch.setattr("desktop.ui.widgets.toast.LINGERS", 200)
    window.toasts.say(Notice(Kind.DONE, "It is in the trash.", actions=UNDO))
    window.toasts.say(Notice(Kind.DONE, "Done"))
    until(lambda: messages(window) == ["It is in the trash."])
    until(lambda: messages(window) == [])


def test_the_same_again_is_counted(window: Window) -> None:
    for _ in range(3):
        window.toasts.say(Notice(Kind.ERROR, "No room"))
    assert messages(window) == ["No room"]
    assert named(toast(window, "No room"), QLabel, "3 ×")


def test_errors_wait_behind_the_newest_until_these_are_read(window: Window) -> None:
    for number in range(5):
        window.toasts.say(Notice(Kind.ERROR, str(number)))
    assert messages(window) == ["2", "3", "4"]
    toast(window, "3").leave()
    assert messages(window) == ["1", "2", "4"]
    settle()
    click(named(window.toasts, QPushButton, "Close all (1 more behind)"))
    assert messages(window) == []


def test_what_passes_makes_room_for_what_stays(window: Window) -> None:
    window.toasts.say(Notice(Kind.ERROR, "An error"))
    for number in range(MOST):
        window.toasts.say(Notice(Kind.DONE, str(number)))
    assert messages(window) == ["An error", "1", "2"]


@pytest.mark.parametrize("size", [(900, 560), (1360, 860), (2400, 1400)])
def test_the_middle_is_never_covered(window: Window, size: tuple[int, int]) -> None:
    window.resize(*size)
    for number in range(MOST + 1):
        window.toasts.say(Notice(Kind.ERROR, f"{number} went wrong", "Many words on what to do about it. " * 9))
    settle()
    place = window.toasts.geometry()
    assert window.center.pages.rect().contains(place)
    assert not place.contains(window.center.pages.rect().center())
    assert messages(window)[-1] == f"{MOST} went wrong"
