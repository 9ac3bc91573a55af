"""What modules are called in files: held against diffusers' own converters."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import init_empty_weights
from diffusers import (
    ChromaTransformer2DModel,
    Flux2Transformer2DModel,
    FluxPipeline,
    FluxTransformer2DModel,
    PixArtTransformer2DModel,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    SanaTransformer2DModel,
    SD3Transformer2DModel,
    UNet2DConditionModel,
    ZImageTransformer2DModel,
)
from diffusers.loaders import single_file_utils
from diffusers.loaders.lora_conversion_utils import _convert_unet_lora_key, _maybe_map_sgm_blocks_to_diffusers
from torch import Tensor, nn

from desktop.engine import tiny
from desktop.engine.loras.deltas import LowRank
from desktop.engine.loras.file import read
from desktop.engine.loras.fitting import PartFit, fit
from desktop.engine.loras.layouts import DENOISER
from desktop.engine.loras.names import names_of, shape_of
from desktop.engine.tiny.words import WIDTH
from tests.engine.loras import files

MAKERS: dict[str, Callable[[], nn.Module]] = {
    "flux": lambda: FluxTransformer2DModel(num_layers=2, num_single_layers=2, guidance_embeds=True),
    "chroma": lambda: ChromaTransformer2DModel(num_layers=2, num_single_layers=2),
    "flux2": lambda: Flux2Transformer2DModel(num_layers=2, num_single_layers=2),
    "sd3": lambda: SD3Transformer2DModel(num_layers=3, dual_attention_layers=(0,), qk_norm="rms_norm"),
    "z_image": lambda: ZImageTransformer2DModel(n_layers=2, n_refiner_layers=1),
    "sana": lambda: SanaTransformer2DModel(num_layers=2),
    "pixart": lambda: PixArtTransformer2DModel(num_layers=2),
    "qwen": lambda: QwenImageTransformer2DModel(num_layers=2),
}


@pytest.fixture(scope="module")
def large() -> dict[str, nn.Module]:
    """Of their true widths, without numbers."""
    with init_empty_weights():
        return {name: make() for name, make in MAKERS.items()}


FLUX = r"(img|txt|time|vector|guidance)_in(\.|$)|(double|single)_blocks\.\d+\.(?!processor)|final_layer\."
ORIGINAL = {  # how the names of the original code begin
    "flux": FLUX,
    "chroma": rf"{FLUX}|distilled_guidance_layer\.layers\.\d+\.(in|out)_layer",
    "flux2": rf"{FLUX}|(double|single)_stream_modulation(_img|_txt)?\.lin$",
    "sd3": r"(x|t|y)_embedder\.|joint_blocks\.|final_layer\.",
    "z_image": r"x_embedder$|final_layer\.|(layers|noise_refiner|context_refiner)\.\d+\.attention\.(qkv|out)$",
    "sana": r"(x|t|y)_embedder\.|t_block\.|blocks\.|final_layer\.",
}


def original_names(part: nn.Module, kind: str) -> list[str]:
    return [name for name in names_of(part) if re.match(ORIGINAL[kind], name)]


def tensors_of(part: nn.Module, name: str, seed: int) -> tuple[Tensor, Tensor]:
    """Down and up of rank 1."""
    places = names_of(part)[name]
    shapes = [shape_of(part.get_submodule(place.path)) for place in places]
    return files.low_rank((sum(shape[0] for shape in shapes), *shapes[0][1:]), seed, rank=1)


def fitted(part: nn.Module, tensors: dict[str, Tensor], file: Path, label: str = DENOISER) -> PartFit:
    return fit(read(files.saved(file, tensors), "some"), part, names_of(part), (label,))


def ups(found: PartFit) -> dict[str, Tensor]:
    """By module: what is laid over its rows, which is enough where downs are the same."""
    assert all(len(some) == 1 for some in found.deltas.values())
    return {path: some[0].up for (path, _), some in found.deltas.items() if isinstance(some[0], LowRank)}


class Checkpoint(dict[str, Tensor]):
    """One that has what a converter asks for beside the tensors in question."""

    def pop(self, key: str, *_: Any) -> Tensor:
        return super().pop(key, self[""])

    def __missing__(self, _: str) -> Tensor:
        return torch.zeros(7 * 3072, 1)


@pytest.mark.parametrize(
    ("name", "converter", "count"),
    [
        ("flux", "convert_flux_transformer_checkpoint_to_diffusers", 36),
        ("chroma", "convert_chroma_transformer_checkpoint_to_diffusers", 33),
        ("flux2", "convert_flux2_transformer_checkpoint_to_diffusers", 31),
        ("sd3", "convert_sd3_transformer_checkpoint_to_diffusers", 36),
        ("z_image", "convert_z_image_transformer_checkpoint_to_diffusers", 10),
        ("sana", "convert_sana_transformer_to_diffusers", 23),
    ],
)
def test_the_original_code_of_transformers(
    large: dict[str, nn.Module], tmp_path: Path, name: str, converter: str, count: int
) -> None:
    """A weight of one column is split and swapped by diffusers as is the up of rank one by us."""
    part = large[name]
    tensors, checkpoint = {}, Checkpoint()
    for seed, original in enumerate(original_names(part, name)):
        down, up = tensors_of(part, original, seed)
        tensors |= {
            f"diffusion_model.{original}.lora_down.weight": down,
            f"diffusion_model.{original}.lora_up.weight": up,
        }
        checkpoint[f"{original}.weight"] = up.flatten(1)
    asked = len(checkpoint)
    theirs = getattr(single_file_utils, converter)(checkpoint)
    found = fitted(part, tensors, tmp_path / "some.safetensors")
    assert len(found.fitting) == asked == count
    for path, up in ups(found).items():
        assert torch.equal(up, theirs[f"{path}.weight"]), path


def test_kohya_and_xlabs_for_flux(large: dict[str, nn.Module], tmp_path: Path) -> None:
    part = large["flux"]
    kohya, xlabs = {}, {}
    for seed, name in enumerate(original_names(part, "flux")):
        down, up = tensors_of(part, name, seed)
        flat = f"lora_unet_{name.replace('.', '_')}"
        if "final" not in name and "_in" not in name:  # diffusers loses their alpha
            kohya |= {
                f"{flat}.lora_down.weight": down,
                f"{flat}.lora_up.weight": up,
                f"{flat}.alpha": torch.tensor(0.5),
            }
    for seed, name in enumerate(
        name for name in names_of(part) if ".processor." in name and not name.endswith("to_out")
    ):
        if name.split(".")[0] in ("double_blocks", "single_blocks"):
            down, up = tensors_of(part, name, seed)
            end = "_lora" if name.startswith("single") else ""
            xlabs |= {f"{name}{end}.down.weight": down, f"{name}{end}.up.weight": up}
    for layout, tensors in {"kohya": kohya, "xlabs": xlabs}.items():
        theirs: Any = FluxPipeline.lora_state_dict({key: tensor.clone() for key, tensor in tensors.items()})
        found = fitted(part, tensors, tmp_path / f"{layout}.safetensors")
        assert len(theirs) == 2 * len(found.deltas) > 10
        for (path, _), (delta,) in found.deltas.items():
            assert isinstance(delta, LowRank)
            down, up = (theirs[f"transformer.{path}.lora_{letter}.weight"] for letter in "AB")
            x = torch.randn(down.shape[1], generator=torch.Generator().manual_seed(1))
            assert torch.allclose(delta.up @ (delta.down @ x) * delta.scale, up @ (down @ x), rtol=1e-4), path


@pytest.mark.parametrize(
    "layout", ["lora_unet_", "diffusion_model.", "transformer.", "lora_transformer_", "lycoris_", ""]
)
@pytest.mark.parametrize("name", MAKERS)
def test_diffusers_own_paths_in_every_layout(
    large: dict[str, nn.Module], tmp_path: Path, name: str, layout: str
) -> None:
    part = large[name]
    ends = [path for path in files.layers(part, ("",)) if shape_of(part.get_submodule(path))[0] % 2 == 0]
    written = {path: path.replace(".", "_") if layout.endswith("_") else path for path in ends}
    tensors = {}
    for seed, path in enumerate(ends):
        down, up = files.low_rank(shape_of(part.get_submodule(path)), seed, rank=1)
        tensors |= {f"{layout}{written[path]}.lora_A.weight": down, f"{layout}{written[path]}.lora_B.weight": up}
    found = ups(fitted(part, tensors, tmp_path / "some.safetensors"))
    assert found.keys() == set(ends)
    for seed, path in enumerate(ends):
        assert torch.equal(found[path], files.low_rank(shape_of(part.get_submodule(path)), seed, rank=1)[1].flatten(1))


def test_kohya_for_qwen(large: dict[str, nn.Module], tmp_path: Path) -> None:
    tensors = files.kohya(large["qwen"], ends=(*files.ATTENTION, "net.2", "mod.1"))
    theirs: Any = QwenImagePipeline.lora_state_dict({key: tensor.clone() for key, tensor in tensors.items()})
    found = fitted(large["qwen"], tensors, tmp_path / "some.safetensors")
    assert {f"transformer.{path}.lora_A.weight" for path, _ in found.deltas} == {
        key for key in theirs if "lora_A" in key
    }


def in_original_unet(unet: nn.Module) -> dict[str, str]:
    names = {
        name: places for name, places in names_of(unet).items() if name.startswith(("input_", "middle_", "output_"))
    }
    found = {name: place.path for name, (place,) in names.items()}
    return {name: path for name, path in found.items() if isinstance(unet.get_submodule(path), files.BRANCHES)}


def test_the_original_code_of_unets() -> None:
    unet = like_sdxl()
    flat = {name: path for name, path in in_original_unet(unet).items() if "." not in name}
    mapped = _maybe_map_sgm_blocks_to_diffusers({f"lora_unet_{name}.lora_down.weight": 0 for name in flat}, unet.config)
    theirs = {_convert_unet_lora_key(key) for key in mapped}
    ours = {_convert_unet_lora_key(f"lora_unet_{path.replace('.', '_')}.lora_down.weight") for path in flat.values()}
    assert len(flat) > 100
    assert ours == theirs


def test_an_upsampler_without_attention_before_it() -> None:
    """As in SD 1.5's own checkpoint."""
    assert in_original_unet(tiny.make("sd15").unet)["output_blocks.1.1.conv"] == "up_blocks.0.upsamplers.0.conv"


def like_sdxl() -> UNet2DConditionModel:
    options: dict[str, Any] = {"transformer_layers_per_block": (1, 2, 3)}
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32, 32),
        layers_per_block=2,
        norm_num_groups=8,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        **options,
    )
