"""Prompts to embeddings, once, before the steps begin."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from desktop.engine.inversion import embedded
from desktop.engine.loaded import Loaded
from desktop.errors import UserError
from desktop.models.family import Family
from desktop.recipe import Recipe

Words = dict[str, Any]  # by the names that the pipelines take them under: tensors, lists of them, or the text
READ = "read"  # what a pipeline that is given the text has made of it


def encode(loaded: Loaded, recipe: Recipe, files: Mapping[str, Path]) -> Words:
    """With the embeddings that the recipe calls, of `files` by content id.

    Raises UserError where one does not fit, or more layers are to be skipped than there are.
    """
    with embedded(loaded.pipe, recipe.embeddings, files, loaded.model.family) as spelling:
        prompt, negative = map(spelling.spelled, (recipe.prompt, recipe.negative))
        return _encoded(loaded, replace(recipe, prompt=prompt, negative=negative))


def _encoded(loaded: Loaded, recipe: Recipe) -> Words:
    family = loaded.model.family
    guided = family.is_guided(recipe)
    if not family.words:
        return {"prompt": recipe.prompt, **({"negative_prompt": recipe.negative} if guided else {}), READ: {}}
    encode_prompt = loaded.pipe.encode_prompt
    accepted = inspect.signature(encode_prompt).parameters
    given: dict[str, Any] = _usual(loaded.pipe, accepted) | dict(family.encoding)
    given |= {"device": loaded.device.torch}
    if recipe.clip_skip and family.clip:
        _make_skippable(loaded, recipe.clip_skip)
        given["clip_skip"] = recipe.clip_skip
    if "negative_prompt" in accepted:
        given |= {"negative_prompt": recipe.negative, "do_classifier_free_guidance": guided}
        return _named(family, encode_prompt(prompt=recipe.prompt, **given))
    words = _named(family, encode_prompt(prompt=recipe.prompt, **given))
    if guided:
        negative = _named(family, encode_prompt(prompt=recipe.negative, **given))
        words |= {f"negative_{name}": value for name, value in negative.items()}
    return words


def _usual(pipe: Any, accepted: Any) -> dict[str, Any]:
    """What the pipeline itself would hand over: the defaults of its call, and one picture a prompt."""
    call = inspect.signature(pipe.__call__).parameters
    shared = [name for name in accepted if name in call and call[name].default is not inspect.Parameter.empty]
    return {name: call[name].default for name in shared if name != "prompt"}


def _named(family: Family, encoded: Any) -> Words:
    named = zip(family.words, encoded, strict=False)
    return {name: value for name, value in named if name and value is not None}


def _make_skippable(loaded: Loaded, layers: int) -> None:
    """diffusers looks for the last layer norm of SD 1.5's text encoder where transformers has it no more."""
    for name, part in loaded.parts.items():
        if not name.startswith("text_encoder"):
            continue
        encoder: Any = part
        if hasattr(encoder, "final_layer_norm"):
            encoder.__dict__["text_model"] = encoder  # no submodule: it would hold itself
        if layers >= encoder.config.num_hidden_layers and name != "text_encoder_3":
            hint = f"Choose {encoder.config.num_hidden_layers - 1} at most."
            raise UserError(f"A text encoder of {loaded.model.name} has no {layers} layers to skip.", hint)


def remember(pipe: Any, words: Words, picture: str, precision: torch.dtype) -> None:
    """Lets a pipeline that encodes the text itself do so once, and anew for another picture that it reads with it."""
    read, calls, encode_prompt = words[READ], itertools.count(), pipe.encode_prompt
    if picture not in read:
        read.clear()
        read[picture] = {}

    def remembering(*args: Any, **options: Any) -> Any:
        call = next(calls)
        if call not in read[picture]:
            read[picture][call] = encode_prompt(*args, **options)
        return to(read[picture][call], precision)

    pipe.encode_prompt = remembering


def to(value: Any, precision: torch.dtype) -> Any:
    """Embeddings in that precision; masks of whole numbers, and text, stay what they are."""
    if isinstance(value, list | tuple):
        return type(value)(to(each, precision) for each in value)
    return value.to(precision) if isinstance(value, Tensor) and value.is_floating_point() else value


def tensors(words: Words) -> list[Tensor]:
    flat = [each for value in words.values() for each in (value if isinstance(value, list) else [value])]
    return [each for each in flat if isinstance(each, Tensor) and each.is_floating_point()]


def cut_off(loaded: Loaded, prompt: str, embeddings: Mapping[str, str], files: Mapping[str, Path]) -> str:
    """The end of the prompt that none of the model's text encoders reads; empty where one reads it all.

    `embeddings` count by their vectors: content ids by word, of `files`. Raises UserError as `encode`.
    """
    family = loaded.model.family
    with embedded(loaded.pipe, embeddings, files, family) as spelling:
        spelled = spelling.spelled(prompt)
        rests = [_rest(tokenizer, family.longest_text, spelled) for tokenizer in _tokenizers(loaded)]
    return min(map(spelling.told, rests), key=len, default="")


def _tokenizers(loaded: Loaded) -> list[Any]:
    """Some models keep theirs within a processor, which reads pictures, too."""
    parts = loaded.pipe.components
    found = [part for name, part in parts.items() if name.startswith("tokenizer") and part is not None]
    return [getattr(part, "tokenizer", part) for part in found]


def _rest(tokenizer: Any, longest: int, prompt: str) -> str:
    special = tokenizer.num_special_tokens_to_add()
    ids = tokenizer(prompt, add_special_tokens=False).input_ids
    return tokenizer.decode(ids[min(tokenizer.model_max_length, longest) - special :]).strip()
