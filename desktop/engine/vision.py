"""torchvision, by which transformers feeds text encoders that see; some builds of torch have none, or none that works.

One that cannot be imported would keep nearly all of diffusers from being imported, too: it counts as absent.
"""

from __future__ import annotations

import sys

from desktop.errors import UserError

try:
    import torchvision  # noqa: F401
except (ImportError, OSError, RuntimeError):  # the last: it is made for another torch
    sys.modules["torchvision"] = None  # pyright: ignore[reportArgumentType] whoever looks for it finds none

LACKING = "torchvision is not here, or not for this torch"


def is_there() -> bool:
    return sys.modules.get("torchvision") is not None


def missing(model: str) -> UserError:
    """What to tell of a model that cannot do without."""
    hint = "Choose another model, or get the Sfumato for graphics cards, which has it."
    return UserError(f"{model} cannot do without torchvision, which this Sfumato lacks.", hint)
