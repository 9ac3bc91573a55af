"""How pipelines hold latents: as planes, or as a row of tokens, each a square of them. The shape says which."""

from __future__ import annotations

import math

from torch import Tensor

from desktop.errors import UserError


def laid_out(latents: Tensor, like: Tensor) -> Tensor:
    """Latents 1 x C x h x w in the layout of `like`. Raises UserError for one that is not known."""
    if like.ndim == 5:
        return latents.unsqueeze(2)
    if like.ndim == 4:
        return latents
    _, channels, height, width = latents.shape
    side = _side(like, height, width)
    squares = latents.view(1, channels, height // side, side, width // side, side)
    return squares.permute(0, 2, 4, 1, 3, 5).reshape(1, -1, channels * side * side)


def planes(latents: Tensor, height: int, width: int) -> Tensor:
    """Latents 1 x C x h x w, out of whatever layout; h and w are given."""
    if latents.ndim == 5:
        return latents.squeeze(2)
    if latents.ndim == 4:
        return latents
    side = _side(latents, height, width)
    squares = latents.view(1, height // side, width // side, -1, side, side)
    return squares.permute(0, 3, 1, 4, 2, 5).reshape(1, -1, height, width)


def _side(tokens: Tensor, height: int, width: int) -> int:
    """Of the square of latents that is a token."""
    side = math.isqrt(height * width // tokens.shape[1]) if tokens.ndim == 3 else 0
    if not side or height * width != side * side * tokens.shape[1]:
        message = "This model's latents are laid out in a way that is not known here."
        raise UserError(message, "Let it make the picture from text only.")
    return side
