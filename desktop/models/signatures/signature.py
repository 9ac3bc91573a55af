"""Signature: the names and shapes that a kind of file is known by. The rows are in the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.models.contents import Contents

NONE: Mapping[int, str] = {}
Family = (
    str | tuple[str, ...]
)  # of several that look alike, the first unless a label says another; "" where none is sure


@dataclass(frozen=True)
class Side:
    """One side of a tensor's shape, the first of `keys` that is there, and what its lengths mean."""

    keys: tuple[str, ...]
    side: int
    means: Mapping[int, Family]

    def told(self, contents: Contents, prefix: str) -> Family | None:
        """None where it is not there, or of a length that means nothing."""
        for key in self.keys:
            if len(shape := contents.shape(prefix + key)) > self.side:
                return self.means.get(shape[self.side])
        return None


@dataclass(frozen=True)
class Told:
    """What a file is."""

    kind: str = "unknown"
    family: str = ""
    variant: str = ""
    alike: tuple[str, ...] = ()  # families that its names and shapes fit as well


@dataclass(frozen=True)
class Signature:
    """A row. All of `keys` are there, behind one of `prefixes`."""

    kind: str
    keys: tuple[str, ...]
    family: Family = ""  # where nothing below tells it
    variant: str = ""
    prefixes: tuple[str, ...] = ("",)
    families: Side | None = None
    variants: Side | None = None
    family_marks: Mapping[str, str] = field(default_factory=dict)  # by tensors that are there, if no shape tells
    variant_marks: Mapping[str, str] = field(default_factory=dict)

    def told(self, contents: Contents, prefix: str) -> Told | None:
        """None for another kind of file."""
        if not all(prefix + key in contents.tensors for key in self.keys):
            return None
        family = self.families.told(contents, prefix) if self.families else None
        if family is None:
            family = _marked(contents, prefix, self.family_marks) or self.family
        variant = self.variants.told(contents, prefix) if self.variants else None
        variant = variant or _marked(contents, prefix, self.variant_marks) or self.variant
        kind = "diffusion" if self.kind == "checkpoint" and not _is_whole(contents, prefix) else self.kind
        alike = (family,) if isinstance(family, str) else family
        return Told(kind, alike[0], str(variant), alike)


OTHER_PARTS = ("first_stage_model.", "cond_stage_model.", "conditioner.", "text_encoders.", "text_encoder.", "vae.")


def _is_whole(contents: Contents, prefix: str) -> bool:
    """Whether text encoders or a VAE come with the denoiser."""
    return bool(prefix) and any(
        f"\n{part}" in contents.names or contents.names.startswith(part) for part in OTHER_PARTS
    )


def _marked(contents: Contents, prefix: str, marks: Mapping[str, str]) -> str:
    tensors = contents.tensors
    return next((words for key, words in marks.items() if prefix + key in tensors or key in tensors), "")
