"""What a folder is: whole models are known for what they are, and broken ones are told with what to do about them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.engine import tiny
from desktop.errors import UserError
from desktop.models.entries import entry_of
from desktop.models.folders import LARGEST_CONFIG, LARGEST_JSON
from desktop.models.identify import identify
from desktop.paths import STARTER
from tests.models.folders import change_json, copied, safetensors, tensor

UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def folder(models: dict[str, Path], tmp_path: Path) -> Path:
    """A model to break."""
    return copied(models["sd15"], tmp_path / "mine")


# ---------------------------------------------------------------- whole


@pytest.mark.parametrize("family", tiny.MAKERS)
def test_a_model_is_known_for_what_it_is(models: dict[str, Path], family: str) -> None:
    model = identify(models[family])
    assert (model.family.id, model.native, model.missing, model.variant) == (family, tiny.SIDE, (), None)
    assert (model.name, model.path) == (family, models[family].resolve())


VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sd15-inpaint": ("sd15", ("inpaint",)),
    "sd2": ("sd2", ("v-prediction",)),
    "sd3-without-t5": ("sd3", ()),
    "flux-schnell": ("flux", ("schnell",)),
    "flux-fill": ("flux", ("inpaint",)),
    "flux-kontext": ("flux", ("edit",)),
    "flux2-klein": ("flux2", ("klein",)),
    "flux2-klein-distilled": ("flux2", ("klein", "distilled")),
    "qwen-edit": ("qwen", ("edit",)),
    "qwen-edit-plus": ("qwen", ("edit",)),
    "lumina2": ("lumina2", ()),
    "pixart-alpha": ("pixartalpha", ()),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_known_for_what_it_is(models: dict[str, Path], name: str) -> None:
    model = identify(models[name])
    assert (model.family.id, model.variants) == VARIANTS[name]
    assert set(VARIANTS) - {"sd2"} == set(tiny.VARIANTS)


@pytest.mark.parametrize(
    ("name", "changes", "variant"),
    [
        ("zimage", {"shift": 3.0}, "turbo"),
        ("sd15", {"prediction_type": "v_prediction"}, "v-prediction"),
        ("sdxl", {"timestep_spacing": "trailing", "_class_name": "EulerAncestralDiscreteScheduler"}, "turbo"),
    ],
)
def test_a_scheduler_tells_variants(
    models: dict[str, Path], tmp_path: Path, name: str, changes: dict[str, Any], variant: str
) -> None:
    folder = copied(models[name], tmp_path / name)
    change_json(folder / "scheduler/scheduler_config.json", lambda config: config.update(changes))
    assert identify(folder).variants == (variant,)


def test_a_snapshot_of_the_hub_is_called_like_its_repository(models: dict[str, Path], tmp_path: Path) -> None:
    folder = copied(models["sd3"], tmp_path / "models--stabilityai--sd3.5-large-turbo/snapshots/0123abc")
    model = identify(folder)
    assert (model.name, model.variants) == ("stabilityai/sd3.5-large-turbo", ("turbo",))


@pytest.mark.parametrize("name", ["WanPipeline", "StableAudioPipeline", "FluxControlNetPipeline", "nothing"])
def test_what_makes_no_pictures_from_text_is_refused(folder: Path, name: str) -> None:
    _index(_class_name=name)(folder)
    with pytest.raises(UserError, match="does not know"):
        identify(folder)


def test_the_starter_is_known_for_what_it_is() -> None:
    model = identify(STARTER)
    assert (model.family.id, model.name, model.missing) == ("starter", "starter", ())
    assert model.native in (128, 256)


def test_the_weights_are_counted(models: dict[str, Path]) -> None:
    pipe = tiny.make("sd15")
    model = identify(models["sd15"])
    counts = {
        name: sum(p.numel() for p in getattr(pipe, name).parameters()) for name in ("unet", "vae", "text_encoder")
    }
    assert model.values == sum(counts.values())
    assert model.denoiser_values == counts["unet"]
    assert model.bytes == sum(file.stat().st_size for file in models["sd15"].rglob("*.safetensors"))


@pytest.mark.parametrize("task", ["Img2Img", "Inpaint"])
def test_the_pipeline_of_another_task_is_the_same_model(folder: Path, task: str) -> None:
    change_json(folder / "model_index.json", lambda i: i.update(_class_name=f"StableDiffusion{task}Pipeline"))
    assert identify(folder).family.id == "sd15"


def test_sd3_may_lack_its_t5(models: dict[str, Path], tmp_path: Path) -> None:
    whole = identify(models["sd3"])
    folder = copied(models["sd3"], tmp_path / "sd3")
    shutil.rmtree(folder / "text_encoder_3")
    shutil.rmtree(folder / "tokenizer_3")
    model = identify(folder)
    assert model.missing == ("text_encoder_3", "tokenizer_3")
    assert (model.family, model.native) == (whole.family, whole.native)
    assert model.values < whole.values


def test_a_native_size_that_is_not_said_is_the_familys(folder: Path) -> None:
    change_json(folder / "unet/config.json", lambda c: c.pop("sample_size") and None)
    assert identify(folder).native == 512


def test_files_of_the_fp16_variant_are_told(folder: Path) -> None:
    for file in folder.rglob("*.safetensors"):
        file.rename(file.with_suffix(".fp16.safetensors"))
    assert identify(folder).variant == "fp16"


def test_of_both_precisions_the_plain_one_is_taken(folder: Path) -> None:
    before = identify(folder)
    shutil.copy(folder / UNET, (folder / UNET).with_suffix(".fp16.safetensors"))
    after = identify(folder)
    assert (after.variant, after.values, after.bytes) == (None, before.values, before.bytes)


@pytest.fixture(params=[None, "fp16"], ids=["plain", "fp16"])
def sharded(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    tiny.make("sd15").save_pretrained(tmp_path / "sharded", max_shard_size="40KB", variant=request.param)
    return tmp_path / "sharded"


def test_a_model_in_shards_is_one_model(sharded: Path, models: dict[str, Path], request: pytest.FixtureRequest) -> None:
    model = identify(sharded)
    assert len(list((sharded / "unet").glob("*-of-*.safetensors"))) > 2
    assert model.values == identify(models["sd15"]).values
    assert model.variant == ("fp16" if "fp16" in request.node.name else None)


def test_a_lost_shard_is_named(sharded: Path) -> None:
    lost = sorted((sharded / "unet").glob("*-of-*.safetensors"))[1]
    lost.unlink()
    with pytest.raises(UserError, match=lost.name) as caught:
        identify(sharded)
    assert caught.value.hint


# ---------------------------------------------------------------- content ids


def test_the_same_content_has_the_same_id_wherever_it_lies(models: dict[str, Path], folder: Path) -> None:
    for name in ("README.md", "preview.png", "unet/notes.md"):
        (folder / name).write_text("a beautiful model")
    assert identify(folder).id == identify(models["sd15"]).id


def _last_byte(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


CHANGES: dict[str, Callable[[Path], Any]] = {
    "a weight of the U-Net": lambda folder: _last_byte(folder / UNET),
    "a weight of the VAE": lambda folder: _last_byte(folder / "vae/diffusion_pytorch_model.safetensors"),
    "the scheduler": lambda folder: change_json(
        folder / "scheduler/scheduler_config.json", lambda c: c.update(beta_end=0.013)
    ),
    "the index": lambda folder: change_json(folder / "model_index.json", lambda c: c.update(more=1)),
    "the tokenizer": lambda folder: (folder / "tokenizer/tokenizer.json").write_text("{}"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_another_content_has_another_id(folder: Path, name: str) -> None:
    before = identify(folder).id
    CHANGES[name](folder)
    assert identify(folder).id != before


# ---------------------------------------------------------------- broken


def _weights(content: bytes) -> Callable[[Path], Any]:
    return lambda folder: (folder / UNET).write_bytes(content)


def _pickled(folder: Path) -> None:
    (folder / UNET).rename(folder / "unet/diffusion_pytorch_model.bin")


def _index(**changes: Any) -> Callable[[Path], Any]:
    return lambda folder: change_json(folder / "model_index.json", lambda index: index.update(changes))


def _config(part: str, **changes: Any) -> Callable[[Path], Any]:
    return lambda folder: change_json(folder / part / "config.json", lambda config: config.update(changes))


def _dangling(name: str) -> Callable[[Path], Any]:
    """As in a download cache from which the files were deleted that its links point at."""

    def change(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(folder / "gone")

    return change


def _padded(name: str, bytes: int) -> Callable[[Path], Any]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes().ljust(bytes + 1))


def _shards(index: Any) -> Callable[[Path], Any]:
    name = "unet/diffusion_pytorch_model.safetensors.index.json"
    return lambda folder: (folder / name).write_text(index)


BREAKAGES: dict[str, Callable[[Path], Any]] = {
    "no index": lambda folder: (folder / "model_index.json").unlink(),
    "empty index": lambda folder: (folder / "model_index.json").write_bytes(b""),
    "broken index": lambda folder: (folder / "model_index.json").write_text('{"_class_name": '),
    "index that is no text": lambda folder: (folder / "model_index.json").write_bytes(b"\xff\xfe\x00"),
    "index that is deep": lambda folder: (folder / "model_index.json").write_text("[" * 100_000),
    "index that is a list": lambda folder: change_json(folder / "model_index.json", lambda _: [1, 2]),
    "no class": lambda folder: change_json(
        folder / "model_index.json", lambda index: index.pop("_class_name") and None
    ),
    "unknown class": _index(_class_name="WanPipeline"),
    "class that is a number": _index(_class_name=5),
    "class that is a list": _index(_class_name=["StableDiffusionPipeline"]),
    "class that is nothing": _index(_class_name=None),
    "part that is an empty list": _index(unet=[]),
    "no U-Net": lambda folder: shutil.rmtree(folder / "unet"),
    "no VAE": lambda folder: shutil.rmtree(folder / "vae"),
    "no text encoder": lambda folder: shutil.rmtree(folder / "text_encoder"),
    "no tokenizer": lambda folder: shutil.rmtree(folder / "tokenizer"),
    "no scheduler": lambda folder: shutil.rmtree(folder / "scheduler"),
    "part that is a file": lambda folder: (shutil.rmtree(folder / "vae"), (folder / "vae").write_text("here")),
    "no config": lambda folder: (folder / "unet/config.json").unlink(),
    "config that is a list": lambda folder: change_json(folder / "vae/config.json", lambda _: []),
    "an editing model": _config("unet", in_channels=8),
    "channels that are text": _config("unet", in_channels="four"),
    "blocks that are a number": _config("vae", block_out_channels=5),
    "blocks that are text": _config("vae", block_out_channels=["a", 5]),
    "config without end": _padded("unet/config.json", LARGEST_JSON),
    "tokenizer without end": _padded("tokenizer/tokenizer.json", LARGEST_CONFIG),
    "no weights": lambda folder: (folder / UNET).unlink(),
    "pickles only": _pickled,
    "empty weights": _weights(b""),
    "truncated weights": lambda folder: (folder / UNET).write_bytes((folder / UNET).read_bytes()[:-1]),
    "web page for weights": _weights(b"<!DOCTYPE html><html></html>"),
    "header beyond the end": _weights((5000).to_bytes(8, "little") + b"{}"),
    "huge header": _weights((2**60).to_bytes(8, "little") + b"{}"),
    "negative shape": _weights(safetensors({"a": tensor([-4], 0, 4)}, bytes(4))),
    "weights that are a folder": lambda folder: ((folder / UNET).unlink(), (folder / UNET).mkdir()),
    "weights that are gone": _dangling(UNET),
    "config that is gone": _dangling("scheduler/scheduler_config.json"),
    "broken list of shards": _shards("{"),
    "shards in a list": _shards('{"weight_map": ["a", "b"]}'),
    "shards that are no names": _shards('{"weight_map": {"a": ["b"], "c": 5}}'),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_folder_is_a_user_error_with_a_hint(folder: Path, name: str) -> None:
    BREAKAGES[name](folder)
    with pytest.raises(UserError) as caught:
        identify(folder)
    assert caught.value.message
    assert caught.value.hint


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes that lie in folders")
@pytest.mark.parametrize("name", ["unet/config.json", "tokenizer/tokenizer.json", UNET, "README.md"])
def test_a_pipe_in_a_folder_is_not_waited_for(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert ("no file" in entry_of(folder).problem) == (name != "README.md")


@pytest.mark.parametrize(
    "name",
    ["missing", "model_index.json", "unet", "a" * 300, "nul\0nul"],
    ids=["missing", "file", "part", "long", "nul"],
)
def test_what_is_no_folder_of_a_model_is_a_user_error(folder: Path, name: str) -> None:
    with pytest.raises(UserError) as caught:
        identify(folder / name)
    assert caught.value.hint


def test_an_unknown_class_is_named_beside_the_known_ones(folder: Path) -> None:
    _index(_class_name="WanPipeline")(folder)
    with pytest.raises(UserError, match="WanPipeline") as caught:
        identify(folder)
    assert "Stable Diffusion XL" in caught.value.hint


def test_pickles_are_refused_for_what_they_are(folder: Path) -> None:
    _pickled(folder)
    with pytest.raises(UserError, match="pickle"):
        identify(folder)
