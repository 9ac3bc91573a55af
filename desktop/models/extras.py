"""Extras: the files at hand that go into pictures beside the model: LoRAs, embeddings, VAEs, text encoders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import PureWindowsPath

from desktop import tags
from desktop.errors import UserError
from desktop.models.entry import KINDS, Entry
from desktop.models.families import FAMILIES
from desktop.recipe import LoraUse, Recipe

ALIKE = 3  # names that are told where there is none of that name
PROMPTS = ("prompt", "negative")
READ_BY = {
    "starter": "starter",
    "sd15": "sd15",
    "sd2": "sd2",
    "sdxl": "sdxl",
    "sdxl-refiner": "sdxl",
}  # families that read embeddings, since all their text encoders are CLIP, and for which these are made
LABELLED = {"starter": "sd15"}  # families whose LoRAs say that they are for another one, of the same architecture


@dataclass(frozen=True)
class Extra:
    """A file by its content id, and the names that it goes by: that of the file first."""

    id: str
    names: tuple[str, ...]
    entry: Entry

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def use(self) -> LoraUse:
        """Of a LoRA, as much of it as is told beside its file."""
        return LoraUse(self.id, self.name, self.entry.weight or LoraUse.weight)


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

    def find(self, kind: str, name: str, family: str = "") -> Extra:
        """By a name, with or without folders, ending and capitals. Raises UserError.

        Of several that go by it, one in the folder that is named, and one for that family, before others.
        """
        if found := self.called(kind, name):
            folder = PureWindowsPath(name).parent.name.casefold()
            return min(found, key=lambda each: (not _lies_in(each, folder), not _is_for(each, family)))
        near = get_close_matches(name, [extra.name for extra in self.kind(kind)], ALIKE)
        hint = (
            f"Did you mean {' or '.join(near)}?" if near else "Models > Find my models looks for files of other tools."
        )
        raise UserError(f"There is no {_in_a_sentence(kind)} {name!r}.", hint)

    def called(self, kind: str, name: str) -> tuple[Extra, ...]:
        """All that go by that name."""
        file = PureWindowsPath(name)  # takes both kinds of slashes
        spellings = (name, file.name, file.stem, tags.callable_name(name))
        found = (self._by_name.get((kind, spelling.casefold())) for spelling in spellings)
        return next(filter(None, found), ())

    def place(self, extra: Extra) -> str:
        """The folder that tells it from others of its name; empty where there are none."""
        others = [each for each in self.called(extra.entry.kind, extra.name) if each.entry.path != extra.entry.path]
        return extra.entry.path.parent.name if any(each.name == extra.name for each in others) else ""

    @cached_property
    def _by_id(self) -> Mapping[str, Extra]:
        return {extra.id: extra for extra in self.all}

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], tuple[Extra, ...]]:
        """A file's own name counts more than its others, and than what tags make of it."""
        names: dict[tuple[str, str], tuple[Extra, ...]] = {}
        own = [(extra, extra.name) for extra in self.all]
        others = [(extra, name) for extra in self.all for name in extra.names[1:]]
        for rows in (own, others, [(extra, tags.callable_name(name)) for extra, name in (*own, *others)]):
            found: dict[tuple[str, str], tuple[Extra, ...]] = {}
            for extra, name in rows:
                key = (extra.entry.kind, name.casefold())
                found[key] = (*found.get(key, ()), extra)
            names = found | names
        return names


NO_EXTRAS = Extras()


def lora_may_fit(entry: Entry, family: str) -> bool:
    """As far as its header tells."""
    return entry.may_be_for(family) or LABELLED.get(family) == entry.family


def made_for(name: str, theirs: Iterable[str], ours: str) -> str:
    """For people: that it is one of other families, by their ids."""
    other, own = (" or ".join(FAMILIES[id].name if id in FAMILIES else id for id in ids) for ids in (theirs, [ours]))
    return f"{name} was made for {other}, and this is {own}."


def _lies_in(extra: Extra, folder: str) -> bool:
    return extra.entry.path.parent.name.casefold() == folder


def _is_for(extra: Extra, family: str) -> bool:
    return extra.entry.family == family or (extra.entry.kind == "lora" and lora_may_fit(extra.entry, family))


def with_called(
    recipe: Recipe,
    family: str,
    extras: Extras,
    typed: Collection[str] = PROMPTS,
    settled: Collection[str] = (),
) -> Recipe:
    """The recipe with the LoRAs that tags of its prompts call, which are taken out, and the embeddings of its prompts.

    A tag counts more than the same LoRA of the panel, but nothing for files that are `settled`. Embeddings that the
    recipe has already are kept as long as their words stand there; others are looked for in the prompts that were
    `typed`. Raises UserError where what is called outright is not at hand.
    """
    taken = {name: tags.taken_out(getattr(recipe, name)) for name in PROMPTS}
    texts = {name: text for name, (text, _) in taken.items()}
    called = [(tag, extras.find("lora", tag.name, family)) for _, found in taken.values() for tag in found]
    uses = [
        LoraUse(extra.id, extra.name, tag.weight, tag.text_weight, tag.blocks)
        for tag, extra in called
        if extra.id not in settled
    ]
    loras = {use.file: use for use in (*recipe.loras, *added_up(uses))}
    kept = _kept(recipe.embeddings, "\n".join(texts.values()), family, extras)
    new = [pair for name in typed for pair in _embeddings(texts[name], family, extras)]
    embeddings = _each_once((*kept.items(), *new))
    return replace(recipe, **texts, loras=tuple(loras.values()), embeddings=embeddings)


def added_up(uses: Iterable[LoraUse]) -> tuple[LoraUse, ...]:
    """Each file once: what is used twice is used that much more."""
    found: dict[str, LoraUse] = {}
    for use in uses:
        found[use.file] = _sum(found[use.file], use) if use.file in found else use
    return tuple(found.values())


def _sum(one: LoraUse, other: LoraUse) -> LoraUse:
    text, more = (use.weight if use.text_weight is None else use.text_weight for use in (one, other))
    weight = one.weight + other.weight
    return replace(one, weight=weight, text_weight=None if text + more == weight else text + more)


def _kept(embeddings: Mapping[str, str], text: str, family: str, extras: Extras) -> dict[str, str]:
    """Those whose words stand there, whatever the files are called by now; for another family some mean nothing."""
    outright = {word.casefold() for word in tags.called(text)}
    found = {word: extras.by_id(embeddings[word]) for word in tags.mentioned(text, embeddings)}
    meant = (word for word, extra in found.items() if word.casefold() in outright or _may_be_read(extra, family))
    return {word: embeddings[word] for word in meant}


def _embeddings(text: str, family: str, extras: Extras) -> Iterator[tuple[str, str]]:
    """Content ids by word: of those called outright, and of those merely mentioned that the family can read."""
    yield from ((name, extras.find("embedding", name).id) for name in tags.called(text))
    known = {each.name: each.id for each in reversed(extras.kind("embedding")) if _may_be_read(each, family)}
    yield from ((name, known[name]) for name in tags.mentioned(text, known))


def _may_be_read(embedding: Extra | None, family: str) -> bool:
    """By a family's text encoders; of a file that is not at hand nothing tells against it."""
    makers = READ_BY.get(family)
    return makers is not None and (embedding is None or embedding.entry.may_be_for(makers))


def _each_once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first of each word, in whatever capitals."""
    found: dict[str, tuple[str, str]] = {}
    for word, id in pairs:
        found.setdefault(word.casefold(), (word, id))
    return dict(found.values())


def _in_a_sentence(kind: str) -> str:
    words = KINDS[kind]
    return words if words.isupper() or words == "LoRA" else words.lower()
