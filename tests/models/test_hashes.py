"""Hashes as A1111 and Civitai tell them: of the right bytes, remembered for as long as the file stays as it is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from desktop.models import hashes
from desktop.models.hashes import Hashes
from desktop.models.records import NAME
from tests.models.folders import safetensors, tensor

TOLD = "ab12" * 16
WEIGHTS = bytes(range(256)) * 8192  # 2 MiB


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.safetensors"
    path.write_bytes(safetensors({"a": tensor([len(WEIGHTS) // 4], 0, len(WEIGHTS))}, WEIGHTS))
    return path


def _tell(file: Path, metadata: object) -> None:
    header = {"__metadata__": metadata, "a": tensor([len(WEIGHTS) // 4], 0, len(WEIGHTS))}
    file.write_bytes(safetensors(header, WEIGHTS))


def test_each_hash_is_of_its_own_bytes(file: Path) -> None:
    content = file.read_bytes()
    assert hashes.autov2(file) == hashlib.sha256(content).hexdigest()[:10]
    assert hashes.autov3(file) == hashlib.sha256(WEIGHTS).hexdigest()[:12]
    assert hashes.legacy(file) == hashlib.sha256(content[0x100000:0x110000]).hexdigest()[:8]


def test_what_the_header_tells_counts(file: Path) -> None:
    _tell(file, {"sshs_model_hash": TOLD})
    assert hashes.autov3(file) == TOLD[:12]


@pytest.mark.parametrize("metadata", [{"sshs_model_hash": "zz"}, {"sshs_model_hash": 5}, {}, [], None, "x"])
def test_what_is_no_hash_does_not(file: Path, metadata: object) -> None:
    _tell(file, metadata)
    assert hashes.autov3(file) == hashlib.sha256(WEIGHTS).hexdigest()[:12]


def test_a_file_fits_its_hashes_once_they_are_known(file: Path, tmp_path: Path) -> None:
    known = Hashes(tmp_path / "data")
    all_of_it = hashlib.sha256(file.read_bytes()).hexdigest()
    names = (hashes.autov2(file), hashes.autov3(file).upper(), all_of_it)
    assert not any(known.fits(file, name) for name in names)
    known.learn(file)
    assert all(Hashes(tmp_path / "data").fits(file, name) for name in names)
    assert not known.fits(file, all_of_it[:4])
    assert not known.fits(file, "0" * 10)


def test_what_is_told_or_small_is_known_at_once(file: Path, tmp_path: Path) -> None:
    _tell(file, {"sshs_model_hash": TOLD})
    known = Hashes(tmp_path / "data")
    assert known.fits(file, TOLD[:12])
    assert known.fits(file, hashes.legacy(file))
    assert not known.is_known(file)


def test_a_file_that_changed_is_unknown_again(file: Path, tmp_path: Path) -> None:
    known = Hashes(tmp_path / "data")
    name = hashes.autov2(file)
    known.learn(file)
    os.utime(file, ns=(1, 1))
    assert not known.fits(file, name)
    known.learn(file)
    assert known.fits(file, name)
    file.unlink()
    assert not known.fits(file, name)


def test_what_is_written_meanwhile_is_not_known(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "STRETCH", 1)
    known = Hashes(tmp_path / "data")
    learning = known.learning(file)
    next(learning)
    os.utime(file, ns=(1, 1))
    assert list(learning)
    assert not known.is_known(file)


def test_whoever_reads_may_stop_every_few_megabytes(file: Path, tmp_path: Path) -> None:
    os.truncate(file, 32 << 20)
    assert len(list(Hashes(tmp_path / "data").learning(file))) >= 2


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\0" + bytes(4000)])
def test_a_broken_list_is_no_loss(file: Path, tmp_path: Path, content: bytes) -> None:
    known = Hashes(tmp_path)
    known.learn(file)
    for left in tmp_path.glob(f"{NAME}-*"):
        left.unlink()
    (tmp_path / NAME).write_bytes(content)
    assert not known.fits(file, hashes.autov2(file))
    known.learn(file)
    assert known.fits(file, hashes.autov2(file))


def test_where_nothing_can_be_kept_it_is_worked_out_all_the_same(file: Path) -> None:
    Hashes(file).learn(file)


def test_what_is_known_is_told_by_content_and_nothing_is_worked_out(file: Path, tmp_path: Path) -> None:
    known = Hashes(tmp_path / "data")
    [(_, id)] = known.content_ids([file])
    made = {"device": "cpu"}
    assert known.told(made, [id, "0" * 64]) == {**made, "files": {id: {"name": "a.safetensors"}}}
    known.learn(file)
    both = {"autov2": hashes.autov2(file), "autov3": hashes.autov3(file)}
    assert known.told(made, [id])["files"] == {id: {"name": "a.safetensors", **both}}
    os.utime(file, ns=(1, 1))
    assert known.told(made, [id]) == made


def test_a_pickles_weights_go_by_the_hash_of_all_of_it(tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    file.write_bytes(WEIGHTS)
    known = Hashes(tmp_path / "data")
    [(_, id)] = known.content_ids([file])
    known.learn(file)
    assert known.told({}, [id])["files"][id]["autov3"] == hashlib.sha256(WEIGHTS).hexdigest()[:12]
