"""LoRAs on a model: put on, changed, taken off without a trace, and never silently without effect."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from desktop.engine import tiny
from desktop.engine.loras.adapters import Adapters, block_factor
from desktop.errors import UserError
from desktop.models.families import FAMILIES
from desktop.recipe import LoraUse
from tests.engine.loras import files

ALL = (*files.ATTENTION, "conv1", "conv2", "proj_in", "net.2", "time_emb_proj", "conv_shortcut", "fc1", "proj")


class Dressed:
    """A tiny model, and what it makes of the same words and noise."""

    def __init__(self, pipe: Any, family: str):
        self.pipe = pipe
        self.family = FAMILIES[family]
        self.adapters = Adapters()
        self.parts = {name: part for name, part in pipe.components.items() if isinstance(part, nn.Module)}
        self.paths: dict[str, Path] = {}
        states = {name: part.state_dict() for name, part in self.parts.items()}
        self.bits = {name: {key: each.clone() for key, each in some.items()} for name, some in states.items()}

    def wear(self, *uses: LoraUse, **options: Any) -> list[str]:
        return self.adapters.applied(self.parts, uses, self.paths, self.family, **options)

    def lora(self, file: Path, weight: float = 1.0, **options: Any) -> LoraUse:
        self.paths |= files.paths(file)
        return files.use(file, weight, **options)

    @torch.no_grad()
    def out(self) -> Tensor:
        generator = torch.Generator().manual_seed(0)
        latents = torch.randn(1, 4, 8, 8, generator=generator)
        return self.pipe.unet(latents, 5, self.words()).sample

    @torch.no_grad()
    def words(self) -> Tensor:
        return self.pipe.text_encoder(torch.arange(7)[None]).last_hidden_state

    def is_as_it_was(self) -> bool:
        hooks = [module for part in self.parts.values() for module in part.modules() if module._forward_hooks]
        same = all(
            torch.equal(each, self.bits[name][key]) and each.dtype == self.bits[name][key].dtype
            for name, part in self.parts.items()
            for key, each in part.state_dict().items()
        )
        return same and not hooks


@pytest.fixture
def sd15() -> Dressed:
    return Dressed(tiny.make("sd15"), "sd15")


def ink(model: Dressed, folder: Path, seed: int = 0, name: str = "ink", **options: Any) -> Path:
    """A LoRA of both parts."""
    text = files.kohya(model.pipe.text_encoder, "lora_te_text_model", seed=seed + 50, **options)
    return files.saved(folder / f"{name}-{seed}.safetensors", files.kohya(model.pipe.unet, seed=seed, **options) | text)


def lokr(part: nn.Module, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    tensors: dict[str, Tensor] = {}
    for path, (rows, *columns) in files.layers(part).items():
        name = f"lycoris_{path.replace('.', '_')}"
        tensors[f"{name}.lokr_w1"] = torch.randn(2, 2, generator=generator) * 0.1
        tensors[f"{name}.lokr_w2"] = torch.randn(rows // 2, columns[0] // 2, generator=generator) * 0.1
    return tensors


def dora(part: nn.Module) -> dict[str, Tensor]:
    tensors = files.kohya(part, seed=9)
    for path, shape in files.layers(part).items():
        tensors[f"lora_unet_{path.replace('.', '_')}.dora_scale"] = torch.rand(shape[0], 1) + 0.5
    return tensors


def difference(part: nn.Module) -> dict[str, Tensor]:
    norms = {path: module.num_channels for path, module in part.named_modules() if isinstance(module, nn.GroupNorm)}
    spots = itertools.product(norms.items(), ("diff", "diff_b"))
    return {f"diffusion_model.{path}.{kind}": torch.randn(count) for (path, count), kind in spots}


KINDS: dict[str, Callable[[nn.Module], dict[str, Tensor]]] = {
    "LoRA": lambda part: files.kohya(part, ends=ALL),
    "LoKr": lokr,
    "DoRA": dora,
    "difference": difference,
}


def kinds(model: Dressed, folder: Path) -> list[LoraUse]:
    made = {name: files.saved(folder / f"{name}.safetensors", make(model.pipe.unet)) for name, make in KINDS.items()}
    return [model.lora(file, 0.7) for file in made.values()]


def test_every_kind_has_an_effect_and_none_leaves_a_trace_in_whatever_order(sd15: Dressed, tmp_path: Path) -> None:
    uses = kinds(sd15, tmp_path)
    plain = sd15.out()
    for order in itertools.permutations(uses):
        for number in range(len(order), -1, -1):
            assert sd15.wear(*order[:number]) == []
            assert torch.equal(sd15.out(), plain) == (number == 0)
        assert sd15.is_as_it_was()


@pytest.mark.parametrize("fused", [False, True])
def test_what_is_on_depends_on_the_uses_and_not_on_what_was_before(sd15: Dressed, tmp_path: Path, fused: bool) -> None:
    uses = kinds(sd15, tmp_path)
    sd15.wear(*uses, fused=fused)
    expected = sd15.out()
    for before in (uses[:1], uses[::-1], [uses[0], uses[0]], []):
        sd15.wear(*before, fused=not fused)
        sd15.wear(*uses, fused=fused)
        assert torch.equal(sd15.out(), expected)


def test_fused_and_beside_are_the_same_but_for_rounding(sd15: Dressed, tmp_path: Path) -> None:
    uses = [sd15.lora(ink(sd15, tmp_path, seed, ends=ALL), 0.5) for seed in range(3)]
    sd15.wear(*uses)
    beside = sd15.out()
    sd15.wear(*uses, fused=True)
    assert not any(module._forward_hooks for module in sd15.pipe.unet.modules())
    assert torch.allclose(beside, sd15.out(), atol=1e-5)
    sd15.wear()
    assert (sd15.out() - beside).abs().max() > 0.01
    assert sd15.is_as_it_was()


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float16])
def test_narrow_weights_come_back_too(tmp_path: Path, precision: torch.dtype) -> None:
    model = Dressed(tiny.make("sd15").to(precision), "sd15")
    uses = kinds(model, tmp_path)
    for fused in (False, True):
        model.wear(*uses, fused=fused)
        assert model.pipe.unet.dtype == precision
        assert not model.is_as_it_was()
    model.wear()
    assert model.is_as_it_was()


def test_at_full_precision_meanwhile_as_where_a_number_range_was_left(tmp_path: Path) -> None:
    model = Dressed(tiny.make("sd15").to(torch.bfloat16), "sd15")
    model.wear(*kinds(model, tmp_path))
    model.pipe.unet.float()
    model.pipe.text_encoder.float()
    assert model.out().isfinite().all()
    model.pipe.unet.to(torch.bfloat16)
    model.pipe.text_encoder.to(torch.bfloat16)
    model.wear()
    assert model.is_as_it_was()


def test_hooks_do_not_pile_up(sd15: Dressed, tmp_path: Path) -> None:
    uses = [sd15.lora(ink(sd15, tmp_path, seed)) for seed in range(3)]
    for number in range(12):
        sd15.wear(*uses[: number % 4])
        counts = [len(module._forward_hooks) for module in sd15.pipe.unet.modules()]
        assert max(counts) == (1 if number % 4 else 0)


def test_a_thick_one_is_merged_by_itself(sd15: Dressed, tmp_path: Path) -> None:
    """A branch of more ranks than the module has takes longer than the module."""
    sd15.wear(sd15.lora(ink(sd15, tmp_path, rank=30)))
    thick = sd15.pipe.unet.down_blocks[0].attentions[0].transformer_blocks[0].attn1.to_q
    assert not thick._forward_hooks
    assert not sd15.is_as_it_was()
    sd15.wear()
    assert sd15.is_as_it_was()


def test_a_weight_of_its_own_for_the_text(sd15: Dressed, tmp_path: Path) -> None:
    plain, file = sd15.words(), ink(sd15, tmp_path)
    sd15.wear(sd15.lora(file, 1.0, text_weight=0.0))
    assert torch.equal(sd15.words(), plain)
    assert sd15.adapters.text_key(sd15.parts) == (("text_encoder", ()),)
    sd15.wear(sd15.lora(file, 0.0, text_weight=1.0))
    assert not torch.equal(sd15.words(), plain)
    assert not any(module._forward_hooks for module in sd15.pipe.unet.modules())


def test_the_key_of_the_text_follows_what_is_on_the_text_encoders(sd15: Dressed, tmp_path: Path) -> None:
    """A LoRA of the U-Net alone costs no encoding."""
    model_only = files.saved(tmp_path / "unet.safetensors", files.kohya(sd15.pipe.unet))
    both = ink(sd15, tmp_path)
    keys = []
    for uses in ([], [sd15.lora(model_only)], [sd15.lora(both)], [sd15.lora(both, 0.5)], [sd15.lora(model_only, 0.2)]):
        sd15.wear(*uses)
        keys.append((sd15.adapters.text_key(sd15.parts), sd15.words().sum().item()))
    assert keys[0] == keys[1] == keys[4]
    assert len({key for key, _ in keys}) == len({words for _, words in keys}) == 3
    hash(keys[2][0])


def test_blocks_have_factors_and_the_longest_name_counts(sd15: Dressed, tmp_path: Path) -> None:
    file = files.saved(tmp_path / "unet.safetensors", files.kohya(sd15.pipe.unet))
    sd15.wear(sd15.lora(file, blocks=(("down_blocks", 0.0), ("unet.mid_block", 0.0), ("up_blocks.1", 0.0))))
    assert sd15.is_as_it_was()
    sd15.wear(sd15.lora(file, blocks=(("down_blocks", 0.0), ("down_blocks.0.attentions.0.transformer_blocks", 1.0))))
    hooked = [path for path, module in sd15.pipe.unet.named_modules() if module._forward_hooks]
    assert any(path.startswith("down_blocks.0.attentions.0.transformer_blocks") for path in hooked)


@pytest.mark.parametrize(
    ("blocks", "path", "factor"),
    [
        ((("blocks.1", 0.5),), "blocks.1.attn", 0.5),
        ((("blocks.1", 0.5),), "blocks.10.attn", 1.0),
        ((("blocks", 0.5), ("blocks.1.attn", 2.0)), "blocks.1.attn.to_q", 2.0),
        ((("unet", 0.5), ("unet.blocks.1.", 2.0)), "blocks.1.attn.to_q", 2.0),
        ((("unet", 0.5),), "blocks.1", 0.5),
    ],
)
def test_block_factors(blocks: tuple[tuple[str, float], ...], path: str, factor: float) -> None:
    assert block_factor(LoraUse("0" * 64, "ink", blocks=blocks), "unet", path) == factor


# ---------------------------------------------------------------- never silent


def _after(calls: int) -> Callable[[], None]:
    """Wants no more after so many."""
    left = itertools.count(calls, -1)

    def check() -> None:
        if next(left) <= 0:
            raise InterruptedError

    return check


def test_one_that_does_nothing_is_told(sd15: Dressed, tmp_path: Path) -> None:
    tensors = files.kohya(sd15.pipe.unet)
    tensors |= {name: torch.zeros_like(tensor) for name, tensor in tensors.items() if "lora_up" in name}
    assert "has no effect" in sd15.wear(sd15.lora(files.saved(tmp_path / "ink.safetensors", tensors)))[0]


def test_one_that_fits_in_part_is_told_with_what_is_left(sd15: Dressed, tmp_path: Path) -> None:
    others = {"lora_unet_nowhere.lora_down.weight": torch.ones(2, 2), "other": torch.ones(1)}
    tensors = files.kohya(sd15.pipe.unet) | others
    told = sd15.wear(sd15.lora(files.saved(tmp_path / "ink.safetensors", tensors)))
    assert told == ["ink fits this model only in part: 32 of its 34 layers do. Not used: lora_unet_nowhere, other."]


def test_one_of_another_shape_is_refused(sd15: Dressed, tmp_path: Path) -> None:
    tensors = {name: tensor.repeat_interleave(2, -1) for name, tensor in files.peft(sd15.pipe.unet).items()}
    with pytest.raises(UserError, match=r"does not fit Stable Diffusion 1.5: all of its 32 layers"):
        sd15.wear(sd15.lora(files.saved(tmp_path / "ink.safetensors", tensors)))
    assert sd15.is_as_it_was()


def test_one_for_another_family_is_refused_by_name(sd15: Dressed, tmp_path: Path) -> None:
    sd3 = tiny.make("sd3")
    file = files.saved(
        tmp_path / "ink.safetensors",
        files.peft(sd3.transformer, "transformer."),
        {"modelspec.architecture": "stable-diffusion-3-medium/lora"},
    )
    with pytest.raises(UserError, match=r"none of its .* It was made for Stable Diffusion 3, and this is"):
        sd15.wear(sd15.lora(file))


def test_one_that_says_it_is_for_another_family_is_told_though_it_fits(sd15: Dressed, tmp_path: Path) -> None:
    metadata = {"ss_base_model_version": "sdxl_base_v1-0"}
    file = files.saved(tmp_path / "ink.safetensors", files.kohya(sd15.pipe.unet), metadata)
    assert "made for Stable Diffusion XL" in sd15.wear(sd15.lora(file))[0]


def test_a_weight_for_a_block_that_it_has_not_is_told(sd15: Dressed, tmp_path: Path) -> None:
    file = files.saved(tmp_path / "ink.safetensors", files.kohya(sd15.pipe.unet))
    told = sd15.wear(sd15.lora(file, blocks=(("up_blocks.1", 0.5), ("unet.mid_block", 0.0), ("up_blok", 0.5))))
    assert told == ["ink has no block called up_blok here: that weight changes nothing."]


def test_a_file_that_is_another_by_now(sd15: Dressed, tmp_path: Path) -> None:
    use = sd15.lora(ink(sd15, tmp_path))
    ink(sd15, tmp_path, alpha=3.0)
    with pytest.raises(UserError, match="has changed"):
        sd15.wear(use)


def test_what_is_refused_leaves_what_was_on(sd15: Dressed, tmp_path: Path) -> None:
    good = sd15.lora(ink(sd15, tmp_path))
    sd15.wear(good)
    before = sd15.out()
    bad = files.saved(tmp_path / "bad.safetensors", {"a.weight": torch.ones(2)})
    with pytest.raises(UserError, match="is no LoRA"):
        sd15.wear(good, sd15.lora(bad))
    assert torch.equal(sd15.out(), before)


# ---------------------------------------------------------------- memory


@pytest.mark.parametrize("fused", [False, True])
def test_whoever_wants_no_more_ends_it_soon_and_the_next_call_mends(sd15: Dressed, tmp_path: Path, fused: bool) -> None:
    ink = sd15.lora(files.saved(tmp_path / "ink.safetensors", files.kohya(sd15.parts["unet"])))
    sd15.wear(ink, fused=fused)
    expected = sd15.out()
    modules = len(files.layers(sd15.parts["unet"]))
    sd15.wear()
    for uses in ((ink,), ()):
        asked: list[bool] = []
        sd15.wear(*uses, fused=fused, check=lambda asked=asked: asked.append(True))
        assert len(asked) >= modules
        sd15.wear(*([] if uses else [ink]), fused=fused)
        with pytest.raises(InterruptedError):
            sd15.wear(*uses, fused=fused, check=_after(modules // 2))
        sd15.wear(*uses, fused=fused)
        assert torch.equal(sd15.out(), expected) == bool(uses)
    assert sd15.is_as_it_was()


def test_files_are_read_once_and_the_oldest_are_forgotten(sd15: Dressed, tmp_path: Path) -> None:
    uses = [sd15.lora(ink(sd15, tmp_path, seed)) for seed in range(4)]
    sd15.wear(uses[0])
    size = sd15.adapters._known[uses[0].file].file.bytes
    sd15.paths[uses[0].file].unlink()
    sd15.wear(uses[0])  # from memory
    sd15.adapters._most_bytes = int(1.5 * size)
    for use in uses[1:]:
        sd15.wear(use)
    assert list(sd15.adapters._known) == [uses[2].file, uses[3].file]
    sd15.wear(uses[2], uses[3], uses[1])  # those in use do not count
    assert len(sd15.adapters._known) == 3


def test_a_model_that_is_gone_takes_all_with_it(tmp_path: Path) -> None:
    model = Dressed(tiny.make("sd15"), "sd15")
    adapters = model.adapters
    model.wear(*kinds(model, tmp_path))
    gone = weakref.ref(model.pipe.unet)
    del model
    gc.collect()
    assert gone() is None
    assert not adapters._worn


# ---------------------------------------------------------------- diffusers


@pytest.mark.filterwarnings("ignore:Already found a `peft_config`")
@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_pictures_are_those_of_diffusers(tmp_path: Path, family: str) -> None:
    """Not to the bit: PEFT scales what comes out of both matrices, and we the second one; a level of 255 at most."""
    ours, theirs = Dressed(tiny.make(family), family), tiny.make(family)
    tensors = {name: lora_of(ours.pipe, seed) for seed, name in enumerate("ab")}
    loras = {name: files.saved(tmp_path / f"{name}.safetensors", some) for name, some in tensors.items()}
    ours.wear(*(ours.lora(file, weight) for file, weight in zip(loras.values(), (0.8, -0.5), strict=True)))
    for name, file in loras.items():
        theirs.load_lora_weights(str(file), adapter_name=name)
    theirs.set_adapters(["a", "b"], [0.8, -0.5])
    pictures = [picture(pipe) for pipe in (ours.pipe, theirs, tiny.make(family))]
    assert np.abs(pictures[0] - pictures[1]).max() <= 1
    assert np.abs(pictures[0] - pictures[2]).max() > 20


def lora_of(pipe: Any, seed: int) -> dict[str, Tensor]:
    tensors = files.kohya(pipe.unet, seed=seed, size=0.4)
    if hasattr(pipe, "text_encoder_2"):
        tensors |= files.kohya(pipe.text_encoder, "lora_te1_text_model", seed=seed + 10)
        return tensors | files.kohya(pipe.text_encoder_2, "lora_te2", seed=seed + 20)
    return tensors | files.kohya(pipe.text_encoder, "lora_te_text_model", seed=seed + 10)


def picture(pipe: Any) -> np.ndarray:
    pipe.set_progress_bar_config(disable=True)
    options: dict[str, Any] = {"width": 64, "height": 64, "num_inference_steps": 4, "output_type": "np"}
    images = pipe("a house", generator=torch.Generator().manual_seed(1), **options).images
    return (images[0] * 255).round().astype(int)
