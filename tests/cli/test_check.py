"""`sfumato check`: what it says, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Sfumato


def test_it_makes_a_picture_and_says_that_all_works(sfumato: Sfumato, here: Path) -> None:
    outcome = sfumato("check", "--device", "cpu", "--precision", "bfloat16")
    assert outcome.code == 0, outcome.out
    for word in ("Sfumato", "torch", "diffusers", "cpu", "picture", "bfloat16", "denoise", "All works."):
        assert word in outcome.out
    assert list(here.iterdir()) == []


def test_it_fails_where_no_picture_comes_out_and_goes_on(sfumato: Sfumato) -> None:
    outcome = sfumato("check", "--device", "abacus", "--engine", "process")
    assert outcome.code == 1
    assert "All works." not in outcome.out
    lines = {line[:32].strip(): line[32:] for line in outcome.out.splitlines()}
    assert "FAILED" in lines["picture"]
    assert "abacus" in lines["picture"]
    assert "devices" in lines
    assert "1 of " in outcome.out


def test_it_speaks_json(sfumato: Sfumato) -> None:
    outcome = sfumato("check", "--device", "abacus", "--json")
    assert outcome.code == 1
    told = json.loads(outcome.out)
    assert told["works"] is False
    assert told["seconds"] > 0
    picture = next(trial for trial in told["trials"] if trial["what"] == "picture")
    assert picture["state"] == "failed"
    assert "abacus" in picture["detail"]
