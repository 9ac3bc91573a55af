"""What people are told of a LoRA: that it does not fit, or only in part, or does nothing. It never fails silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop.engine.loras.fitting import Fit
from desktop.errors import UserError
from desktop.models import labels
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
    elif other and made_for(fit):
        yield f"{use.name} does not suit this model.{other}"
    if fit.is_nothing:
        yield f"{use.name} has no effect: all that it would change is zero."
    if count := sum(part.refused for part in fit.parts.values()):
        yield f"{count} layers of {use.name} are not used: the weights of this model are quantized."


def made_for(fit: Fit) -> str:
    """The id of the family that the file names; empty where it names none."""
    said = [fit.file.metadata.get(key, "") for key in SAID]
    return labels.family([words for words in said if words])


def origin(fit: Fit, family: Family) -> str:
    """For people: what it was made for, by what the file says or its weights show, if it is another family."""
    other = FAMILIES.get(made_for(fit) or fit.file.family)
    return f" It was made for {other.name}, and this is {family.name}." if other and other.id != family.id else ""


def examples(names: Sequence[str]) -> str:
    return ", ".join(names[:EXAMPLES]) + (", …" if len(names) > EXAMPLES else "")
