"""What people are told of a LoRA: that it does not fit, or only in part, or does nothing. It never fails silently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from desktop.engine.loras.fitting import Fit
from desktop.errors import UserError
from desktop.models.families import FAMILIES
from desktop.models.family import Family
from desktop.recipe import LoraUse

EXAMPLES = 3  # of layers
HINT = "Choose another LoRA, or a model of the kind that it was made for."
MADE_FOR = (  # how trainers name what they trained on (modelspec, kohya's scripts), and the family's id
    (r"stable-diffusion-v1|sd_(v1|1\.5)", "sd15"),
    (r"stable-diffusion-v2|sd_v2", "sd2"),
    (r"stable-diffusion-xl|sdxl", "sdxl"),
    (r"stable-diffusion-3|sd3", "sd3"),
    (r"flux-?2", "flux2"),
    (r"flux-?1|flux", "flux"),
    (r"z-?image", "zimage"),
    (r"qwen-?image", "qwen"),
    (r"chroma", "chroma"),
)


def check_fits(name: str, fit: Fit, family: Family) -> None:
    """Raises UserError where nothing does."""
    if fit.fitting:
        return
    what = "have another shape here" if fit.misshapen else "has a place in it"
    none = "all" if fit.misshapen else "none"
    message = f"{name} does not fit {family.name}: {none} of its {fit.layers} layers {what}."
    raise UserError(message + _made_for(fit, family), HINT)


def doubts(use: LoraUse, fit: Fit, family: Family) -> Iterator[str]:
    if other := _made_for(fit, family):
        yield f"{use.name} does not suit this model.{other}"
    if missing := (*fit.misshapen, *fit.strangers):
        yield (
            f"{use.name} fits this model only in part: {len(fit.fitting)} of its {fit.layers} layers do. "
            f"Not used: {examples(missing)}."
        )
    if fit.is_nothing:
        yield f"{use.name} has no effect: all that it would change is zero."
    if count := sum(part.refused for part in fit.parts.values()):
        yield f"{count} layers of {use.name} are not used: the weights of this model are quantized."


def made_for(fit: Fit) -> str:
    """The id of the family that the file names; empty where it names none."""
    told = " ".join(fit.file.metadata.get(key, "") for key in ("modelspec.architecture", "ss_base_model_version"))
    return next((id for pattern, id in MADE_FOR if re.search(pattern, told, re.IGNORECASE)), "")


def examples(names: Sequence[str]) -> str:
    return ", ".join(names[:EXAMPLES]) + (", …" if len(names) > EXAMPLES else "")


def _made_for(fit: Fit, family: Family) -> str:
    other = FAMILIES.get(made_for(fit))
    return f" It was made for {other.name}, and this is {family.name}." if other and other.id != family.id else ""
