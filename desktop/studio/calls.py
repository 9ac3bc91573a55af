"""Calls: what is to be told of the LoRAs that a prompt calls by tags, while it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desktop import tags
from desktop.errors import UserError
from desktop.models.extras import Extra, Extras
from desktop.studio.clinic import Finding, at_a_glance, is_block
from desktop.tags import Tag

Found = Callable[[str], Finding | None]  # what a close look at a file has shown


def told(prompt: str, extras: Extras, family: str, found: Found) -> tuple[Finding, ...]:
    """What is not as it seems, and what is only good to know; `family`: that of the model."""
    try:
        _, called = tags.taken_out(prompt)
    except UserError as error:
        return (Finding(False, f"{error.message} {error.hint}"),)
    return tuple(dict.fromkeys(each for tag in called for each in _told(tag, extras, family, found)))


def _told(tag: Tag, extras: Extras, family: str, found: Found) -> Iterator[Finding]:
    if not extras.called("lora", tag.name):
        yield Finding(False, f"There is no LoRA “{tag.name}” here.")
        return
    extra = extras.find("lora", tag.name, family)
    yield from _which(tag, extra, extras)
    finding = at_a_glance(extras, extra.id, family) or found(extra.id)
    if finding and not finding.works:
        yield finding
    if words := tags.left_unread(tag):
        yield Finding(False, words)
    places = finding.places if finding else ()
    if strange := [name for name, _ in tag.blocks if places and not is_block(name, places)]:
        yield Finding(False, f"{tag.name} has no block “{strange[0]}” here: that changes nothing.")


def _which(tag: Tag, extra: Extra, extras: Extras) -> Iterator[Finding]:
    place = extras.place(extra)
    if place and "/" not in tag.name and "\\" not in tag.name:
        words = f"Of the LoRAs called {tag.name}, the one in {place} is taken: {place}/{tag.name} names it for sure."
        yield Finding(True, words)
