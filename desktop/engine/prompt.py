"""Prompts to embeddings, once, before the steps begin."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from desktop.engine.loaded import Loaded
from desktop.recipe import Recipe

NAMES = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")

Words = dict[str, Tensor]  # by the names that the pipelines take them under


def is_guided(recipe: Recipe) -> bool:
    """Whether the negative prompt has a say (CFG)."""
    return recipe.guidance > 1


def encode(loaded: Loaded, recipe: Recipe) -> Words:
    encoded = loaded.text_to_image.encode_prompt(
        prompt=recipe.prompt,
        negative_prompt=recipe.negative,
        device=loaded.device.torch,
        num_images_per_prompt=1,
        do_classifier_free_guidance=is_guided(recipe),
        **loaded.model.family.encoding,
    )
    return {name: tensor for name, tensor in zip(NAMES, encoded, strict=False) if tensor is not None}


def cut_off(loaded: Loaded, prompt: str) -> str:
    """The end of the prompt that none of the model's text encoders reads; empty where one reads it all."""
    rests = [_rest(tokenizer, loaded.model.family.longest_text, prompt) for tokenizer in _tokenizers(loaded)]
    return min(rests, key=len)


def _tokenizers(loaded: Loaded) -> list[Any]:
    parts = loaded.text_to_image.components
    return [part for name, part in parts.items() if name.startswith("tokenizer") and part is not None]


def _rest(tokenizer: Any, longest: int, prompt: str) -> str:
    special = tokenizer.num_special_tokens_to_add()
    ids = tokenizer(prompt, add_special_tokens=False).input_ids
    return tokenizer.decode(ids[min(tokenizer.model_max_length, longest) - special :]).strip()
