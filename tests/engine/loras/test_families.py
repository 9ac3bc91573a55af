"""Each family's LoRAs, in the layouts that its trainers write: the weights are those that diffusers makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from desktop.engine import tiny
from desktop.engine.loras.adapters import Adapters
from desktop.engine.loras.names import names_of
from desktop.models.families import FAMILIES
from tests.engine.loras import files

ENDS = (*files.ATTENTION, "net.2", "proj_in", "linear_in", "conv_point")
LAYOUTS = {  # by family, the prefixes that diffusers knows
    "sd15": ("unet.", "lora_unet"),
    "sd2": ("unet.", "lora_unet"),
    "sdxl": ("unet.", "lora_unet"),
    "sd3": ("transformer.",),
    "flux": ("transformer.",),
    "flux2": ("transformer.", "diffusion_model."),
    "zimage": ("transformer.", "diffusion_model.", "lora_unet"),
    "qwen": ("transformer.", "diffusion_model.", "lora_unet"),
    "chroma": ("transformer.",),
    "sana": ("transformer.",),
}


@pytest.mark.filterwarnings("ignore")  # diffusers' and PEFT's about themselves
@pytest.mark.parametrize(("family", "layout"), [(name, each) for name, some in LAYOUTS.items() for each in some])
def test_weights(tmp_path: Path, family: str, layout: str) -> None:
    ours, theirs = tiny.make(family), tiny.make(family)
    denoiser = FAMILIES[family].denoiser
    part: nn.Module = getattr(ours, denoiser)
    write = files.peft if layout.endswith(".") else files.kohya
    tensors = write(part, layout, ends=ENDS)
    file = files.saved(tmp_path / "ink.safetensors", tensors)
    assert (
        Adapters().applied({denoiser: part}, [files.use(file)], files.paths(file), FAMILIES[family], fused=True) == []
    )
    theirs.load_lora_weights(str(file))
    theirs.fuse_lora(components=[denoiser])
    theirs.unload_lora_weights()
    check_same(part, getattr(theirs, denoiser), tiny.make(family).components[denoiser])


def check_same(ours: nn.Module, theirs: nn.Module, plain: nn.Module) -> None:
    before: dict[str, Any] = plain.state_dict()
    expected: dict[str, Tensor] = theirs.state_dict()
    changed = 0
    for name, tensor in ours.state_dict().items():
        assert torch.allclose(tensor, expected[name], atol=1e-5), name
        changed += not torch.equal(tensor, before[name])
    assert changed == len(files.layers(plain, ENDS)) > 5


@pytest.mark.parametrize("family", ["flux", "flux2", "chroma", "sd3", "zimage", "sana", "pixart"])
def test_a_kronecker_product_over_layers_that_are_one_in_the_original_code(tmp_path: Path, family: str) -> None:
    """LyCORIS and ai-toolkit train these, which PEFT cannot divide: each layer gets its rows of the product."""
    pipe = tiny.make(family)
    part: Any = pipe.transformer
    name, places = next((name, places) for name, places in names_of(part).items() if "." in name and len(places) == 3)
    weights = [part.get_submodule(place.path).weight for place in places]
    whole = torch.cat([weight.detach().clone() for weight in weights])
    small, large = torch.randn(2, 2), torch.randn(whole.shape[0] // 2, whole.shape[1] // 2)
    tensors = {f"diffusion_model.{name}.lokr_w1": small, f"diffusion_model.{name}.lokr_w2": large}
    file = files.saved(tmp_path / "ink.safetensors", tensors)
    row = FAMILIES[family]
    assert Adapters().applied({"transformer": part}, [files.use(file, 0.5)], files.paths(file), row) == []
    after = torch.cat([part.get_submodule(place.path).weight.detach() for place in places])
    assert torch.allclose(after, whole + 0.5 * torch.kron(small, large), atol=1e-6)
