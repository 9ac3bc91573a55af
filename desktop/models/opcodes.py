"""A pickle's steps, followed without taking them: what would be called is noted, and nothing runs.

Bounded in time and memory whatever the file holds: in its bytes, its steps, and in that no value is compared or copied.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

LONGEST = 32_000_000  # bytes: the largest models have some hundred thousand
MOST = 1_000_000  # steps
BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError)  # what following a broken pickle raises
MARK = object()
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
FRESH: dict[str, Callable[[], Any]] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_SET": list}
DICTIONARIES = ("collections OrderedDict", "collections defaultdict", "builtins dict", "__builtin__ dict")
NOTHING = ("PROTO", "FRAME", "READONLY_BUFFER")


@dataclass(eq=False)
class Call:
    """A function that would be called, or a class: "module name"."""

    name: str
    arguments: Any = ()
    state: Any = None  # that the object would be given


class Steps:
    """The pickles that follow each other from where `stream` stands."""

    def __init__(self, stream: BinaryIO):
        self._stream = _Bounded(stream)
        self._left = MOST
        self.globals: set[str] = set()  # all that would be called

    def result(self) -> Any:
        """What the next pickle would become. Raises BROKEN."""
        machine = _Machine(self.globals)
        for step, argument, _ in pickletools.genops(self._stream):  # pyright: ignore[reportArgumentType]
            self._left -= 1
            if self._left < 0:
                raise ValueError("too many steps")
            if step.name == "STOP":
                return machine.stack[-1]
            machine.follow(step.name, argument)
        raise ValueError("no end")


class _Machine:
    """What pickle's own has: a stack, marks in it, and a memo."""

    def __init__(self, globals: set[str]):
        self.stack: list[Any] = []
        self.memo: dict[Any, Any] = {}
        self._globals = globals

    def follow(self, step: str, argument: Any) -> None:
        if step in CONSTANTS:
            self.stack.append(CONSTANTS[step])
        elif step in FRESH:
            self.stack.append(FRESH[step]())
        elif act := ACTS.get(step):
            act(self, argument)
        elif step not in NOTHING:
            if argument is None or step.startswith("EXT"):
                raise ValueError(step)
            self.stack.append(argument)  # a number or a text

    def keep(self, place: Any) -> None:
        self.memo[len(self.memo) if place is None else place] = self.stack[-1]

    def tuple(self, count: int) -> None:
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def since_mark(self) -> list[Any]:
        since: list[Any] = []
        while (value := self.stack.pop()) is not MARK:
            since.append(value)
        return since[::-1]

    def set(self, pairs: list[Any]) -> None:
        """Only names and numbers name anything: others could take endless time to be compared."""
        target = self.stack[-1]
        if isinstance(target, dict):
            target.update((n, v) for n, v in zip(pairs[::2], pairs[1::2], strict=True) if isinstance(n, str | int))

    def dictionary(self) -> None:
        pairs = self.since_mark()
        self.stack.append({})
        self.set(pairs)

    def item(self) -> None:
        value, name = self.stack.pop(), self.stack.pop()
        self.set([name, value])

    def named(self, name: str) -> None:
        self._globals.add(name)
        self.stack.append(Call(name))

    def stack_named(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.named(f"{module if isinstance(module, str) else '?'} {name if isinstance(name, str) else '?'}")

    def called(self) -> None:
        arguments, what = self.stack.pop(), self.stack.pop()
        name = what.name if isinstance(what, Call) else "?"
        self.stack.append({} if name in DICTIONARIES else Call(name, arguments))

    def given(self, state: Any) -> None:
        if isinstance(self.stack[-1], Call):
            self.stack[-1].state = state

    def instance(self, name: str | None) -> None:
        arguments = self.since_mark()
        if name is None:
            what, *arguments = arguments
            self.stack.append(what)
        else:
            self.named(name)
        self.stack.append(tuple(arguments))
        self.called()


class _Bounded:
    """The steps' bytes, as far as they are read at all."""

    def __init__(self, stream: BinaryIO):
        self._stream = stream
        self._left = LONGEST

    def read(self, count: int) -> bytes:
        self._left -= count
        if self._left < 0:
            raise ValueError("too long")
        return self._stream.read(count)

    def readline(self) -> bytes:
        line = self._stream.readline(self._left)
        self._left -= len(line)
        return line


ACTS: dict[str, Callable[[_Machine, Any], Any]] = {
    "MARK": lambda it, _: it.stack.append(MARK),
    "POP": lambda it, _: it.stack.pop(),
    "POP_MARK": lambda it, _: it.since_mark(),
    "DUP": lambda it, _: it.stack.append(it.stack[-1]),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.keep),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), lambda it, place: it.stack.append(it.memo[place])),
    "TUPLE": lambda it, _: it.stack.append(tuple(it.since_mark())),
    "TUPLE1": lambda it, _: it.tuple(1),
    "TUPLE2": lambda it, _: it.tuple(2),
    "TUPLE3": lambda it, _: it.tuple(3),
    "LIST": lambda it, _: it.stack.append(it.since_mark()),
    "FROZENSET": lambda it, _: it.stack.append(it.since_mark()),
    "DICT": lambda it, _: it.dictionary(),
    "APPEND": lambda it, _: it.stack.pop(),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), lambda it, _: it.since_mark()),
    "SETITEM": lambda it, _: it.item(),
    "SETITEMS": lambda it, _: it.set(it.since_mark()),
    "GLOBAL": _Machine.named,
    "STACK_GLOBAL": lambda it, _: it.stack_named(),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), lambda it, _: it.called()),
    "NEWOBJ_EX": lambda it, _: (it.stack.pop(), it.called()),
    **dict.fromkeys(("INST", "OBJ"), _Machine.instance),
    "BUILD": lambda it, _: it.given(it.stack.pop()),
    "BINPERSID": lambda it, _: it.stack.append(Call("storage", it.stack.pop())),
    "PERSID": lambda it, name: it.stack.append(Call("storage", name)),
}
