"""Values that tell when they change, and ties between them and whatever shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, overload

from PySide6.QtCore import QObject, Signal

T = TypeVar("T")


class Observable(QObject):
    """Has Observed properties. `changed(name)` comes when one of them has another value than before."""

    changed = Signal(str)


class Observed(Generic[T]):
    """A property of an Observable. `mend` makes the nearest allowed value of any that is set."""

    def __init__(self, default: T, mend: Callable[[T], T] | None = None):
        self.default = default
        self._mend = mend

    def __set_name__(self, owner: type[Observable], name: str) -> None:
        self._name = name
        self._slot = f"_{name}"

    @overload
    def __get__(self, model: None, owner: type) -> Observed[T]: ...
    @overload
    def __get__(self, model: Observable, owner: type) -> T: ...
    def __get__(self, model: Observable | None, owner: type) -> T | Observed[T]:
        return self if model is None else model.__dict__.get(self._slot, self.default)

    def __set__(self, model: Observable, value: T) -> None:
        if self._mend:
            value = self._mend(value)
        if value != self.__get__(model, type(model)):
            model.__dict__[self._slot] = value
            model.changed.emit(self._name)


class Control(Protocol):
    """A QObject that shows a value and lets people change it. `edited(value)` comes from people only."""

    content: Any
    edited: Any  # the signal


class _Tie(QObject):
    """A connection that ends with its owner."""

    def __init__(self, model: Observable, name: str, slot: Callable[[Any], object], owner: QObject):
        super().__init__(owner)
        self._model, self._name, self._slot = model, name, slot
        model.changed.connect(self._pass_on)

    def _pass_on(self, name: str) -> None:
        if name == self._name:
            self._slot(getattr(self._model, name))


class _Bond(_Tie):
    """The same, and back again."""

    def __init__(self, model: Observable, name: str, control: Control, owner: QObject):
        super().__init__(model, name, self._show, owner)
        self._control = control
        control.edited.connect(self._take)
        self._show(getattr(model, name))

    def _show(self, value: Any) -> None:
        if self._control.content != value:
            self._control.content = value

    def _take(self, value: Any) -> None:
        setattr(self._model, self._name, value)
        self._show(getattr(self._model, self._name))  # the model may have mended it


def watch(model: Observable, name: str, slot: Callable[[Any], object], owner: QObject) -> None:
    """Calls `slot` with the property's value, now and whenever it changes, as long as `owner` lives."""
    slot(getattr(model, name))
    _Tie(model, name, slot, owner)


def bind(model: Observable, name: str, control: Control) -> None:
    """Ties a property and a control both ways, as long as the control lives."""
    assert isinstance(control, QObject)
    _Bond(model, name, control, control)
