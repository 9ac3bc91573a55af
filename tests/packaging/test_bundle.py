"""What a bundle is made of: its version, its torch, and what goes into it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import transformers
from transformers.utils.import_utils import define_import_structure

import build
import contents
import environment
import flavours
import lazy
import version

CUDA = flavours.FLAVOURS["cuda"].left_out
SITE = lazy.folder("torch").parent


@pytest.mark.parametrize(
    ("described", "expected"),
    [("v1.2.0", "1.2.0"), ("v1.2.0-5-gab12cd3", "1.2.0+5.gab12cd3"), ("v1.2.0rc1-1-gab12cd3", "1.2.0rc1+1.gab12cd3")],
)
def test_versions_come_from_tags(described: str, expected: str) -> None:
    assert version.read(described) == expected


def test_without_tags_a_version_says_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "_git", lambda *words: "" if words[0] == "describe" else "ab12cd3")
    assert re.fullmatch(r"\d+\.\d+\.\d+\+gab12cd3", version.version())


def test_a_stamped_program_says_that_version(tmp_path: Path) -> None:
    environment.copy_program(tmp_path / "source")
    version.stamp(tmp_path / "source", "9.8.7+gab12cd3")
    say = [sys.executable, "-c", "import desktop; print(desktop.__version__)"]
    said = subprocess.run(say, cwd=tmp_path / "source", check=True, capture_output=True, text=True).stdout
    assert said.strip() == "9.8.7+gab12cd3"
    assert (tmp_path / "source" / "resources" / "starter").is_dir()
    assert not list(tmp_path.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"cuda": "13.2", "hip": None, "xpu": None}, "cuda"),
        ({"cuda": None, "hip": "7.0"}, "rocm"),
        ({"cuda": None, "hip": None, "xpu": "2025"}, "xpu"),
        ({"cuda": None, "hip": None}, "cpu"),
    ],
)
@pytest.mark.skipif(sys.platform == "darwin", reason="has one flavour")
def test_what_torch_is_built_for_is_the_flavour(facts: dict[str, str], expected: str) -> None:
    assert flavours.told_by(facts) == expected


def test_the_torch_at_hand_is_what_is_packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu, cuda = flavours.FLAVOURS["cpu"], flavours.FLAVOURS["cuda"]
    monkeypatch.setattr(flavours, "at_hand", lambda: (cuda, "2.15.0"))
    assert build.chosen("", "", "") == (cuda, ["torch==2.15.0", "torchvision"], "")
    assert build.chosen("cpu", "", "") == (cpu, ["torch", "torchvision"], "cpu")
    assert build.chosen("cpu", "torch==2.13.0", "") == (cpu, ["torch==2.13.0"], "")
    monkeypatch.setattr(flavours, "at_hand", lambda: (cpu, "2.15.0+cpu"))
    assert build.chosen("", "", "") == (cpu, ["torch==2.15.0+cpu", "torchvision"], "cpu")


def test_a_flavour_alone_says_which_torch() -> None:
    required = environment.requirements()
    assert not [each for each in required if each.startswith("torch")]
    assert [each for each in required if each.startswith(("diffusers", "pyinstaller"))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("torch/lib/libtorch_cuda.so", True),
        ("torch/lib/libjitbackend_test.so", False),
        ("torch/_inductor/codegen/cpp_prefix.h", False),
        ("nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9", True),
        ("nvidia/cu13/lib/libnvrtc-builtins.so.13.2", True),
        ("nvidia/cu13/lib/libcusolver.so.12", True),
        ("nvidia/cu13/lib/libcusolverMg.so.12", False),
        ("nvidia/nvshmem/lib/libnvshmem_device_sm_90.bc", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", False),
        ("PySide6/Qt/lib/libQt6Gui.so.6", True),
        ("PySide6/Qt/lib/libQt6Quick.so.6", False),
        ("libQt6Quick.so.6", False),
        ("PySide6/Qt6Quick.dll", False),
        ("PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick", False),
        ("PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui", True),
        ("desktop/resources/icons/brush.svg", True),
    ],
)
def test_what_nobody_opens_is_left_out(name: str, expected: bool) -> None:
    assert contents.is_kept(name, CUDA) == expected


def test_what_torch_is_linked_to_stays() -> None:
    if not shutil.which("readelf"):
        pytest.skip("there is no readelf to ask")
    libraries = {file.name: file for file in SITE.glob("nvidia/*/lib/*.so*")}
    waiting = list((SITE / "torch" / "lib").glob("*.so"))
    seen: set[str] = set()
    while waiting:
        told = subprocess.run(["readelf", "-d", str(waiting.pop())], check=True, capture_output=True, text=True).stdout
        new = {name for name in re.findall(r"NEEDED.*\[(.+)\]", told) if name in libraries} - seen
        seen |= new
        waiting += [libraries[name] for name in new]
    lost = [name for name in seen if not contents.is_kept(libraries[name].relative_to(SITE).as_posix(), CUDA)]
    assert not lost
    assert seen or not libraries


def test_links_lead_somewhere() -> None:
    assert contents.leads_to("libcublas.so.13", "nvidia/cu13/lib/libcublas.so.13") == "nvidia/cu13/lib/libcublas.so.13"
    assert contents.leads_to("a/b/libx.so", "../libx.so.1") == "a/libx.so.1"


def test_the_models_that_pipelines_are_made_of_go_along() -> None:
    kept = lazy.models_of_pipelines()
    assert {"auto", "clip", "t5", "gemma2", "qwen2_5_vl", "qwen2_vl", "qwen3", "mistral3", "pixtral", "siglip"} <= kept
    assert not kept & {"bloom", "deberta", "maskformer", "wavlm"}
    made_here = "\n".join(file.read_text(encoding="utf-8") for file in Path("desktop/engine/tiny").glob("*.py"))
    structure = define_import_structure(str(Path(transformers.__file__).parent / "models"))
    rooms = {
        name: module.split(".")[0] for group in structure.values() for module, names in group.items() for name in names
    }
    named = {rooms[word] for word in re.findall(r"\b[A-Z]\w+", made_here) if word in rooms}
    assert len(named) > 3
    assert named <= kept


def test_packages_of_other_models_stay_empty() -> None:
    modules = lazy.below("transformers")
    left_out = set(lazy.unused_of_transformers(modules))
    assert "transformers.models.bloom.modeling_bloom" in left_out
    assert not left_out & {"transformers.models", "transformers.models.bloom", "transformers.models.clip.modeling_clip"}


def test_modules_that_read_their_own_source_are_found() -> None:
    found = set(lazy.read_by_their_own_import())
    assert {"torch._dynamo.config", "diffusers.pipelines.kolors.text_encoder"} <= found
    warning = {"torch.nn.functional", "torch.functional", "torch.nn.modules.rnn", "torchvision.models.densenet"}
    assert warning - found == set()
    assert not found & {"torch", "torch.nn", "diffusers"}  # all below would go along


def test_all_of_the_program_goes_in_but_the_making_of_its_model() -> None:
    modules = contents.modules()
    assert {"desktop.engine.child", "desktop.engine.tiny.flows", "desktop.canvas.tools.table"} <= set(modules)
    assert "diffusers.pipelines.flux.pipeline_flux" in modules
    assert not [name for name in modules if name.startswith(("desktop.starter", "torch.testing._internal"))]


@pytest.mark.parametrize("name", contents.LEFT_OUT)
def test_the_program_does_not_import_what_is_left_out(name: str) -> None:
    pattern = re.compile(rf"^\s*(from|import) {re.escape(name)}\b", re.MULTILINE)
    for file in Path("desktop").rglob("*.py"):
        if file.parts[1] != "starter":
            assert not pattern.search(file.read_text(encoding="utf-8")), file
    assert find_spec("desktop")
