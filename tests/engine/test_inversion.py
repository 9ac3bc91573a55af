"""Words that stand for vectors of a file, for as long as a prompt is encoded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor

from desktop.engine import tiny
from desktop.engine.inversion import FIRST, embedded
from desktop.engine.tiny.words import WIDTH
from desktop.errors import UserError
from desktop.models.families import FAMILIES
from desktop.models.weights import content_id

WORD = "painted-sky"


def vectors(count: int = 3, width: int = WIDTH, seed: int = 0) -> Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def saved(file: Path, tensors: dict[str, Tensor]) -> Path:
    save_file(tensors, file)
    return file


def encode(
    pipe: Any, prompt: str, *files: Path, words: tuple[str, ...] = (WORD,), family: str = "sd15"
) -> list[Tensor]:
    ids = {word: content_id(file) for word, file in zip(words, files, strict=bool(files))}
    paths = {content_id(file): file for file in files}
    with torch.no_grad(), embedded(pipe, ids, paths, FAMILIES[family]) as spelling:
        found = pipe.encode_prompt(
            prompt=spelling.spelled(prompt), device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False
        )
    return [tensor for tensor in found if tensor is not None]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return {"sd15": tiny.make("sd15"), "sdxl": tiny.make("sdxl")}


@pytest.fixture
def sd15(made: dict[str, Any]) -> Iterator[Any]:
    """Is left as it was found."""
    pipe = made["sd15"]
    tokenizer, words = pipe.tokenizer, len(pipe.tokenizer)
    before = encode(pipe, "a house")
    yield pipe
    assert pipe.tokenizer is tokenizer
    assert len(tokenizer) == words
    assert torch.equal(before[0], encode(pipe, "a house")[0])


@pytest.fixture
def embedding(tmp_path: Path) -> Path:
    return saved(tmp_path / "one.safetensors", {"emb_params": vectors()})


def test_the_vectors_go_where_diffusers_puts_them(sd15: Any, embedding: Path) -> None:
    ours = encode(sd15, f"a {WORD} behind a house", embedding)[0]
    plain = tiny.make("sd15")
    plain.load_textual_inversion({"<sky>": vectors()}, token="<sky>")
    theirs = encode(plain, "a <sky> behind a house")[0]
    assert torch.equal(ours, theirs)
    assert not torch.equal(ours, encode(sd15, "a behind a house")[0])


def test_sdxl_has_vectors_for_both_encoders_and_the_whole_sees_them(made: dict[str, Any], tmp_path: Path) -> None:
    both = {"clip_l": vectors(2), "clip_g": vectors(2, seed=1)}
    ours = encode(made["sdxl"], f"a {WORD}", saved(tmp_path / "xl.safetensors", both), family="sdxl")
    plain = tiny.make("sdxl")
    for name, kind in (("", "clip_l"), ("_2", "clip_g")):
        parts = {"text_encoder": getattr(plain, f"text_encoder{name}"), "tokenizer": getattr(plain, f"tokenizer{name}")}
        plain.load_textual_inversion({"<sky>": both[kind]}, token="<sky>", **parts)
    for ours_, theirs in zip(ours, encode(plain, "a <sky>"), strict=True):
        assert torch.equal(ours_, theirs)


def test_the_pooled_text_is_taken_at_its_end_by_old_configs_too(tmp_path: Path) -> None:
    """Those look for the largest token, which an added one would be."""
    pipe = tiny.make("sdxl")
    file = saved(tmp_path / "xl.safetensors", {"clip_l": vectors(1), "clip_g": vectors(1)})
    new = encode(pipe, f"a {WORD} house", file, family="sdxl")[1]
    pipe.text_encoder_2.text_model.eos_token_id = 2
    assert torch.equal(encode(pipe, f"a {WORD} house", file, family="sdxl")[1], new)


@pytest.mark.parametrize(
    "prompt", [f"embedding:{WORD} house", f"embedding:{WORD}.pt house", f"{WORD.upper()} house", f"({WORD}) house"]
)
def test_all_ways_of_calling_one(sd15: Any, embedding: Path, prompt: str) -> None:
    expected = f"({WORD}) house" if "(" in prompt else f"{WORD} house"
    assert torch.equal(encode(sd15, prompt, embedding)[0], encode(sd15, expected, embedding)[0])
    assert not torch.equal(encode(sd15, prompt, embedding)[0], encode(sd15, "house")[0])


def test_a_word_within_another_does_not_count(sd15: Any, embedding: Path) -> None:
    prompt = f"un{WORD}s house"
    assert torch.equal(encode(sd15, prompt, embedding)[0], encode(sd15, prompt)[0])


def test_two_at_once_and_the_longer_name_first(sd15: Any, embedding: Path, tmp_path: Path) -> None:
    other = saved(tmp_path / "two.safetensors", {"emb_params": vectors(1, seed=5)})
    words = ("sky", "sky blue")
    ours = encode(sd15, "sky blue, sky", embedding, other, words=words)[0]
    plain = tiny.make("sd15")
    plain.load_textual_inversion([{"<a>": vectors()}, {"<b>": vectors(1, seed=5)}], token=["<a>", "<b>"])
    assert torch.equal(ours, encode(plain, "<b>, <a>")[0])


def test_nobody_writes_the_characters_of_vectors(sd15: Any, embedding: Path) -> None:
    hidden = "".join(chr(FIRST + place) for place in range(3))
    assert torch.equal(encode(sd15, f"a {WORD}{hidden}", embedding)[0], encode(sd15, f"a {WORD}", embedding)[0])


def test_pickles_of_a1111_and_diffusers(sd15: Any, embedding: Path, tmp_path: Path) -> None:
    expected = encode(sd15, WORD, embedding)[0]
    contents = {
        "a1111.pt": {"string_to_token": {"*": 265}, "string_to_param": {"*": vectors()}, "name": "x", "step": 5},
        "diffusers.bin": {"<sky>": vectors()},
    }
    for name, content in contents.items():
        torch.save(content, tmp_path / name)
        assert torch.equal(encode(sd15, WORD, tmp_path / name)[0], expected), name


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ({"emb_params": vectors(1, 768)}, "Stable Diffusion 1.5, not for"),
        ({"emb_params": vectors(1, 1024)}, "Stable Diffusion 2, not for"),
        ({"clip_l": vectors(1), "clip_g": vectors(1)}, "Stable Diffusion XL, not for"),
        ({"a": vectors(1), "b": vectors(1)}, "no embedding"),
        ({"emb_params": vectors(1).long()}, "no embedding"),
        ({"emb_params": torch.zeros(2, 2, 2)}, "no embedding"),
        ({"emb_params": torch.full((1, WIDTH), torch.nan)}, "damaged"),
        ({"emb_params": vectors(300)}, "300 vectors"),
    ],
)
def test_what_is_refused(sd15: Any, tmp_path: Path, tensors: dict[str, Tensor], told: str) -> None:
    with pytest.raises(UserError, match=told):
        encode(sd15, WORD, saved(tmp_path / "some.safetensors", tensors))


def test_one_for_sd15_is_refused_by_sdxl(made: dict[str, Any], embedding: Path) -> None:
    with pytest.raises(UserError, match="not for Stable Diffusion XL"):
        encode(made["sdxl"], WORD, embedding, family="sdxl")


def test_models_with_other_text_encoders_say_so(embedding: Path) -> None:
    with pytest.raises(UserError, match="cannot read embeddings"):
        encode(tiny.make("sd3"), WORD, embedding, family="sd3")


@pytest.mark.parametrize("cut", [0, 4, 60, -1])
def test_cut_files(sd15: Any, embedding: Path, cut: int) -> None:
    embedding.write_bytes(embedding.read_bytes()[:cut])
    with pytest.raises(UserError):
        encode(sd15, WORD, embedding)


def test_a_file_that_is_another_by_now(sd15: Any, embedding: Path) -> None:
    with (
        pytest.raises(UserError, match="has changed"),
        embedded(sd15, {WORD: "0" * 64}, {"0" * 64: embedding}, FAMILIES["sd15"]),
    ):
        pass


NAMES = st.sampled_from(("emb_params", "clip_l", "clip_g", "<sky>", "string_to_param"))
DTYPES = st.sampled_from((torch.float32, torch.float16, torch.int64, torch.bool))


@given(
    st.dictionaries(NAMES, st.tuples(st.lists(st.integers(0, WIDTH), max_size=3), DTYPES), max_size=3),
    st.booleans(),
    st.floats(0, 1),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_files_of_whatever_kind_are_read_or_refused(
    sd15: Any, tmp_path: Path, content: dict[str, tuple[list[int], torch.dtype]], pickled: bool, cut: float
) -> None:
    tensors = {name: torch.ones(shape).to(dtype) for name, (shape, dtype) in content.items()}
    file = tmp_path / ("some.pt" if pickled else "some.safetensors")
    torch.save(tensors, file) if pickled else save_file(tensors, file)
    if cut > 0.5:
        file.write_bytes(file.read_bytes()[: int(cut * file.stat().st_size)])
    with contextlib.suppress(UserError):
        encode(sd15, WORD, file)
