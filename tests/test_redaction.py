"""What leaves the program: no prompts, no places, no names of people; what helps to mend a bug stays."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

import pytest

from desktop import paths
from desktop.redaction import PROGRAM, Redaction

HOME = "/home/Zoë Müller"
PICTURE = "Ann.png"


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", HOME)
    monkeypatch.setenv("USERPROFILE", HOME)
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "zoemueller")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"{HOME}/Bilder/My Girl Friend.png cannot be read", "<path>"),
        ("no file '/data/My pictures/Ann.png' there", "no file '…' there"),
        ("in ~/Bilder/Ann at the sea.png", "in <path>"),
        (r"cannot write D:\Bilder\Ann Smith.png", "cannot write <path>"),
        (r"\\server\Ann Smith\a.png", "<path>"),
        ("file:///home/ann/a.png", "file:<path>"),
        ("KeyError: 'my secret wish'", "KeyError: '…'"),
        ("401: Authorization: Bearer abc.DEF-123", "401: Authorization: <secret>"),
        ("token hf_AbCdEfGh12345 refused", "token <secret> refused"),
        ("key 0123456789abcdef0123456789abcdef refused", "key <secret> refused"),
        ("owned by zoemueller, of course", "owned by <user>, of course"),
        ("owned by Zoë Müller", "owned by <user>"),
    ],
)
def test_what_is_private_goes(said: str, left: str) -> None:
    assert Redaction()(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (77x768 and 1024x320)",
        "KeyError: 'up_blocks.0.attentions'",
        "expected scalar type 'Float' and/or 'Half', 1/2 of them",
        "can't say it, don't ask",
        "2026-11-24 22:37:07,123 INFO MainThread sfumato: the engine starts",
        "CUDA error: an illegal memory access was encountered",
    ],
)
def test_what_helps_stays(said: str) -> None:
    assert Redaction()(said) == said


def test_prompts_go_wherever_they_stand_the_longest_first() -> None:
    redaction = Redaction.of(["a lake", "a lake at dawn\nwith swans", "ox"])
    assert redaction("ValueError: a lake at dawn\nwith swans!") == "ValueError: <prompt>!"
    assert redaction("token 5 of with swans") == "token 5 of <prompt>"
    assert redaction("the box") == "the box"
    assert redaction("cannot flake") == "cannot flake"


def test_prompts_go_in_parts_and_as_tokenizers_spell_them() -> None:
    redaction = Redaction.of(["Portrait of Ann Smith, oil, at the Sea"])
    assert redaction("truncated: at the sea, oil") == "truncated: <prompt>, oil"
    assert redaction("PORTRAIT OF ANN SMITH!") == "<prompt>!"


def test_with_leave_places_stay_and_tokens_and_hidden_prompts_go() -> None:
    redaction = Redaction.of(["my secret"], keeps_places=True)
    assert redaction(f"{HOME}/a.png: my secret") == f"{HOME}/a.png: <prompt>"
    assert redaction("http://ann:pass@proxy:80 hf_12345678") == "http://<secret>@proxy:80 <secret>"


def test_who_has_no_home_has_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert Redaction()("a line") == "a line"


def test_a_trace_keeps_our_lines_and_names_of_files_but_not_whose_computer_it_is() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        paths.write_atomically(Path(HOME, PICTURE), b"")
    trace = "".join(traceback.format_exception(caught.value))
    library = f"{HOME}/venv/lib/python3.11/site-packages/torch/nn/modules.py"
    left = Redaction()(f'{trace}\n  File "{library}", line 5, in f\n    a')
    assert 'File "desktop/paths.py", line' in left
    assert 'File "torch/nn/modules.py", line 5, in f' in left
    assert 'stream = part.open("xb")' in left
    for private in ("Ann", "Zoë", "Müller", str(PROGRAM)):
        assert private not in left


def test_a_source_line_hides_nothing_that_follows_it() -> None:
    left = Redaction()("  File \"x.py\", line 1, in f\n    raise E(\"a b\")\nE: a 'b c'\n    'd e'")
    assert left == "  File \"x.py\", line 1, in f\n    raise E(\"a b\")\nE: a '…'\n    '…'"


def test_endless_lines_take_no_time() -> None:
    start = time.monotonic()
    Redaction()("'\"" * 1_000_000)
    assert time.monotonic() - start < 2
