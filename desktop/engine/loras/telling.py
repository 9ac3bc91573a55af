"""What people are told of a LoRA: that it does not fit, or only in part, or does nothing. It never fails silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop.engine.loras.fitting import Fit, covers
from desktop.errors import UserError
from desktop.models import labels
from desktop.models.extras import LABELLED, made_for
from desktop.models.families import FAMILIES
from desktop.models.family import Family
from desktop.recipe import LoraUse

EXAMPLES = 3  # of layers
HINT = "Choose another LoRA, or a model of the kind that it was made for."
SAID = ("modelspec.architecture", "ss_base_model_version")  # where trainers write what they trained on


def check_fits(name: str, fit: Fit, family: Family) -> None:
    """Raises UserError where nothing does."""
    if fit.fitting:
        return
    what = "have another shape here" if fit.misshapen else "has a place in it"
    none = "all" if fit.misshapen else "none"
    message = f"{name} does not fit {family.name}: {none} of its {fit.layers} layers {what}."
    raise UserError(message + origin(fit, family), HINT)


def doubts(use: LoraUse, fit: Fit, family: Family) -> Iterator[str]:
    other = origin(fit, family)
    if missing := (*fit.misshapen, *fit.strangers):
        yield (
            f"{use.name} fits this model only in part: {len(fit.fitting)} of its {fit.layers} layers do.{other} "
            f"Not used: {examples(missing)}."
        )
    elif other and labelled(fit):
        yield f"{use.name} does not suit this model.{other}"
    if fit.is_nothing:
        yield f"{use.name} has no effect: all that it would change is zero."
    if count := sum(part.refused for part in fit.parts.values()):
        yield f"{count} layers of {use.name} are not used: the weights of this model are quantized."
    if idle := [name for name, _ in use.blocks if not _is_block(name, fit)]:
        yield f"{use.name} has no block called {examples(idle)} here: that weight changes nothing."


def _is_block(name: str, fit: Fit) -> bool:
    return any(covers(name, part, path) for part, found in fit.parts.items() for path, _ in found.deltas)


def labelled(fit: Fit) -> str:
    """The id of the family that the file names; empty where it names none."""
    said = [fit.file.metadata.get(key, "") for key in SAID]
    return labels.family([words for words in said if words])


def origin(fit: Fit, family: Family) -> str:
    """For people: what it was made for, by what the file says or its weights show, if it is another family."""
    other = labelled(fit) or fit.file.family
    if other in ("", family.id) or other not in FAMILIES:
        return ""
    fits_whole = len(fit.fitting) == fit.layers
    return "" if fits_whole and LABELLED.get(family.id) == other else f" {made_for('It', [other], family.id)}"


def examples(names: Sequence[str]) -> str:
    return ", ".join(names[:EXAMPLES]) + (", …" if len(names) > EXAMPLES else "")
