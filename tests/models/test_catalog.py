"""Which models are at hand: the starter, those in Sfumato's own folder, and those used before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.errors import UserError
from desktop.models.catalog import Catalog
from desktop.models.hashes import Hashes, autov2
from desktop.models.identify import identify
from desktop.paths import STARTER, data_folder
from tests.models.folders import copied


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data")


def _names(catalog: Catalog) -> list[str]:
    return [model.name for model in catalog.models()]


def test_at_first_there_is_the_starter(catalog: Catalog) -> None:
    assert _names(catalog) == ["starter"]
    assert catalog.find("starter").path == STARTER.resolve()


def test_the_data_folder_is_the_default() -> None:
    assert Catalog().folder == data_folder()


def test_models_in_the_own_folder_come_after_the_starter(catalog: Catalog, models: dict[str, Path]) -> None:
    for name in ("zebra", "aster"):
        copied(models["sdxl" if name == "zebra" else "sd15"], catalog.folder / "models" / name)
    (catalog.folder / "models" / "no model").mkdir()
    assert _names(catalog) == ["starter", "aster", "zebra"]
    assert catalog.find("zebra").family.id == "sdxl"


def test_models_in_the_users_folder_come_after_the_own(models: dict[str, Path], tmp_path: Path) -> None:
    copied(models["sdxl"], tmp_path / "mine" / "aster")
    copied(models["sd3"], tmp_path / "mine" / "deep" / "below")
    copied(models["sd15"], tmp_path / "data" / "models" / "zebra")
    catalog = Catalog(tmp_path / "data", tmp_path / "mine")
    assert _names(catalog) == ["starter", "zebra", "aster", "below"]
    assert catalog.by_id(catalog.find("aster").id).family.id == "sdxl"
    assert _names(Catalog(tmp_path / "data")) == ["starter", "zebra"]


def test_a_users_folder_that_is_gone_holds_no_models(tmp_path: Path) -> None:
    assert _names(Catalog(tmp_path / "data", tmp_path / "missing")) == ["starter"]


def test_a_model_that_was_given_by_its_folder_is_remembered(catalog: Catalog, models: dict[str, Path]) -> None:
    found = catalog.find(str(models["sd3"]))
    assert _names(Catalog(catalog.folder)) == ["starter", "sd3"]
    assert catalog.find("sd3") == catalog.by_id(found.id) == found


def test_a_folder_is_remembered_once_and_in_order(catalog: Catalog, models: dict[str, Path]) -> None:
    for name in ("sd3", "sd15", "sd3"):
        catalog.find(str(models[name]))
    assert _names(catalog) == ["starter", "sd3", "sd15"]


def test_a_relative_folder_is_remembered_for_good(
    catalog: Catalog, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(models["sd15"].parent)
    catalog.find("./sd15")
    monkeypatch.chdir(tmp_path)
    assert _names(catalog) == ["starter", "sd15"]


def test_the_same_model_in_two_places_is_listed_once(catalog: Catalog, models: dict[str, Path], tmp_path: Path) -> None:
    catalog.find(str(models["sd15"]))
    catalog.find(str(copied(models["sd15"], tmp_path / "again")))
    assert _names(catalog) == ["starter", "sd15"]


def test_a_model_that_moved_is_found_again_where_it_is_now(
    catalog: Catalog, models: dict[str, Path], tmp_path: Path
) -> None:
    old = copied(models["sd15"], tmp_path / "old")
    known = catalog.find(str(old))
    new = old.rename(tmp_path / "new")
    assert _names(catalog) == ["starter"]
    with pytest.raises(UserError, match=known.id[:10]) as caught:
        catalog.by_id(known.id)
    assert "--model" in caught.value.hint
    with pytest.raises(UserError, match="no model at"):
        catalog.find("old")
    assert catalog.find(str(new)).id == known.id
    assert catalog.by_id(known.id).path == new


def test_a_model_that_changed_is_another_one(catalog: Catalog, models: dict[str, Path], tmp_path: Path) -> None:
    folder = copied(models["sd15"], tmp_path / "mine")
    known = catalog.find(str(folder))
    (folder / "scheduler/scheduler_config.json").write_text("{}")
    with pytest.raises(UserError):
        catalog.by_id(known.id)
    assert catalog.find("mine").id != known.id


def test_a_broken_model_is_not_listed_but_told_of_where_it_is_named(catalog: Catalog, models: dict[str, Path]) -> None:
    folder = copied(models["sd15"], catalog.folder / "models" / "broken")
    (folder / "unet/diffusion_pytorch_model.safetensors").write_bytes(b"")
    assert _names(catalog) == ["starter"]
    with pytest.raises(UserError, match="empty"):
        catalog.find("broken")
    with pytest.raises(UserError, match="empty"):
        catalog.find(str(folder))


BROKEN_LISTS = [
    "",
    "{",
    "5",
    "null",
    "[1, 2]",
    '{"a": 1}',
    '["a\\u0000b", "/missing"]',
    "[" * 100_000,
    f'["{"a" * 300}"]',
]


@pytest.mark.parametrize("content", BROKEN_LISTS, ids=[content[:20] for content in BROKEN_LISTS])
def test_a_broken_list_of_models_is_no_loss(catalog: Catalog, models: dict[str, Path], content: str) -> None:
    catalog.folder.mkdir()
    (catalog.folder / "models.json").write_text(content)
    assert _names(catalog) == ["starter"]
    catalog.find(str(models["sd15"]))
    assert _names(catalog) == ["starter", "sd15"]


def test_the_list_holds_names_of_any_script(catalog: Catalog, models: dict[str, Path], tmp_path: Path) -> None:
    folder = copied(models["sd15"], tmp_path / "模型 «é» 🌅")
    catalog.find(str(folder))
    assert json.loads((catalog.folder / "models.json").read_text(encoding="utf-8")) == [str(folder)]
    assert catalog.find("模型 «é» 🌅") == identify(folder)


@pytest.mark.parametrize("name", ["no such model", "", "~no-such-user/model", "a" * 300, "/missing", "nul\0nul"])
def test_a_model_that_is_not_here_is_a_user_error(catalog: Catalog, name: str) -> None:
    with pytest.raises(UserError) as caught:
        catalog.find(name)
    assert caught.value.hint


def test_where_nothing_can_be_kept_a_model_runs_all_the_same(models: dict[str, Path], tmp_path: Path) -> None:
    """The list is only a convenience."""
    (tmp_path / "file").write_text("in the way")
    assert Catalog(tmp_path / "file").find(str(models["sd15"])).family.id == "sd15"


# ---------------------------------------------------------------- what others call a model


@pytest.fixture
def dreamer(catalog: Catalog, models: dict[str, Path]) -> Path:
    return copied(models["sd15"], catalog.folder / "models" / "Dreamer v1.5")


@pytest.mark.parametrize(
    "name", ["Dreamer v1.5", "dreamer V1.5.safetensors", "sd\\Dreamer v1.5.ckpt", "a/dreamer v1.5"]
)
def test_a_model_is_known_by_its_name_however_it_is_written(catalog: Catalog, dreamer: Path, name: str) -> None:
    found = catalog.resolve(name)
    assert found
    assert found.path == dreamer.resolve()


@pytest.mark.parametrize("name", ["dreamer", "", "0" * 64, "nul\0nul", "a" * 5000])
def test_a_model_of_another_name_is_not_here(catalog: Catalog, dreamer: Path, name: str) -> None:
    assert catalog.resolve(name, "0123456789") is None


def test_a_model_is_known_by_its_hash_once_that_is_worked_out(catalog: Catalog, dreamer: Path) -> None:
    hash = autov2(dreamer / "unet" / "diffusion_pytorch_model.safetensors")
    assert catalog.by_hash(hash) is None
    assert {file.parents[1].name for file in catalog.learn_hashes()} == {"starter", "Dreamer v1.5"}
    for found in (
        catalog.by_hash(hash),
        catalog.resolve("another name", hash.upper()),
        catalog.resolve("starter", hash),
    ):
        assert found
        assert found.path == dreamer.resolve()


def test_a_content_id_counts_before_a_hash_and_a_hash_before_a_name(catalog: Catalog, dreamer: Path) -> None:
    list(catalog.learn_hashes())
    hash = autov2(dreamer / "unet" / "diffusion_pytorch_model.safetensors")
    starter = catalog.find("starter")
    assert catalog.resolve(starter.id, hash) == starter


def test_hashes_are_worked_out_once(catalog: Catalog, dreamer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    list(catalog.learn_hashes())
    monkeypatch.setattr(Hashes, "learning", lambda self, file: pytest.fail(f"{file} is read again"))
    assert len(list(Catalog(catalog.folder).learn_hashes())) == 2


def test_a_folder_of_the_same_name_is_in_no_models_way(
    catalog: Catalog, dreamer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / dreamer.name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert catalog.find(dreamer.name).path == dreamer.resolve()
    copied(dreamer, tmp_path / "here")
    assert catalog.find("here").path == tmp_path / "here"
