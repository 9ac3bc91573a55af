"""X/Y/Z sheets: whether their axes go together, and from that to jobs (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop.engine.api import Job
from desktop.errors import UserError
from desktop.library.jobs import Cell
from desktop.library.sheets import Axis, Sheet, Value
from desktop.models.extras import lora_may_fit, made_for
from desktop.studio.fields import FIELDS, OTHER_MODEL, Bench
from desktop.studio.plan import Draft
from desktop.wildcards import Lists

if TYPE_CHECKING:
    from desktop.models.model import Model

MOST_CELLS = 1000
SLOW = ("model", "vae", "lora", "lora_weight")  # fields whose change takes its time, the slowest first


@dataclass(frozen=True)
class PlannedSheet:
    """A sheet, and its jobs in the order in which they are run, each with its cell."""

    sheet: Sheet
    jobs: tuple[Job, ...]
    cells: tuple[Cell, ...]


def check_axis(axis: Axis, draft: Draft, bench: Bench) -> list[Draft]:
    """What is set, with each of the values. Raises UserError for one that the model cannot do."""
    drafts = [_with(draft, {axis.field: axis}, axis, value, bench) for value in axis.values]
    for each in drafts:
        each.model.check(each.recipe, each.inpaints)
    return drafts


def check_axes(axes: Sequence[Axis], draft: Draft) -> int:
    """How many pictures they make. Raises UserError where they do not go together."""
    names = [axis.field for axis in axes]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{FIELDS[name].label} is on two axes.", "Choose another field for one of them.")
    if "lora_weight" in names and "lora" not in names and not draft.recipe.loras:
        hint = "Choose a LoRA in the prompt panel, or on another axis."
        raise UserError("There is no LoRA whose weight could change.", hint)
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > MOST_CELLS:
        raise UserError(f"{count} pictures are too many for a sheet.", f"At most {MOST_CELLS} fit: use fewer values.")
    return count


def plan_sheet(draft: Draft, axes: Sequence[Axis], bench: Bench, lists: Lists, singles: bool = False) -> PlannedSheet:
    """One job a cell. Those with the same model and other files follow one another. Raises UserError."""
    check_axes(axes, draft)
    sheet = Sheet(tuple(axes), draft.job(lists).work, singles)
    named = {field: axis for field in FIELDS for axis in axes if axis.field == field}  # in this order they are set
    x, y, z = sheet.size
    places = [_by_field(sheet, number) for number in range(x * y * z)]
    numbers = sorted(range(x * y * z), key=lambda number: [places[number].get(field, 0) for field in SLOW])
    jobs: list[Job] = []
    for number in numbers:
        each = draft
        for field, axis in named.items():
            each = _with(each, named, axis, axis.values[places[number][field]], bench)
        jobs.append(each.job(lists))
    return PlannedSheet(sheet, tuple(jobs), tuple(Cell(sheet.id, number) for number in numbers))


def words_of(axes: Sequence[Axis]) -> Iterator[str]:
    """What may come into the prompts."""
    return (str(value) for axis in axes if axis.field in ("prompt", "negative") for value in axis.values)


def models_of(axes: Sequence[Axis], bench: Bench) -> list[Model]:
    """Those on an axis."""
    ids = {value for axis in axes if axis.field == "model" for value in axis.values}
    return [model for model in bench.models if model.id in ids]


def _by_field(sheet: Sheet, number: int) -> dict[str, int]:
    """Where a cell is on each axis."""
    return {axis.field: at for axis, at in zip(sheet.axes, sheet.place(number), strict=False)}


def _with(draft: Draft, axes: Mapping[str, Axis], axis: Axis, value: Value, bench: Bench) -> Draft:
    """`axes`: all there are, by their fields; some say what others are about."""
    if axis.field in ("prompt", "negative"):
        return _replaced(axis.field, draft, str(axis.values[0]), str(value))
    if axis.field == "lora":
        return _with_lora(draft, str(value), axis, bench)
    if axis.field == "lora_weight":
        return _weighed(draft, float(value), axes.get("lora"))
    return FIELDS[axis.field].put(draft, value, bench)


def _with_lora(draft: Draft, file: str, axis: Axis, bench: Bench) -> Draft:
    """Of those on the axis that one only, at the weight of the panel if it is there, too; its others stay.

    Nor is one of the axis used because a tag calls it.
    """
    found = bench.extras.by_id(file)
    if found and not lora_may_fit(found.entry, draft.model.family.id):
        raise UserError(made_for(found.name, [found.entry.family], draft.model.family.id), OTHER_MODEL)
    uses = {use.file: use for use in draft.recipe.loras}
    others = [use for use in draft.recipe.loras if use.file not in axis.values]
    chosen = [uses.get(found.id, found.use)] if found else []
    settled = draft.settled.union(map(str, axis.values))
    return replace(draft, recipe=replace(draft.recipe, loras=(*others, *chosen)), settled=settled)


def _weighed(draft: Draft, weight: float, axis: Axis | None) -> Draft:
    """That much of the LoRAs on their axis, where there is one; else of all of the panel."""
    meant = {use.file for use in draft.recipe.loras if axis is None or use.file in axis.values}
    uses = (replace(use, weight=weight) if use.file in meant else use for use in draft.recipe.loras)
    return replace(draft, recipe=replace(draft.recipe, loras=tuple(uses)), settled=draft.settled | meant)


def _replaced(name: str, draft: Draft, search: str, other: str) -> Draft:
    text: str = getattr(draft.recipe, name)
    if search not in text:
        which = FIELDS[name].label.lower()
        raise UserError(f"“{search}” is not in the {which}.", "The first value is the words that are replaced.")
    return replace(draft, recipe=replace(draft.recipe, **{name: text.replace(search, other)}))
