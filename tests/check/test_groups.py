"""What is tried: that it works here, and that it fails where what it looks at is broken."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoints
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from desktop.check import apart, classes, drawing, files, groups, libraries, models, window
from desktop.check.trial import FAILED, MISSING, OK, Outcome, Trial, Ways, tried
from desktop.engine import tiny
from desktop.library.metadata.description import Description
from desktop.models.families import FAMILIES
from desktop.models.samplers import SAMPLERS
from desktop.raster import Raster
from desktop.ui import icons


def _outcomes(*trials: Trial) -> dict[str, Outcome]:
    return {each.what: each for each in tried("group", lambda: trials) if isinstance(each, Outcome)}


def _states(outcomes: dict[str, Outcome], state: str) -> dict[str, str]:
    return {what: outcome.detail for what, outcome in outcomes.items() if outcome.state == state}


def _model(ways: Ways, name: str) -> Outcome:
    trial = next(trial for trial in models.trials(ways) if trial.what == f"model {name}")
    return _outcomes(trial)[trial.what]


def test_there_is_a_tiny_model_of_every_family() -> None:
    assert set(tiny.MAKERS) == set(FAMILIES) - {"starter"}


@pytest.mark.parametrize("name", ["sd15-inpaint", "pixart"])
def test_a_tiny_model_works_and_leaves_nothing_behind(ways: Ways, name: str) -> None:
    outcome = _model(ways, name)
    assert outcome.state == OK, outcome.trace
    assert list(ways.folder.iterdir()) == []


def test_a_lora_without_effect_is_a_failure(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    def weak(part: Any, prefix: str) -> dict[str, Any]:
        return {name: tensor * 0 for name, tensor in lora(part, prefix).items()}

    lora = tiny.loras.lora
    monkeypatch.setattr(tiny.loras, "lora", weak)
    assert _model(ways, "sd15").state == FAILED


def test_a_picture_that_does_not_say_how_it_was_made_is_a_failure(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "png", lambda produced: produced.picture.png())
    assert _model(ways, "sd15").state == FAILED


def test_a_device_that_is_not_there_is_a_failure(ways: Ways) -> None:
    outcome = _model(replace(ways, device="abacus"), "sd15")
    assert outcome.state == FAILED
    assert "abacus" in outcome.detail


def test_what_lacks_torchvision_is_missing(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    outcomes = _outcomes(*(trial for trial in libraries.trials() if trial.what == "torchvision"))
    assert outcomes["torchvision"].state == MISSING
    assert _model(ways, "qwen-edit").state == MISSING


def test_all_classes_and_samplers_are_there() -> None:
    outcomes = _outcomes(*classes.trials())
    assert not _states(outcomes, FAILED)
    assert {f"sampler {key}" for key in SAMPLERS} < set(outcomes)
    assert {"class FluxKontextPipeline", "class Flux2KleinPipeline", "class AutoencoderDC"} < set(outcomes)


def test_a_class_that_is_not_there_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classes, "pipelines", lambda: ("FluxPipeline", "NoPipeline", "OnnxRuntimeModel"))
    assert _states(_outcomes(*classes.trials()), FAILED).keys() == {"class NoPipeline", "class OnnxRuntimeModel"}


def test_all_files_are_written_and_read(ways: Ways) -> None:
    outcomes = _outcomes(*files.trials(ways.folder))
    assert not _states(outcomes, FAILED)
    assert {"document as .ora", "document as .psd", "recipe in avif", "Content Credentials in webp"} < set(outcomes)


def test_files_that_say_something_else_than_was_written_are_failures(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Raster(np.zeros((files.SIDE, files.SIDE, 4), np.uint8))
    monkeypatch.setattr(files, "flattened", lambda snapshot, area: other.pixels)
    monkeypatch.setattr(files, "describe", lambda file: Description())
    monkeypatch.setattr(files.credentials, "sign", lambda content, description, identity: content)
    monkeypatch.setattr(files.Raster, "read", lambda file: other)
    failed = _states(_outcomes(*files.trials(ways.folder)), FAILED)
    works = {"document as .psd", "colour profiles"}
    assert set(failed) == {trial.what for trial in files.trials(ways.folder)} - works


def test_libraries_work_or_are_missing() -> None:
    outcomes = _outcomes(*libraries.trials())
    assert not _states(outcomes, FAILED)
    assert set(_states(outcomes, MISSING)) <= {"torchvision", "keyring", "wakepy", "certificates"}


def test_a_keyring_that_was_left_out_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "entry_points", lambda group: EntryPoints(()))
    assert _states(_outcomes(*libraries.trials()), FAILED).keys() == {"keyring"}


def test_icons_that_are_not_drawn_are_failures(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried_icons() -> Outcome:
        return _outcomes(Trial("icons", drawing._icons))["icons"]

    assert tried_icons().state == OK
    (tmp_path / "empty.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>')
    monkeypatch.setattr(icons, "FOLDER", tmp_path)
    assert "empty" in tried_icons().detail
    (tmp_path / "empty.svg").unlink()
    assert tried_icons().state == FAILED


@pytest.mark.parametrize("group", ["drawing", "window"])
def test_qt_works_in_a_process_of_its_own(ways: Ways, group: str) -> None:
    outcomes = {each.what: each for each in apart.run(group, groups.ALL[group], ways)}
    assert not _states(outcomes, FAILED), outcomes
    assert outcomes


def _impatient(ways: Ways) -> Iterator[Trial]:
    window.PATIENCE = 0.0
    return window.trials(ways.folder)


def test_a_window_whose_engine_does_not_come_is_a_failure(ways: Ways) -> None:
    [outcome] = apart.run("window", _impatient, ways)
    assert outcome.state == FAILED
    assert "not warm" in outcome.detail
