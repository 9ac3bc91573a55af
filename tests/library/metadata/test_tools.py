"""The pictures of every program are read for their settings, and what has no place here is kept."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from desktop.library.metadata.description import TOOLS, Description
from desktop.library.metadata.reading import describe
from tests.library.metadata.corpus import CASES


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    return request.param


def _described(folder: Path, content: bytes) -> Description:
    (folder / "a").write_bytes(content)
    return describe(folder / "a")


def test_what_each_program_writes_is_found(tmp_path: Path, case: str) -> None:
    found, expected = _described(tmp_path, CASES[case].file), CASES[case]
    assert (found.tool, dict(found.recipe)) == (expected.tool, expected.recipe)
    assert dict(found.unused) == expected.unused
    assert found.ai_generated
    json.dumps(asdict(found), allow_nan=False)


def test_every_program_has_its_picture() -> None:
    assert {case.tool for case in CASES.values()} == {*TOOLS} - {"sfumato"}


def test_hashes_are_found_by_name(tmp_path: Path) -> None:
    assert _described(tmp_path, CASES["a1111 png"].file).hashes == {
        "some-model_v2": "abcdef0123",
        "ink": "0123456789ab",
    }
    assert _described(tmp_path, CASES["invokeai"].file).hashes == {"ink": "0123456789ab"}
    assert _described(tmp_path, CASES["krita"].file).hashes == {}
