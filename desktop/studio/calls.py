"""Calls: what is to be told of the LoRAs that a prompt calls by tags, while it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desktop import tags
from desktop.errors import UserError
from desktop.models.extras import Extra, Extras
from desktop.studio.clinic import Finding, at_a_glance, is_block
from desktop.tags import Tag

Found = Callable[[str], Finding | None]  # what a close look at a file has shown


def told(prompt: str, extras: Extras, family: str, found: Found) -> tuple[str, ...]:
    """A sentence each, of what is not as it seems; `family`: that of the model."""
    try:
        _, called = tags.taken_out(prompt)
    except UserError as error:
        return (f"{error.message} {error.hint}",)
    return tuple(dict.fromkeys(words for tag in called for words in _told(tag, extras, family, found)))


def _told(tag: Tag, extras: Extras, family: str, found: Found) -> Iterator[str]:
    if not extras.called("lora", tag.name):
        yield f"There is no LoRA “{tag.name}” here."
        return
    extra = extras.find("lora", tag.name, family)
    yield from _which(tag, extra, extras)
    finding = at_a_glance(extras, extra.id, family) or found(extra.id)
    if finding and not finding.works:
        yield finding.words
    if tag.unread:
        yield f"Of {tag.name}, “{tag.unread[0]}” is not used: weights of blocks are written up_blocks.1=0.5."
    places = finding.places if finding else ()
    if strange := [name for name, _ in tag.blocks if places and not is_block(name, places)]:
        yield f"{tag.name} has no block “{strange[0]}” here: that changes nothing."


def _which(tag: Tag, extra: Extra, extras: Extras) -> Iterator[str]:
    place = extras.place(extra)
    if place and "/" not in tag.name and "\\" not in tag.name:
        yield f"Of the LoRAs called {tag.name}, the one in {place} is taken: {place}/{tag.name} names it for sure."
