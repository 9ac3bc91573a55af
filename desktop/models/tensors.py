"""The tensors of a model file, their shapes and places: what is loaded from it, and what may be said of its model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from desktop.errors import UserError
from desktop.models.contents import Contents, read_contents
from desktop.models.damage import Damaged
from desktop.models.weights import check_tensors


@dataclass(frozen=True)
class Stored:
    """A tensor in a file."""

    shape: tuple[int, ...]  # as the model has it, whatever its quantization
    begin: int  # of its bytes in the file; of GGUF neither is known
    end: int

    @property
    def values(self) -> int:
        return prod(self.shape)


def tensors_in(file: Path) -> dict[str, Stored]:
    """By name. Raises UserError."""
    try:
        return tensors_of(file, read_contents(file))
    except OSError as error:
        raise UserError(f"{file.name} cannot be read: {error.strerror}.", "Choose the file anew.") from None
    except Damaged as error:
        raise _damaged(file, str(error)) from None


def tensors_of(file: Path, contents: Contents) -> dict[str, Stored]:
    """The same of a file that has been read. Raises UserError."""
    if contents.problem:
        raise _damaged(file, contents.problem)
    places = {name: tensor["data_offsets"] for name, tensor in contents.tensors.items() if "data_offsets" in tensor}
    try:
        last = check_tensors(contents.tensors) if places else 0
    except Damaged as error:
        raise _damaged(file, str(error)) from None
    first = contents.bytes - last
    spans = {name: (first + begin, first + end) for name, (begin, end) in places.items()}
    return {name: Stored(contents.shape(name), *spans.get(name, (0, 0))) for name in contents.tensors}


def _damaged(file: Path, problem: str) -> UserError:
    return UserError(f"{file.name}: {problem}.", "Fetch the file again.")


def values_of(tensors: Mapping[str, Stored], names: Iterable[str]) -> int:
    return sum(tensors[name].values for name in names)
