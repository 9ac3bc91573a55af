"""LoRA files: what is in them, and that nothing in them does harm."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from desktop.engine.loras.file import LoraFile, read
from desktop.engine.loras.fitting import PartFit, fit
from desktop.engine.loras.layouts import DENOISER, parsed
from desktop.engine.loras.names import names_of
from desktop.engine.loras.site import Site
from desktop.errors import UserError
from tests.engine.loras import files

KINDS = {
    *("lora_down.weight", "lora_up.weight", "lora_mid.weight", "alpha", "dora_scale", "diff", "diff_b"),
    *("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"),
    *("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"),
    *("oft_blocks", "oft_diag", "rescale", "scalar", "lora_B.bias", "lora_magnitude_vector"),
}
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.int64, torch.uint8, torch.bool)


class Layers(nn.Module):
    """A linear layer and a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(6, 4)
        self.b = nn.Conv2d(3, 4, 3)


def fitted(file: LoraFile, part: nn.Module) -> PartFit:
    return fit(file, part, names_of(part), (DENOISER,))


@pytest.mark.parametrize(
    ("key", "layer", "name"),
    [
        ("lora_unet_a_to_q.lora_down.weight", "lora_unet_a_to_q", "down"),
        ("unet.a.to_q.lora_A.weight", "unet.a.to_q", "down"),
        ("unet.a.to_q.lora_B.default_1.weight", "unet.a.to_q", "up"),
        ("unet.a.to_q.lora.down.weight", "unet.a.to_q", "down"),
        ("unet.a.attn1.processor.to_q_lora.up.weight", "unet.a.attn1.processor.to_q", "up"),
        ("text_encoder.a.q_proj.lora_linear_layer.up.weight", "text_encoder.a.q_proj", "up"),
        ("double_blocks.0.processor.qkv_lora1.down.weight", "double_blocks.0.processor.qkv_lora1", "down"),
        ("single_blocks.0.processor.qkv_lora.up.weight", "single_blocks.0.processor.qkv", "up"),
        ("unet.a.lora_magnitude_vector.default.weight", "unet.a", "magnitudes"),
        ("unet.a.lora_B.bias", "unet.a", "up_bias"),
        ("lycoris_a.lokr_w1", "lycoris_a", "lokr_w1"),
        ("lycoris_a.w_norm", "lycoris_a", "diff"),
    ],
)
def test_keys(key: str, layer: str, name: str) -> None:
    assert parsed(key) == (layer, name)


@pytest.mark.parametrize("key", ["a.weight", "a.bias", ".alpha", "alpha", "model.diffusion_model.out.2.weight", ""])
def test_keys_of_other_things(key: str) -> None:
    assert parsed(key) is None


def test_a_pickle_is_read_without_running_it(tmp_path: Path) -> None:
    tensors = files.peft(Layers(), ends=("a",))
    torch.save(tensors, tmp_path / "some.bin")
    assert read(tmp_path / "some.bin", "some").layers.keys() == {"unet.a"}
    torch.save({"unet.a.alpha": Path()}, tmp_path / "evil.pt")
    with pytest.raises(UserError, match="may run code"):
        read(tmp_path / "evil.pt", "evil")


def test_layers_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    """As the first of those that do not fit are told."""
    tensors = {f"lora_unet_{name}.lora_{end}.weight": torch.ones(2, 2) for name in "hgfedcba" for end in ("up", "down")}
    file = read(files.saved(tmp_path / "some.safetensors", tensors | {name: torch.ones(1) for name in "zyxwv"}), "some")
    assert (list(file.layers), file.strangers) == (sorted(file.layers), tuple("vwxyz"))


def test_a_checkpoint_is_no_lora(tmp_path: Path) -> None:
    file = files.saved(tmp_path / "some.safetensors", {"model.diffusion_model.out.weight": torch.ones(2)})
    with pytest.raises(UserError, match="is no LoRA"):
        read(file, "some")


@pytest.mark.parametrize(
    ("names", "told"), [(("boft_R", "boft_s"), "boft"), (("ia3_l.default",), "ia3"), (("glora_A.weight",), "")]
)
def test_a_relative_that_does_not_run_is_told_by_name(tmp_path: Path, names: tuple[str, ...], told: str) -> None:
    """Those of PEFT's that no program for pictures writes."""
    tensors = {f"base_model.model.down_blocks.0.a.to_q.{name}": torch.ones(4, 4) for name in names}
    message = f"does not run here: {told}" if told else "is no LoRA"
    with pytest.raises(UserError, match=message):
        read(files.saved(tmp_path / "a.safetensors", tensors), "a")


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float8_e5m2])
def test_numbers_that_are_none(tmp_path: Path, value: float, dtype: torch.dtype) -> None:
    tensors = {name: tensor.to(dtype) for name, tensor in files.peft(Layers(), ends=("a",)).items()}
    read(files.saved(tmp_path / "good.safetensors", tensors), "good")
    tensors["unet.a.lora_A.weight"].view(-1)[3] = value
    with pytest.raises(UserError, match="damaged"):
        read(files.saved(tmp_path / "bad.safetensors", tensors), "bad")


@given(cut=st.floats(0, 1), noise=st.binary(max_size=40), at=st.floats(0, 1))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cut_and_overwritten_files(tmp_path: Path, cut: float, noise: bytes, at: float) -> None:
    whole = files.saved(tmp_path / "whole.safetensors", files.peft(Layers(), ends=("a", "b"))).read_bytes()
    start = int(at * len(whole))
    changed = whole[:start] + noise + whole[start + len(noise) :]
    file = tmp_path / "some.safetensors"
    file.write_bytes(changed[: int(cut * len(changed))])
    with contextlib.suppress(UserError):
        wear(fitted(read(file, "some"), layers := Layers()), layers)


@given(
    tensors=st.dictionaries(
        st.tuples(st.sampled_from(("unet.a", "lora_unet_b", "unet.c")), st.sampled_from(sorted(KINDS))),
        st.tuples(st.lists(st.integers(0, 6), max_size=4), st.sampled_from(DTYPES)),
        min_size=1,
    )
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tensors_of_any_kind_shape_and_type(
    tmp_path: Path, tensors: dict[tuple[str, str], tuple[list[int], torch.dtype]]
) -> None:
    made = {f"{layer}.{kind}": torch.ones(shape).to(dtype) for (layer, kind), (shape, dtype) in tensors.items()}
    try:
        file = read(files.saved(tmp_path / "some.safetensors", made), "some")
    except UserError:  # an alpha alone makes no LoRA
        return
    layers = Layers()
    found = fitted(file, layers)
    assert found.fitting.isdisjoint(found.misshapen)
    wear(found, layers)


def wear(found: PartFit, layers: nn.Module) -> None:
    """What fits can be used, and comes off again."""
    before = {name: tensor.clone() for name, tensor in layers.state_dict().items()}
    sites: dict[str, Site] = {}
    with torch.no_grad():
        for (path, kind), deltas in found.deltas.items():
            site = sites.setdefault(path, Site(layers.get_submodule(path)))
            changes = [(delta, 1.0) for delta in deltas]
            site.set(changes if kind == "weight" else [], changes if kind == "bias" else [], fused=False)
        layers.get_submodule("a")(torch.ones(2, 6))
        layers.get_submodule("b")(torch.ones(1, 3, 5, 5))
    for site in sites.values():
        site.clear()
    assert all(torch.equal(tensor, before[name]) for name, tensor in layers.state_dict().items())


@pytest.mark.parametrize(
    "tensors",
    [
        {"lora_mid.weight": (9999, 1), "lora_down.weight": (1, 9999), "lora_up.weight": (1, 9999)},
        {"hada_w1_a": (9999, 1), "hada_w1_b": (1, 9999), "hada_w2_a": (9999, 1), "hada_w2_b": (1, 9999)},
        {"lokr_w1": (999, 999), "lokr_w2": (999, 999)},
        {"lokr_w1": (4, 1), "lokr_w2_a": (9999, 1), "lokr_w2_b": (9999, 6), "lokr_t2": (9999, 9999)},
        {"lora_up.weight": (4, 99999), "lora_down.weight": (99999, 6)},
    ],
)
def test_small_files_that_would_become_large_do_not(tmp_path: Path, tensors: dict[str, tuple[int, ...]]) -> None:
    dtype = torch.float8_e4m3fn
    made: dict[str, Tensor] = {f"unet.a.{kind}": torch.ones(shape, dtype=dtype) for kind, shape in tensors.items()}
    layers = Layers()
    file = read(files.saved(tmp_path / "some.safetensors", made), "some")
    found = fitted(file, layers)
    assert found.misshapen == {"unet.a"}


@pytest.mark.parametrize(
    "text",
    ["[1]", "{", "[" * 100_000, '{"lora_alpha": true}', '{"lora_alpha": "x"}', '{"alpha_pattern": {"a": [1]}}', "{}"],
)
def test_odd_configs_beside_a_file_are_as_good_as_none(tmp_path: Path, text: str) -> None:
    file = files.saved(tmp_path / "adapter_model.safetensors", files.peft(Layers(), "base_model.model.", ends=("a",)))
    (tmp_path / "adapter_config.json").write_text(text)
    assert read(file, "some").scale("base_model.model.a", 4) == 1.0
    odd = {"lora_adapter_metadata": json.dumps({"unet.lora_alpha": None, "unet.alpha_pattern": 3})}
    within = files.saved(tmp_path / "some.safetensors", files.peft(Layers(), ends=("a",)), odd)
    assert read(within, "some").scale("unet.a", 4) == 1.0
