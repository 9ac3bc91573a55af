r"""Wildcards: prompts with alternatives, {red|blue}, and lists of them, __colours__. The seed says what comes of it.

`{2::red|blue}` makes red twice as likely. What has no bar, as in {this}, stays as it is, and so does \{this|that}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from desktop.errors import UserError

FOLDER = "wildcards"  # in the data folder: a text file for each list
DEEPEST = 50  # alternatives and lists within each other
MOST_TEXT = 100_000  # characters of what a prompt may become
MOST_BYTES = 4_000_000  # of a list's file
MOST_LISTS = 200  # that a prompt may bring along

NAME = r"[^\W_]+(?:(?:-|_(?!_))+[^\W_]+)*"
LIST = rf"__({NAME}(?:/{NAME})*)__"
TOKEN = re.compile(rf"\\(?P<literal>[{{}}|]|__)|(?P<mark>[{{}}|])|{LIST}")
WEIGHT = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)::")

Lists = Mapping[str, Sequence[str]]  # the lines of each, by its name


@dataclass(frozen=True)
class _Named:
    """A list."""

    name: str


@dataclass(frozen=True)
class _Choice:
    """Alternatives, each with how likely it is."""

    options: tuple[tuple[Fraction, _Parts], ...]


_Parts = tuple["str | _Named | _Choice", ...]


def resolve(prompt: str, seed: int, lists: Lists) -> str:
    """The words for that seed: the same on every machine. Raises UserError."""
    return _Resolver(seed, lists).words(_parse(prompt), ())


def names(*texts: str) -> set[str]:
    """Of the lists that these name."""
    return {name for text in texts for name in _names_in(_parse(text))}


def escape(text: str) -> str:
    """Such that `resolve` gives back the text, whatever it is."""
    if _parse(text) in ((), (text,)):
        return text
    return re.sub(r"\{|__|(?<=\\)[}|]", r"\\\g<0>", text)


def read_lists(folder: Path, *texts: str) -> dict[str, tuple[str, ...]]:
    """The lists that these name, and those that these lists name in turn. Raises UserError."""
    lists: dict[str, tuple[str, ...]] = {}
    wanted = names(*texts)
    while wanted:
        name = min(wanted)
        if len(lists) == MOST_LISTS:
            raise UserError(f"The prompt brings along more than {MOST_LISTS} lists.", "Use fewer, or larger ones.")
        lists[name] = _read(folder, name)
        wanted = (wanted | names(*lists[name])) - lists.keys()
    return lists


def _read(folder: Path, name: str) -> tuple[str, ...]:
    file = folder / f"{name}.txt"
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UserError(f"{file} is too large for a list.", f"At most {MOST_BYTES // 10**6} MB are read: split it.")
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        hint = f"Make that file, a wording a line; or write \\__{name}__ if no list is meant."
        raise UserError(f"There is no list {name}: {file} is missing.", hint) from None
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.", "Check who may read it.") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is no text in UTF-8.", "Save it anew in that encoding.") from None
    lines = tuple(line for each in text.splitlines() if (line := each.strip()) and not line.startswith("#"))
    if not lines:
        raise UserError(f"The list {name} is empty.", f"Write a wording a line into {file}.")
    return lines


# ---------------------------------------------------------------- reading a prompt


@dataclass
class _Open:
    """A brace that has not been closed yet, and its options so far."""

    options: list[list[str | _Named | _Choice]] = field(default_factory=lambda: [[]])

    def add(self, *parts: str | _Named | _Choice) -> None:
        self.options[-1].extend(parts)

    def close(self) -> _Choice:
        return _Choice(tuple(_weighed(_joined(option)) for option in self.options))

    def as_text(self, end: str) -> list[str | _Named | _Choice]:
        """It was no choice after all."""
        parts: list[str | _Named | _Choice] = ["{"]
        for number, option in enumerate(self.options):
            parts += ["|", *option] if number else option
        return [*parts, end]


def _parse(text: str) -> _Parts:
    outside = _Open()
    opened: list[_Open] = []
    end = 0
    for token in TOKEN.finditer(text):
        (opened[-1] if opened else outside).add(text[end : token.start()])
        end = token.end()
        _take(token, outside, opened)
    (opened[-1] if opened else outside).add(text[end:])
    while opened:
        left = opened.pop().as_text("")
        (opened[-1] if opened else outside).add(*left)
    return _joined(outside.options[0])


def _take(token: re.Match[str], outside: _Open, opened: list[_Open]) -> None:
    here = opened[-1] if opened else outside
    mark = token["mark"]
    if mark == "{":
        opened.append(_Open())
        if len(opened) > DEEPEST:
            raise UserError(f"The braces of the prompt are nested more than {DEEPEST} deep.", "Close some of them.")
    elif mark == "|" and opened:
        here.options.append([])
    elif mark == "}" and opened:
        opened.pop()
        inside = [here.close()] if len(here.options) > 1 else here.as_text("}")
        (opened[-1] if opened else outside).add(*inside)
    elif name := token[3]:
        here.add(_Named(name))
    else:
        here.add(token["literal"] or token[0])


def _joined(parts: Iterable[str | _Named | _Choice]) -> _Parts:
    """Text that stands together is one part."""
    joined: list[str | _Named | _Choice] = []
    texts: list[str] = []
    for part in (*parts, None):
        if isinstance(part, str):
            texts.append(part)
            continue
        if text := "".join(texts):
            joined.append(text)
        texts.clear()
        if part is not None:
            joined.append(part)
    return tuple(joined)


def _weighed(option: _Parts) -> tuple[Fraction, _Parts]:
    first = option[0] if option else None
    if isinstance(first, str) and (found := WEIGHT.match(first)):
        return Fraction(found[1]), (first[found.end() :], *option[1:])
    return Fraction(1), option


def _names_in(parts: _Parts) -> Iterator[str]:
    for part in parts:
        if isinstance(part, _Named):
            yield part.name
        elif isinstance(part, _Choice):
            for _, option in part.options:
                yield from _names_in(option)


# ---------------------------------------------------------------- choosing


class _Resolver:
    """Makes one choice after the other: the nth is the same for the same seed, in whatever prompt."""

    def __init__(self, seed: int, lists: Lists):
        self._seed, self._lists = seed, lists
        self._made = 0  # choices
        self._room = MOST_TEXT

    def words(self, parts: _Parts, within: tuple[str, ...], depth: int = 0) -> str:
        """`within`: the lists that these words come from, one out of the other."""
        if depth > DEEPEST:
            raise UserError(f"Lists and braces are nested more than {DEEPEST} deep.", "Make it simpler.")
        texts: list[str] = []
        for part in parts:
            if isinstance(part, _Choice):
                texts.append(self.words(self._choose(part), within, depth + 1))
            elif isinstance(part, _Named):
                texts.append(self.words(_parse(self._line(part.name, within)), (*within, part.name), depth + 1))
            else:
                texts.append(part)
                self._count(len(part))
        return "".join(texts)

    def _count(self, characters: int) -> None:
        self._room -= characters
        if self._room < 0:
            raise UserError(f"The prompt becomes longer than {MOST_TEXT} characters.", "Use fewer or shorter lists.")

    def _choose(self, choice: _Choice) -> _Parts:
        total = sum(weight for weight, _ in choice.options)
        if not total:
            raise UserError("All alternatives of the prompt have the weight 0.", "Give one of them another weight.")
        place = self._next() * total
        for weight, option in choice.options:
            place -= weight
            if place < 0:
                return option
        raise AssertionError("the weights are no whole")

    def _line(self, name: str, within: tuple[str, ...]) -> str:
        if name in within:
            circle = " → ".join((*within[within.index(name) :], name))
            raise UserError(f"The lists go in a circle: {circle}.", "Take one of these names out of its list.")
        lines = self._lists.get(name)
        if not lines:
            raise UserError(f"There is no list {name}.", f"Write \\__{name}__ if no list is meant.")
        return lines[int(self._next() * len(lines))]

    def _next(self) -> Fraction:
        """At least 0, below 1."""
        digest = sha256(f"{self._seed}/{self._made}".encode()).digest()
        self._made += 1
        self._count(1)  # also choices of nothing come to an end
        return Fraction(int.from_bytes(digest[:8], "big"), 2**64)
