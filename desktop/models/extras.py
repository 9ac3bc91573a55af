"""Extras: the files at hand that go into pictures beside the model: LoRAs, embeddings, VAEs, text encoders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import PureWindowsPath

from desktop import tags
from desktop.errors import UserError
from desktop.models.entry import KINDS, Entry
from desktop.recipe import LoraUse, Recipe

ALIKE = 3  # names that are told where there is none of that name


@dataclass(frozen=True)
class Extra:
    """A file by its content id, and the names that it goes by: that of the file first."""

    id: str
    names: tuple[str, ...]
    entry: Entry

    @property
    def name(self) -> str:
        return self.names[0]


@dataclass(frozen=True)
class Extras:
    """All of them, in the order of their names."""

    all: tuple[Extra, ...] = ()

    @staticmethod
    def of(extras: Iterable[Extra]) -> Extras:
        return Extras(tuple(sorted(extras, key=lambda extra: extra.name.casefold())))

    def kind(self, kind: str) -> tuple[Extra, ...]:
        return tuple(extra for extra in self.all if extra.entry.kind == kind)

    def by_id(self, id: str) -> Extra | None:
        return self._by_id.get(id)

    def find(self, kind: str, name: str) -> Extra:
        """By a name, with or without folders, ending and capitals. Raises UserError."""
        file = PureWindowsPath(name)  # takes both kinds of slashes
        for spelling in (name, file.name, file.stem):
            if extra := self._by_name.get((kind, spelling.casefold())):
                return extra
        near = get_close_matches(name, [extra.name for extra in self.kind(kind)], ALIKE)
        hint = (
            f"Did you mean {' or '.join(near)}?" if near else "Models > Find my models looks for files of other tools."
        )
        raise UserError(f"There is no {_in_a_sentence(kind)} {name!r}.", hint)

    @cached_property
    def _by_id(self) -> Mapping[str, Extra]:
        return {extra.id: extra for extra in self.all}

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Extra]:
        """The first of each name counts, and a file's own name more than its others."""
        names: dict[tuple[str, str], Extra] = {}
        for others in (False, True):
            for extra in self.all:
                for name in extra.names[1:] if others else extra.names[:1]:
                    names.setdefault((extra.entry.kind, name.casefold()), extra)
        return names


NO_EXTRAS = Extras()


def with_called(recipe: Recipe, extras: Extras) -> Recipe:
    """The recipe with the LoRAs that tags of its prompts call, which are taken out, and the embeddings that they name.

    A tag counts more than the same LoRA of the panel. Raises UserError where one is not at hand.
    """
    prompt, found = tags.taken_out(recipe.prompt)
    negative, more = tags.taken_out(recipe.negative)
    uses = {use.file: use for use in recipe.loras}
    for tag in (*found, *more):
        extra = extras.find("lora", tag.name)
        uses[extra.id] = LoraUse(extra.id, extra.name, tag.weight, tag.text_weight)
    embeddings = {name: extras.find("embedding", name).id for text in (prompt, negative) for name in tags.called(text)}
    known = {name: extra.id for extra in extras.kind("embedding") for name in extra.names[:1]}
    for text in (prompt, negative):
        embeddings |= {name: known[name] for name in tags.mentioned(text, known)}
    return replace(recipe, prompt=prompt, negative=negative, loras=tuple(uses.values()), embeddings=embeddings)


def _in_a_sentence(kind: str) -> str:
    words = KINDS[kind]
    return words if words.isupper() or words == "LoRA" else words.lower()
