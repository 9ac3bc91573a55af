"""Fields that can vary on a sheet: how their values are written, and how one is put into a draft (pure)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from math import floor
from typing import TYPE_CHECKING, TypeVar

from desktop.errors import UserError
from desktop.library.sheets import Axis, Value
from desktop.models.extras import NO_EXTRAS, Extra, Extras, lora_may_fit
from desktop.models.parts import fit_for, misfit
from desktop.models.samplers import SAMPLERS
from desktop.models.samplers import find as find_sampler
from desktop.studio.plan import Draft
from desktop.styles import Style

if TYPE_CHECKING:
    from desktop.models.model import Model

MOST_VALUES = 100  # on an axis
NONE = "None"
WITHOUT = {"lora": (NONE, "No LoRA"), "vae": ("The model's own", "The model's own VAE")}  # and so it is labelled
OTHER_MODEL = "Leave it out, or choose another model."

DIGITS = r"\d{1,20}(?:\.\d{1,20})?"
NUMBER = re.compile(rf"[+-]?{DIGITS}")
RANGE = re.compile(
    rf"(?P<first>-?{DIGITS})\s*-\s*(?P<last>-?{DIGITS})\s*"
    rf"(?:\(\s*(?P<step>[+-]?{DIGITS})\s*\)|\[\s*(?P<count>\d{{1,9}})\s*\])?"
)

T = TypeVar("T")
Choices = Sequence[tuple[Value, str]]  # values, and how they are written


@dataclass(frozen=True)
class Bench:
    """What there is to choose from."""

    models: Sequence[Model]
    styles: Mapping[str, Style]
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True)
class Field:
    """One that can vary. `read`: from text to values; `put`: one into a draft; `choices`: all, where these are few."""

    label: str
    example: str
    read: Callable[[str, Bench], Choices]
    put: Callable[[Draft, Value, Bench], Draft]
    choices: Callable[[Draft, Bench], list[str]] = lambda draft, bench: []


def read_axis(field: str, text: str, bench: Bench) -> Axis:
    """Lists as in "10, 20, 30", ranges as in "10-30 (+10)" and "1-2 [5]". Raises UserError."""
    row = FIELDS[field]
    found = row.read(text, bench)
    if not found:
        raise UserError(f"There is no value for {row.label}.", f"Write some, as in {row.example}.")
    if len(found) > MOST_VALUES:
        raise UserError(f"{len(found)} values are too many.", f"At most {MOST_VALUES} fit on an axis.")
    return Axis(field, tuple(value for value, _ in found), tuple(label for _, label in found))


# ---------------------------------------------------------------- from text to values


def _parts(text: str) -> list[str]:
    """Between commas; what is in quotes may hold some."""
    try:
        rows = list(csv.reader([text.replace("\n", " ").replace("\0", "")], skipinitialspace=True))
    except csv.Error as error:
        raise UserError(f"These values cannot be read: {error}.", "Put commas between them.") from None
    return [part.strip() for row in rows for part in row if part.strip()]


def _numbers(label: str, whole: bool, text: str, bench: Bench) -> Choices:
    values = [value for part in _parts(text) for value in _range(part)]
    if whole and any(value % 1 for value in values):
        raise UserError(f"{label} takes whole numbers only.", "Write them without a fraction.")
    return [(int(value) if whole else float(value), f"{label} {value.normalize():f}") for value in values]


def _range(part: str) -> list[Decimal]:
    if NUMBER.fullmatch(part):
        return [Decimal(part)]
    found = RANGE.fullmatch(part)
    if found is None:
        raise UserError(f"“{part}” is no number.", "Write numbers as in 10, 20, 30, or a range as in 10-30 (+10).")
    first, last = Decimal(found["first"]), Decimal(found["last"])
    if found["count"]:
        return _spread(part, first, last, int(found["count"]))
    step = Decimal(found["step"]) if found["step"] else Decimal(1 if last >= first else -1)
    if step == 0 or (last - first) * step < 0:
        raise UserError(f"“{part}” goes nowhere.", f"{found['last']} cannot be reached from {found['first']} so.")
    return [first + number * step for number in range(_counted(part, floor((last - first) / step) + 1))]


def _spread(part: str, first: Decimal, last: Decimal, count: int) -> list[Decimal]:
    """So many, evenly; whole ones between whole ones where they are far enough apart."""
    _counted(part, count)
    if count < 2:
        return [first] * count
    values = [first + (last - first) * number / (count - 1) for number in range(count)]
    return [value.quantize(Decimal(1)) if abs(last - first) >= 10 * count else round(value, 4) for value in values]


def _counted(part: str, count: int) -> int:
    if count > MOST_VALUES:
        raise UserError(f"“{part}” makes {count} values.", f"At most {MOST_VALUES} fit on an axis.")
    return count


def _samplers(text: str, bench: Bench) -> Choices:
    return [(key, SAMPLERS[key].name) for part in _parts(text) for key in [find_sampler(part)]]


def _models(text: str, bench: Bench) -> Choices:
    named = {model.name.casefold(): model for model in reversed(bench.models)}
    return [(found.id, found.name) for part in _parts(text) for found in [_find(part, named, "model")]]


def _styles(text: str, bench: Bench) -> Choices:
    named = {name.casefold(): (name, name) for name in bench.styles} | {NONE.casefold(): ("", "No style")}
    return [_find(part, named, "style") for part in _parts(text)]


def _extras(kind: str, text: str, bench: Bench) -> Choices:
    """Content ids; that of none is empty."""
    word, label = WITHOUT[kind]
    parts = _parts(text)
    found = [None if part.casefold() == word.casefold() else bench.extras.find(kind, part) for part in parts]
    return [(extra.id, extra.name) if extra else ("", label) for extra in found]


def _find(name: str, named: Mapping[str, T], what: str) -> T:
    if name.casefold() not in named:
        raise UserError(f"There is no {what} “{name}”.", "Type a part of a name, and choose from the list.")
    return named[name.casefold()]


def _words(text: str, bench: Bench) -> Choices:
    found = _parts(re.sub(r"^\s*S/R\s*:", "", text, flags=re.IGNORECASE))
    if len(found) == 1:
        raise UserError("There is nothing to put in its place.", "First the words that are in the prompt, then others.")
    return [(part, part) for part in found]


# ---------------------------------------------------------------- from values to drafts


def _set(name: str, draft: Draft, value: object, bench: Bench) -> Draft:
    return replace(draft, recipe=replace(draft.recipe, **{name: value}))


def _set_side(name: str, draft: Draft, value: Value, bench: Bench) -> Draft:
    if draft.inpaints:
        raise UserError("On the canvas, the frame says how large a picture is.", "Choose another field.")
    return _set(name, draft, value, bench)


def _set_strength(draft: Draft, value: Value, bench: Bench) -> Draft:
    if draft.recipe.source is None:
        raise UserError("There is no picture to start from.", "Strength says how much of it changes: choose one.")
    return replace(draft, recipe=replace(draft.recipe, source=replace(draft.recipe.source, strength=float(value))))


def _set_model(draft: Draft, value: Value, bench: Bench) -> Draft:
    model = next((model for model in bench.models if model.id == value), draft.model)
    parts = draft.recipe.parts if model.family.id == draft.model.family.id else {}  # they fit no other
    return replace(draft, model=model, recipe=replace(draft.recipe, model=model.id, parts=parts))


def _set_style(draft: Draft, value: Value, bench: Bench) -> Draft:
    return replace(draft, style=bench.styles.get(str(value)))


def _set_vae(draft: Draft, value: Value, bench: Bench) -> Draft:
    found = bench.extras.by_id(str(value))
    wrong = misfit(draft.model, "vae", found.entry) if found else None
    if wrong and not wrong.loads:
        raise UserError(wrong.words, OTHER_MODEL)
    others = {part: file for part, file in draft.recipe.parts.items() if part != "vae"}
    return _set("parts", draft, others | ({"vae": found.id} if found else {}), bench)


def _set_clip_skip(draft: Draft, value: Value, bench: Bench) -> Draft:
    if value and not draft.model.family.clip:
        raise UserError(f"{draft.model.family.name} has no layers that can be skipped.", "Choose another field.")
    return _set("clip_skip", draft, value, bench)


def _keep(draft: Draft, value: Value, bench: Bench) -> Draft:
    """Words and LoRAs need their axis, too: see sheets.py."""
    return draft


def _lora_names(draft: Draft, bench: Bench) -> list[str]:
    return _names(
        "lora", (each for each in bench.extras.kind("lora") if lora_may_fit(each.entry, draft.model.family.id))
    )


def _vae_names(draft: Draft, bench: Bench) -> list[str]:
    return _names("vae", fit_for(draft.model, "vae", bench.extras))


def _names(kind: str, extras: Iterable[Extra]) -> list[str]:
    """What stands for none, and each name once: two files may have one."""
    return [WITHOUT[kind][0], *dict.fromkeys(extra.name for extra in extras)]


def _number(label: str, name: str, example: str, whole: bool = True) -> Field:
    return Field(label, example, partial(_numbers, label, whole), partial(_set, name))


def _side(label: str, name: str) -> Field:
    return Field(label, "512, 768 or 512-1024 (+128)", partial(_numbers, label, True), partial(_set_side, name))


FIELDS = {
    "steps": _number("Steps", "steps", "10, 20, 30 or 10-30 (+10)"),
    "guidance": _number("Guidance", "guidance", "3, 5, 7 or 1-2 [5]", whole=False),
    "seed": _number("Seed", "seed", "1, 2, 3 or 1-10"),
    "sampler": Field(
        "Sampler",
        "Euler, DPM++ 2M Karras",
        _samplers,
        partial(_set, "sampler"),
        lambda draft, bench: [SAMPLERS[key].name for key in draft.model.family.samplers],
    ),
    "strength": Field("Strength", "0.3, 0.5 or 0.2-0.8 (+0.2)", partial(_numbers, "Strength", False), _set_strength),
    "width": _side("Width", "width"),
    "height": _side("Height", "height"),
    "prompt": Field("Prompt", "red, blue, green", _words, _keep),
    "negative": Field("Negative prompt", "fog, rain", _words, _keep),
    "model": Field(
        "Model", "names of models", _models, _set_model, lambda draft, bench: [model.name for model in bench.models]
    ),
    "style": Field("Style", "Watercolour, None", _styles, _set_style, lambda draft, bench: [NONE, *bench.styles]),
    "lora": Field("LoRA", "None, names of LoRAs", partial(_extras, "lora"), _keep, _lora_names),
    "lora_weight": Field("LoRA weight", "0.4, 0.8 or 0-1 [5]", partial(_numbers, "LoRA weight", False), _keep),
    "vae": Field("VAE", "The model's own, names of VAEs", partial(_extras, "vae"), _set_vae, _vae_names),
    "clip_skip": Field(
        "Clip skip", "0, 1 (A1111 counts one more)", partial(_numbers, "Clip skip", True), _set_clip_skip
    ),
}
