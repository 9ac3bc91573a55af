"""`describe` and `models`, and the program as a process of its own: encodings and Ctrl+C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from desktop.paths import STARTER
from tests.cli.conftest import Sfumato
from tests.library.metadata.corpus import CASES
from tests.models.folders import copied

HOUSE = Path(__file__).parents[2]


def _picture(file: Path, **texts: str) -> Path:
    info = PngInfo()
    for name, text in texts.items():
        info.add_itxt(name, text)
    Image.new("RGB", (4, 4)).save(file, pnginfo=info)
    return file


def test_a_picture_of_ours_is_described(sfumato: Sfumato, here: Path) -> None:
    recipe = {"prompt": "a lake 🌅", "seed": 2**64 - 1, "newer": [1]}
    _picture(here / "a.png", sfumato=json.dumps({"recipe": recipe, "made": {"model": "starter"}}))
    outcome = sfumato("describe", "a.png")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == {
        "tool": "sfumato",
        "recipe": {"prompt": "a lake 🌅", "seed": 2**64 - 1},
        "unused": {"newer": [1]},
        "ai_generated": True,
        "made": {"model": "starter"},
    }


def test_a_picture_of_another_program_is_described(sfumato: Sfumato, here: Path) -> None:
    case = CASES["forge flux"]
    (here / "a.png").write_bytes(case.file)
    outcome = sfumato("describe", "a.png")
    assert (outcome.code, outcome.err) == (0, "")
    told = json.loads(outcome.out)
    assert list(told) == ["tool", "recipe", "unused", "ai_generated", "made"]
    assert told == {"tool": "forge", "recipe": case.recipe, "unused": case.unused, "ai_generated": True, "made": {}}


def test_a_picture_that_says_nothing_is_described_by_nothing(sfumato: Sfumato, here: Path) -> None:
    _picture(here / "a.png")
    outcome = sfumato("describe", "a.png")
    assert outcome.code == 0
    assert json.loads(outcome.out) == {"tool": None, "recipe": {}, "unused": {}, "ai_generated": False, "made": {}}


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": "a\nSteps: 1, CFG scale: inf, Seed: 1"},
        {"sfumato": '{"recipe": {"newer": NaN}, "made": {}}'},
        {"sfumato": '{"recipe": {"newer": ' + "[" * 600 + "]" * 600 + '}, "made": {}}'},
    ],
    ids=["endless", "no number", "deep"],
)
def test_a_description_is_json_whatever_the_picture_says(sfumato: Sfumato, here: Path, texts: dict[str, str]) -> None:
    _picture(here / "a.png", **texts)
    outcome = sfumato("describe", "a.png")
    assert outcome.code == 0
    json.loads(outcome.out, parse_constant=_no_constant)


def test_the_models_are_listed_a_line_each_with_the_starter_first(
    sfumato: Sfumato, models: dict[str, Path], tmp_path: Path
) -> None:
    copied(models["sdxl"], tmp_path / "sfumato-data/models/big one")
    outcome = sfumato("models")
    assert (outcome.code, outcome.err) == (0, "")
    first, second = outcome.out.splitlines()
    assert first.startswith("starter ")
    assert first.endswith(str(STARTER.resolve()))
    assert second.startswith("big one ")
    assert "Stable Diffusion XL" in second


# ---------------------------------------------------------------- as a process


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOUSE), "SFUMATO_DATA": str(tmp_path / "data")}


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """A process that was started in the background has Ctrl+C switched off, and so would its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_console_of_another_encoding_is_no_obstacle(here: Path, environment: dict[str, str]) -> None:
    _picture(here / "a.png", parameters="a lake 🌅\nSteps: 1, Seed: 2, Sampler: Euler")
    command = [sys.executable, "-m", "desktop", "describe", "a.png"]
    done = subprocess.run(command, capture_output=True, env={**environment, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"a lake \\" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize(
    ("options", "moment"),
    [((), "denoising"), (("-X", "importtime"), "argparse"), (("-X", "importtime"), "torch._C")],
    ids=["at work", "at the very start", "while it loads"],
)
def test_ctrl_c_ends_it_cleanly(here: Path, environment: dict[str, str], options: tuple[str, ...], moment: str) -> None:
    words = ["generate", "a lake", "--size", "64x64", "--steps", "1000", "--out", "out/a.png"]
    command = [sys.executable, *options, "-m", "desktop", *words]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stderr
        assert any(moment in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "cancelled" in err
    assert out == ""
    assert [path for path in here.rglob("*") if path.is_file()] == []
