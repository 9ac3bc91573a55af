"""Textual inversion: words that stand for vectors from a file, for as long as a prompt is encoded.

Each vector gets a character that no text uses, which copies of the tokenizers know, and hooks on the text encoders
lay the vectors where these characters stand. Nothing of the model is changed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from tokenizers import AddedToken
from torch import Tensor, nn

from desktop.engine.unsafe import read_pickle
from desktop.errors import UserError
from desktop.models.entry import PICKLES
from desktop.models.family import Family
from desktop.models.weights import content_id, read_header
from desktop.recipe import Recipe
from desktop.tags import mentioned

FIRST = 0xF0000  # of the characters: Unicode leaves them to whoever wants them
MOST = 256  # vectors of one prompt
MOST_BYTES = 64_000_000  # of a file
BUNDLED = "bundle_emb."  # what tensors are called in a LoRA's file, before the word
BUNDLE = re.compile(rf"{re.escape(BUNDLED)}(.+?)\.(string_to_param\.\*|[^.]+)")  # words may have dots
XL = {"text_encoder": "clip_l", "text_encoder_2": "clip_g"}
MADE_FOR = {768: "Stable Diffusion 1.5", 1024: "Stable Diffusion 2"}  # by width
END_OF_WORD = "</w>"  # that a copy of a tokenizer leaves in what it decodes
VECTORS = re.compile(f"[{chr(FIRST)}-{chr(FIRST + MOST - 1)}]")
ENDING = r"(?:\.(?:safetensors|pt|bin))?"

Vectors = dict[str, Tensor]  # of one embedding: n x width by text encoder's kind: "clip_l", "clip_g"; "" where not told


@dataclass(frozen=True)
class Spelling:
    """How prompts are written for the copies of the tokenizers: a character for each vector."""

    characters: Mapping[str, str] = field(default_factory=dict)  # those of each word's vectors, one after the other

    @staticmethod
    def of(counts: Mapping[str, int]) -> Spelling:
        """By how many vectors each word has."""
        ends = accumulate(counts.values(), initial=FIRST)
        return Spelling({word: _range(*span) for word, span in zip(counts, pairwise(ends), strict=True)})

    def spelled(self, prompt: str) -> str:
        """Each word becomes its characters, whether it is called outright or stands there as it is."""
        if not self.characters:
            return prompt
        words = sorted(self.characters, key=len, reverse=True)  # "ink wash" before "ink"
        choices = "|".join(f"({re.escape(word)})" for word in words)
        called = rf"(?<!\w)(?:embedding:)?(?:{choices}){ENDING}(?!\w)"
        clean = VECTORS.sub("", prompt)  # nobody else may write these
        return re.sub(
            called, lambda found: self.characters[words[(found.lastindex or 1) - 1]], clean, flags=re.IGNORECASE
        )

    def told(self, text: str) -> str:
        """The end of a spelled prompt, in words again; one of which only the last vectors are there is told, too."""
        if not self.characters:
            return text
        for word, characters in self.characters.items():
            text = text.replace(characters[-1], f" {word} ")
        return re.sub(" {2,}", " ", VECTORS.sub("", text.replace(END_OF_WORD, " "))).strip()


@contextmanager
def embedded(pipe: Any, embeddings: Mapping[str, str], files: Mapping[str, Path], family: Family) -> Iterator[Spelling]:
    """While this lasts the pipeline knows the embeddings, content ids by word. Raises UserError."""
    if not embeddings:
        yield Spelling()
        return
    encoders = _encoders(pipe, family)
    words = {word: _fitted(word, _read(word, id, files[id]), encoders, family) for word, id in embeddings.items()}
    count = sum(_count(vectors) for vectors in words.values())
    if count > MOST:
        raise UserError(f"The embeddings of this prompt have {count} vectors.", f"{MOST} can be had; leave some out.")
    with ExitStack() as stack:
        for name, encoder in encoders.items():
            vectors = torch.cat([each[name] for each in words.values()])
            stack.enter_context(_known(pipe, name.replace("text_encoder", "tokenizer"), encoder, vectors))
        yield Spelling.of({word: _count(vectors) for word, vectors in words.items()})


def _encoders(pipe: Any, family: Family) -> dict[str, Any]:
    parts = pipe.components
    found = {name: part for name, part in parts.items() if name.startswith("text_encoder") and part is not None}
    if not found or not all(str(part.config.model_type).startswith("clip") for part in found.values()):
        hint = "They are for Stable Diffusion 1.5, 2 and XL: leave them out, or choose such a model."
        raise UserError(f"{family.name} cannot read embeddings.", hint)
    return found


def _count(vectors: Vectors) -> int:
    return len(next(iter(vectors.values())))


# ---------------------------------------------------------------- files


def with_bundled(recipe: Recipe, files: Mapping[str, Path]) -> Recipe:
    """With the embeddings that its LoRAs bring, where a prompt says their words: OneTrainer writes both into a file."""
    found = bundled(recipe, files)
    return replace(recipe, embeddings={**found, **recipe.embeddings}) if found else recipe


def bundled(recipe: Recipe, files: Mapping[str, Path]) -> dict[str, str]:
    """The LoRAs, by their content ids, that bring what prompts mention, by these words."""
    text = f"{recipe.prompt}\n{recipe.negative}"
    return {word: use.file for use in recipe.loras if use.weight for word in mentioned(text, _bundles(files[use.file]))}


def _bundles(file: Path) -> dict[str, dict[str, str]]:
    """The words of a LoRA's own embeddings, and the names of their tensors by what these are."""
    found: dict[str, dict[str, str]] = {}
    with suppress(OSError, SafetensorError), safe_open(file, "pt") as opened:  # whoever reads all of it tells more
        for key in opened.keys():  # noqa: SIM118 it is no dictionary
            if match := BUNDLE.fullmatch(key):
                found.setdefault(match[1], {})[match[2]] = key
    return found


def _read(word: str, id: str, file: Path) -> Vectors:
    """Raises UserError."""
    try:
        if content_id(file) != id:
            raise UserError(f"{word} has changed since the recipe was made.", "Choose the embedding anew.")
        if names := _bundles(file).get(word):
            with safe_open(file, "pt") as opened:
                tensors = {name: opened.get_tensor(key) for name, key in names.items()}
        elif file.stat().st_size > MOST_BYTES:
            raise UserError(f"{word} is too large for an embedding.", "Choose another file.")
        else:
            tensors = read_pickle(file) if file.suffix.lower() in PICKLES else _safe(word, file)
    except OSError as error:
        raise UserError(f"{word} cannot be read: {error.strerror}.", "Choose the embedding anew.") from None
    both = {name: tensors[name] for name in XL.values() if name in tensors}
    alone = tensors.get("emb_params", next(iter(tensors.values()), None) if len(tensors) == 1 else None)
    vectors = both or ({"": alone} if alone is not None else {})
    return {name: _checked(word, tensor) for name, tensor in vectors.items()} or _refuse(word)


def _safe(word: str, file: Path) -> dict[str, Tensor]:
    read_header(file)
    try:
        return safetensors.torch.load(file.read_bytes())
    except (SafetensorError, ValueError, KeyError):
        return _refuse(word)


def _checked(word: str, tensor: Tensor) -> Tensor:
    vectors = tensor[None] if tensor.dim() == 1 else tensor
    if vectors.dim() != 2 or not vectors.numel() or not vectors.is_floating_point():
        _refuse(word)
    vectors = vectors.float()
    if not torch.isfinite(vectors).all():
        raise UserError(f"{word} is damaged: it holds numbers that are none.", "Fetch the file again.")
    return vectors


def _refuse(word: str) -> Any:
    raise UserError(f"{word} is no embedding.", "Choose a file of textual inversion, or leave the word out.")


def _fitted(word: str, vectors: Vectors, encoders: Mapping[str, Any], family: Family) -> Vectors:
    """By text encoder. Raises UserError where the file is for another kind of model."""
    kinds = {name: XL[name] for name in encoders} if "text_encoder_2" in encoders else {"text_encoder": ""}
    if "clip_g" not in vectors and "" in kinds.values():
        vectors = {"": next(iter(vectors.values()))}
    found = {name: vectors[kind] for name, kind in kinds.items() if kind in vectors}
    same = len({len(each) for each in found.values()}) == 1
    fits = all(each.shape[1] == encoders[name].config.hidden_size for name, each in found.items())
    if len(found) < len(encoders) or not same or not fits:
        widths = [each.shape[1] for each in vectors.values()]
        made_for = "Stable Diffusion XL" if "clip_g" in vectors else MADE_FOR.get(widths[0], f"vectors of {widths[0]}")
        raise UserError(f"{word} is an embedding for {made_for}, not for {family.name}.", "Leave it out.")
    return found


# ---------------------------------------------------------------- prompts


def _range(start: int, stop: int) -> str:
    return "".join(map(chr, range(start, stop)))


@contextmanager
def _known(pipe: Any, tokenizer: str, encoder: nn.Module, vectors: Tensor) -> Iterator[None]:
    """The pipeline's tokenizer reads the characters, and the encoder sees the vectors in their place."""
    original = getattr(pipe, tokenizer)
    knowing = copy.deepcopy(original)
    knowing.add_tokens([AddedToken(chr(FIRST + number), normalized=False) for number in range(len(vectors))])
    laying = _Laying(knowing.convert_tokens_to_ids(chr(FIRST)), vectors)
    hooks = [
        encoder.register_forward_pre_hook(laying.hide, with_kwargs=True),
        encoder.get_input_embeddings().register_forward_hook(laying.lay),  # pyright: ignore[reportCallIssue]
    ]
    setattr(pipe, tokenizer, knowing)
    try:
        yield
    finally:
        setattr(pipe, tokenizer, original)
        for hook in hooks:
            hook.remove()


@dataclass(eq=False)
class _Laying:
    """Hides the vectors' tokens from the encoder, which looks for its last one by its number, and lays the vectors."""

    first: int  # token of the first vector
    vectors: Tensor
    ids: Tensor | None = None

    def hide(
        self, _: nn.Module, given: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        ids: Tensor = named["input_ids"] if "input_ids" in named else given[0]
        hidden = ids.masked_fill(ids >= self.first, 0)
        self.ids = ids
        return ((), named | {"input_ids": hidden}) if "input_ids" in named else ((hidden, *given[1:]), named)

    def lay(self, _: nn.Module, given: tuple[Any, ...], output: Tensor) -> Tensor:
        assert self.ids is not None
        ids = self.ids.view(output.shape[:-1])
        output[ids >= self.first] = self.vectors.to(output)[ids[ids >= self.first] - self.first]
        return output
