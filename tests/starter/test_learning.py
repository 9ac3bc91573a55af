"""The recipe on a microscopic scale: from an empty folder to a model that draws, and on after an interruption."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn

from desktop.starter import evaluate, learn, train
from desktop.starter.captions import full_caption
from desktop.starter.data import Data, to_tensor
from desktop.starter.learn import Plan
from desktop.starter.reader import load_reader
from desktop.starter.scenes import FACTS, facts
from desktop.starter.tokenizer import MAX_TOKENS, load_tokenizer, tokenize
from desktop.starter.train import PRODUCTS, Course, is_done
from desktop.starter.unet import _first_unet, new_unet
from desktop.starter.vae import SCALE, SHAPE, fold, load_vae, picture_loss, start_as_average_pool

TINY = Course(
    pictures=60,
    vae=Plan(steps=2, batch=2, rate=1e-4),
    text=Plan(steps=3, batch=8, rate=1e-3),
    unet=Plan(steps=2, batch=4, rate=1e-3),
    reader=Plan(steps=2, batch=8, rate=1e-3),
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter") / "out"
    train.train(folder, TINY)
    return folder


def test_every_stage_leaves_its_product(out: Path) -> None:
    assert all(is_done(out, TINY, stage) for stage in PRODUCTS)


def test_command_does_what_is_missing_and_nothing_again(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "COURSE", TINY)
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*")}
    train.main([str(out)])
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*")} == before
    (out / "latents.pt").unlink()
    train.main([str(out)])
    assert is_done(out, TINY, "latents")
    train.main([str(out), "--only", "model"])
    assert (out / "model" / "model_index.json").stat().st_mtime_ns > before[out / "model" / "model_index.json"]


def test_the_model_draws(out: Path) -> None:
    pipeline: Any = StableDiffusionPipeline.from_pretrained(out / "model", dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    made = pipeline("a red tent at dawn", height=64, width=64, num_inference_steps=2, output_type="np").images
    assert made.shape == (1, 64, 64, 3)
    assert np.isfinite(made).all()


def test_the_model_is_in_half_precision_and_complete(out: Path) -> None:
    for part in ("unet", "vae", "text_encoder"):
        (file,) = (out / "model" / part).glob("*.safetensors")
        assert {tensor.dtype for tensor in load_file(file).values()} == {torch.float16}
    assert (out / "model" / "tokenizer" / "vocab.json").exists()
    assert (out / "model" / "tokenizer" / "merges.txt").exists()
    scheduler = json.loads((out / "model" / "scheduler" / "scheduler_config.json").read_text())
    assert scheduler["prediction_type"] == "v_prediction"
    assert scheduler["timestep_spacing"] == "trailing"
    assert scheduler["rescale_betas_zero_snr"]
    load_reader(out / "model" / "reader.safetensors")


def test_the_model_does_not_tell_where_it_was_made(out: Path) -> None:
    texts = [file.read_text("utf-8") for file in (out / "model").rglob("*.json")]
    assert len(texts) >= 7
    assert not any(str(out) in text for text in texts)


def test_latents_are_normal_and_the_vae_knows(out: Path) -> None:
    latents = torch.load(out / "latents.pt", weights_only=True).float()
    assert latents.shape == (60, 4, 32, 32)
    assert latents.mean((0, 2, 3)).abs().max() < 0.01
    assert (latents.std((0, 2, 3)) - 1).abs().max() < 0.01
    with torch.inference_mode():
        again = load_vae(out / "vae").encode(to_tensor(Data(out, 60).pixels)).latent_dist.mode() * SCALE
    assert (again - latents).abs().mean() < 0.05  # bfloat16 against float32


def test_tokenizer_knows_the_captions(out: Path) -> None:
    tokenizer: Any = load_tokenizer(out / "tokenizer")
    texts = [text for group in Data(out, 60).captions for text in group]
    ids = tokenize(tokenizer, texts)
    assert ids.shape == (480, MAX_TOKENS)
    assert set(ids[:, 0].tolist()) == {tokenizer.bos_token_id}
    assert set(ids[:, -1].tolist()) == {tokenizer.eos_token_id}
    assert [tokenizer.decode(row, skip_special_tokens=True).replace(" ,", ",") for row in ids[:8]] == texts[:8]
    assert tokenizer.tokenize("a rainbow") == ["a</w>", "rainbow</w>"]


def test_captions_tell_their_facts(out: Path) -> None:
    data = Data(out, 60)
    table = data.facts()
    assert [len(group) for group in data.captions] == [8] * 60
    for i, (scene, captions) in enumerate(zip(data.scenes, data.captions, strict=True)):
        assert captions[0] == full_caption(scene)
        for j, told in enumerate(data.told[i]):
            assert {fact for fact, is_told in zip(FACTS, table[i, j], strict=True) if is_told} == set(facts(told))


def test_another_number_of_pictures_is_noticed(out: Path) -> None:
    with pytest.raises(ValueError, match="holds 60 pictures and not 61"):
        _ = Data(out, 61).pixels


def test_a_stage_goes_on_where_it_stopped(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    longer = replace(TINY, text=replace(TINY.text, steps=5))
    assert [stage for stage in PRODUCTS if not is_done(out, longer, stage)] == ["text"]
    rates: list[float] = []
    improve = learn._improve

    def counted(model: nn.Module, optimizer: torch.optim.Optimizer, rate: float, loss_of: Any) -> Tensor:
        rates.append(rate)
        return improve(model, optimizer, rate, loss_of)

    monkeypatch.setattr(learn, "_improve", counted)
    train.train(out, longer)
    assert rates == [longer.text.rate_at(3), longer.text.rate_at(4)]
    assert is_done(out, longer, "text")


def test_unet_starts_from_the_one_that_is_there(out: Path, tmp_path: Path) -> None:
    start = new_unet()
    assert start.conv_out.weight.abs().sum() == 0
    nn.init.ones_(start.conv_out.weight)
    start.save_pretrained(tmp_path / "unet")
    assert (_first_unet(tmp_path / "unet").conv_out.weight == 1).all()


def test_interrupted_learning_continues(tmp_path: Path) -> None:
    plan = Plan(steps=6, batch=1, rate=0.1, warmup=1)
    torch.manual_seed(0)
    seen: list[Tensor] = []
    saved: list[Tensor] = []

    def run(stop: int | None) -> None:
        model = nn.Linear(2, 1)

        def loss() -> Tensor:
            if len(seen) == stop:
                raise KeyboardInterrupt
            seen.append(model.weight.detach().clone())
            return (model(torch.ones(1, 2)) - 3).square().mean()

        learn.learn(model, plan, loss, tmp_path, lambda average: saved.append(average.weight.clone()), save_every=0)

    with pytest.raises(KeyboardInterrupt):
        run(stop=3)
    assert learn.is_learning(tmp_path, plan)
    kept = torch.load(tmp_path / learn.STATE, weights_only=True)
    run(stop=None)
    assert kept["step"] == 3
    assert len(seen) == len(saved) == 6
    assert torch.equal(seen[3], kept["model"]["weight"])
    assert not learn.is_learning(tmp_path, plan)
    run(stop=None)
    assert len(seen) == 6


def test_rate_warms_up_stays_and_falls() -> None:
    plan = Plan(steps=1000, batch=1, rate=2.0)
    assert plan.rate_at(0) == pytest.approx(0.02)
    assert plan.rate_at(99) == plan.rate_at(500) == plan.rate_at(800) == 2.0
    assert plan.rate_at(900) == pytest.approx(1.0)
    assert 0 < plan.rate_at(999) < 0.02


def test_the_average_follows_slowly_and_keeps_batch_statistics() -> None:
    old, new = nn.BatchNorm1d(1), nn.BatchNorm1d(1)
    new.load_state_dict({**new.state_dict(), "weight": torch.tensor([3.0]), "running_mean": torch.tensor([5.0])})
    learn._follow(old, new, 0.75)
    assert old.state_dict()["weight"].item() == pytest.approx(1.5)
    assert old.state_dict()["running_mean"].item() == 5


def test_vae_starts_as_an_average_pool_and_folding_keeps_pictures(out: Path) -> None:
    torch.manual_seed(0)
    vae: Any = AutoencoderKL(**SHAPE)
    pictures = to_tensor(Data(out, 60).pixels[:4])
    start_as_average_pool(vae, pictures)
    with torch.inference_mode():
        before = vae(pictures).sample
        raw = vae.encode(pictures).latent_dist.mode()
    blocks = nn.functional.interpolate(nn.functional.avg_pool2d(pictures, 4), scale_factor=4)
    assert (before - blocks).abs().mean() < 0.03
    mean, std = raw.mean((0, 2, 3)), raw.std((0, 2, 3))
    fold(vae, mean, std)
    with torch.inference_mode():
        assert (vae(pictures).sample - before).abs().max() < 1e-3
        folded = vae.encode(pictures).latent_dist.mode() * SCALE
    assert folded.mean((0, 2, 3)).abs().max() < 1e-4
    assert folded.std((0, 2, 3)) == pytest.approx(torch.ones(4).numpy(), abs=1e-3)


def test_picture_loss_sees_edges() -> None:
    flat, edge = torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16)
    edge[..., 8:] = 0.5
    assert picture_loss(flat, flat) == 0
    assert picture_loss(flat + 0.25, flat) == pytest.approx(0.5)
    assert picture_loss(edge, flat) > 0.5


def test_evaluate_command(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate, "SHEET_PROMPTS", ["a red tent", "the sea at dawn"])
    file = tmp_path / "sheet.png"
    evaluate.main(["--model", str(out / "model"), "--prompts", "2", "--steps", "1", "--sheet", str(file)])
    assert "time of day" in capsys.readouterr().out
    with Image.open(file) as picture:
        assert picture.size == (6 * 132 + 4, 136)
