"""What the user has chosen: kept, and read back whatever became of it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop import paths
from desktop.settings import SECTIONS, Settings

CHANGED = Settings(
    theme="dark",
    scale=150,
    notify=False,
    device="cuda:1",
    precision="bfloat16",
    pictures="/pictures",
    models="/models",
    mask_color="#4060f0",
    mask_opacity=80,
    rulers=True,
    undo_memory=64,
    pattern="{seed}",
    keep_live=True,
    private=True,
    credentials=True,
    certificate="/chain.pem",
    certificate_key="/key.pem",
    model_folders=("/comfy/models", "/a1111"),
    proxy="http://proxy:3128",
    hub="https://mirror.example",
    civitai="https://civitai.example",
    releases="https://releases.example",
    adult=True,
    merge_loras=True,
    shortcuts={"generate": "Ctrl+Return"},
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_settings_survive_json() -> None:
    for settings in (Settings(), CHANGED):
        assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_every_setting_can_be_changed_and_shown() -> None:
    assert {
        row.name for row in fields(Settings) if getattr(CHANGED, row.name) == getattr(Settings(), row.name)
    } == set()
    for row in fields(Settings):
        assert row.metadata["section"] in SECTIONS
        assert row.metadata["label"]
        assert row.metadata["tip"].endswith(".")
        assert row.metadata["choices"] is None or getattr(Settings(), row.name) in row.metadata["choices"]


def test_a_password_that_is_written_down_is_told_where_it_is_asked_for() -> None:
    secret = "http://me:secret@proxy:8080"
    assert secret in json.dumps(Settings(proxy=secret).to_json())
    (tip,) = (row.metadata["tip"] for row in fields(Settings) if row.name == "proxy")
    assert "A password in it is written down" in tip


def test_what_is_missing_is_the_default() -> None:
    assert Settings.from_json({}) == Settings()
    assert Settings.from_json({"theme": "light"}) == Settings(theme="light")


@pytest.mark.parametrize(
    "wrong",
    [
        {"newer": 1},
        {"theme": "pink"},
        {"theme": None},
        {"theme": ["dark"]},
        {"scale": 110},
        {"scale": "150"},
        {"scale": 150.0},
        {"scale": True},
        {"notify": 0},
        {"notify": "no"},
        {"device": 0},
        {"precision": "int8"},
        {"pictures": {}},
        {"models": []},
        {"shortcuts": "Ctrl+G"},
        {"shortcuts": {"generate": 5}},
        {"shortcuts": [["generate", "Ctrl+G"]]},
    ],
    ids=str,
)
def test_what_is_wrong_is_the_default_and_costs_nothing_else(wrong: dict[str, Any]) -> None:
    right = {name: value for name, value in CHANGED.to_json().items() if name not in wrong}
    assert Settings.from_json(right | wrong) == Settings.from_json(right)
    assert Settings.from_json(wrong) == Settings()


@pytest.mark.parametrize("data", [None, 5, "theme", [], ["theme"], True])
def test_what_is_no_settings_is_the_default(data: Any) -> None:
    assert Settings.from_json(data) == Settings()


@given(st.dictionaries(st.sampled_from([row.name for row in fields(Settings)]), JSON) | JSON)
def test_reading_never_fails_and_gives_only_what_can_be_chosen(data: Any) -> None:
    settings = Settings.from_json(data)
    for row in fields(Settings):
        value = getattr(settings, row.name)
        assert type(value) is type(getattr(Settings(), row.name))
        assert row.metadata["choices"] is None or value in row.metadata["choices"]


def test_pictures_go_where_the_user_wants_them() -> None:
    assert Settings().pictures_folder == paths.pictures_folder()
    assert CHANGED.pictures_folder == Path("/pictures")
