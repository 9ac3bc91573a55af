"""Pickles become safetensors, or it is told why they do not; none of what is in them ever runs."""

from __future__ import annotations

import argparse
import contextlib
import os
import pickle
import re
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from desktop.engine import unsafe
from desktop.engine.api import Conversion, Converted, Engine, Event, Failed, Finished, Job
from desktop.engine.unsafe import read_pickle
from desktop.errors import UserError
from desktop.models.weights import read_header

WEIGHTS = {
    "a.weight": torch.arange(12.0).reshape(3, 4),
    "half": torch.linspace(0, 1, 5, dtype=torch.float16),
    "brain": torch.linspace(0, 1, 5, dtype=torch.bfloat16),
    "count": torch.tensor(7),
    "none": torch.zeros(0, 3),
}


class Harm:
    """Leaves a file when it is unpickled."""

    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.trace}'",)


def saved(file: Path, content: Any, **options: Any) -> Path:
    torch.save(content, file, **options)
    return file


def converted(engine: Engine, file: Path) -> list[Event]:
    return list(engine.run(Job(Conversion(file), {})))


def assert_same(tensors: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert tensors.keys() == expected.keys()
    for name, tensor in tensors.items():
        assert tensor.dtype == expected[name].dtype
        assert torch.equal(tensor, expected[name])


def test_a_pickle_becomes_safetensors_beside_it(engine: Engine, tmp_path: Path) -> None:
    file = saved(tmp_path / "model.ckpt", {"state_dict": WEIGHTS, "global_step": 5, "epoch": 1})
    events = converted(engine, file)
    assert Converted(tmp_path / "model.safetensors") in events
    assert isinstance(events[-1], Finished)
    assert_same(load_file(tmp_path / "model.safetensors"), WEIGHTS)
    read_header(tmp_path / "model.safetensors")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model.ckpt", "model.safetensors"]


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (WEIGHTS, WEIGHTS),
        (OrderedDict(WEIGHTS), WEIGHTS),
        ({"params_ema": WEIGHTS, "params": {}}, WEIGHTS),
        ({"image_proj": {"w": torch.ones(2)}, "ip_adapter": {}}, {"image_proj.w": torch.ones(2)}),
        ({"string_to_param": {"*": torch.ones(2, 8)}, "name": "x"}, {"emb_params": torch.ones(2, 8)}),
        ({"p": torch.nn.Parameter(torch.ones(2)), 5: torch.ones(1)}, {"p": torch.ones(2)}),
        ({"__metadata__": torch.ones(2), "a": torch.ones(2)}, {"a": torch.ones(2)}),
    ],
)
def test_weights_are_found_wherever_they_are(
    tmp_path: Path, content: Any, expected: dict[str, torch.Tensor], zipped: bool
) -> None:
    file = saved(tmp_path / "model.pt", content, _use_new_zipfile_serialization=zipped)
    assert_same(read_pickle(file), expected)


def test_weights_that_share_memory_are_each_written(local: Engine, tmp_path: Path) -> None:
    whole = torch.arange(12.0).reshape(3, 4)
    views = {"whole": whole, "again": whole, "turned": whole.T, "row": whole[1], "wide": torch.ones(1).expand(4)}
    converted(local, saved(tmp_path / "model.bin", views))
    assert_same(load_file(tmp_path / "model.safetensors"), views)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_code_is_never_run_and_named(engine: Engine, tmp_path: Path, zipped: bool) -> None:
    content = WEIGHTS | {"harm": Harm(tmp_path / "trace")}
    last = converted(engine, saved(tmp_path / "model.ckpt", content, _use_new_zipfile_serialization=zipped))[-1]
    assert isinstance(last, Failed)
    assert "posix.system" in last.message or "nt.system" in last.message
    assert not last.trace
    assert [each.name for each in tmp_path.iterdir()] == ["model.ckpt"]


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_what_lies_in_many_places_is_read_once(tmp_path: Path, zipped: bool) -> None:
    """Or a file of some kilobytes holds millions of names."""
    held: dict[str, Any] = {"a": torch.ones(2)}
    for _ in range(6):
        held = dict.fromkeys("bcde", held)
    held["x" * 10_000] = {"y": torch.ones(2)}
    file = saved(tmp_path / "model.pt", held, _use_new_zipfile_serialization=zipped)
    assert_same(read_pickle(file), {"b.b.b.b.b.b.a": torch.ones(2)})


def _bomb(file: Path) -> None:
    _zipped_anew(saved(file, {"a": torch.zeros(4_000_000)}), zipfile.ZIP_DEFLATED)


def _with_pickle(file: Path, code: bytes) -> None:
    _zipped_anew(saved(file, WEIGHTS), zipfile.ZIP_STORED, {"data.pkl": code})


def _zipped_anew(file: Path, method: int, changes: Mapping[str, bytes] = MappingProxyType({})) -> None:
    with zipfile.ZipFile(file) as source:
        entries = {entry.filename: source.read(entry) for entry in source.infolist()}
    with zipfile.ZipFile(file, "w", method) as target:
        for name, content in entries.items():
            target.writestr(name, changes.get(Path(name).name, content))


BREAKAGES: dict[str, tuple[Any, str]] = {
    "other classes": (lambda file: saved(file, {"a": torch.ones(2), "o": argparse.Namespace()}), "argparse.Namespace"),
    "a plain pickle of code": (lambda file: file.write_bytes(pickle.dumps(Harm(file), 2)), "system"),
    "empty": (lambda file: file.write_bytes(b""), "damaged"),
    "a web page": (lambda file: file.write_bytes(b"<html>not here</html>" * 50), "no pickle"),
    "cut short": (lambda file: file.write_bytes(saved(file, WEIGHTS).read_bytes()[:-900]), "damaged"),
    "a folder": (lambda file: file.mkdir(), "damaged"),
    "gone": (lambda _: None, "damaged"),
    "a number": (lambda file: saved(file, 5), "no weights"),
    "a list": (lambda file: saved(file, [torch.ones(2)]), "no weights"),
    "sparse ones": (lambda file: saved(file, {"a": torch.eye(3).to_sparse()}), "no weights|no pickle"),
    "complex ones": (lambda file: saved(file, {"a": torch.ones(2, dtype=torch.complex64)}), "no weights"),
    "weights from nowhere": (lambda file: saved(file, {"a": torch.ones(1).expand(2**40)}), "more than fits"),
    "a zip that swells": (_bomb, "damaged"),
    "a storage without a name": (lambda file: _with_pickle(file, b"\x80\x02K\x01Q."), "damaged"),
    "a number cut short": (lambda file: _with_pickle(file, b"\x80\x02X\x01"), "damaged"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_what_cannot_be_read_is_told(local: Engine, tmp_path: Path, name: str) -> None:
    breakage, reason = BREAKAGES[name]
    file = tmp_path / "model.ckpt"
    breakage(file)
    last = converted(local, file)[-1]
    assert isinstance(last, Failed)
    assert re.search(reason, last.message)
    assert last.hint
    assert not last.trace
    assert not (tmp_path / "model.safetensors").exists()


@given(st.binary(max_size=300), st.integers(0, 2000), st.booleans())
def test_noise_is_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, zipped: bool) -> None:
    file = saved(tmp_path_factory.mktemp("noise") / "m.pt", WEIGHTS, _use_new_zipfile_serialization=zipped)
    content = file.read_bytes()
    file.write_bytes(content[:at] + noise + content[at + len(noise) :])
    with contextlib.suppress(UserError):  # and nothing else
        read_pickle(file)


def test_a_file_that_is_there_is_not_written_over(local: Engine, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_text("mine")
    last = converted(local, saved(tmp_path / "model.ckpt", WEIGHTS))[-1]
    assert isinstance(last, Failed)
    assert "there already" in last.message
    assert (tmp_path / "model.safetensors").read_text() == "mine"


def test_a_killed_conversion_leaves_no_half_file(tmp_path: Path) -> None:
    file = saved(tmp_path / "model.ckpt", WEIGHTS)
    code = f"""
import os, pathlib
from desktop.engine import unsafe
from desktop.engine.api import Conversion, Job
from desktop.engine.run import Run
written = unsafe._written
unsafe._written = lambda *args: (os.kill(os.getpid(), 9) for share in written(*args))
unsafe.convert(Run(Job(Conversion(pathlib.Path({str(file)!r})), {{}})), None)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert not (tmp_path / "model.safetensors").exists()


def test_a_cancelled_conversion_leaves_nothing(local: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled after its first piece: it may else be done before anyone hears that it has begun."""
    job = Job(Conversion(saved(tmp_path / "model.ckpt", WEIGHTS)), {})
    written = unsafe._written
    monkeypatch.setattr(unsafe, "_written", lambda *given: (local.cancel(job.id) or share for share in written(*given)))
    list(local.run(job))
    assert [each.name for each in tmp_path.iterdir()] == ["model.ckpt"]
