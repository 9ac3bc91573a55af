"""The rules of the house: which room may import what, how large things may grow, and where everything may be caught."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import desktop

HOUSE = Path(desktop.__file__).parent
FILES = sorted(HOUSE.rglob("*.py"))
QT = ("PySide2", "PySide6", "PyQt5", "PyQt6", "shiboken6")
TORCH = ("torch", "torchvision", "diffusers", "transformers", "accelerate", "safetensors")

# What each room may import of the house, beside itself. A package stands for all that is in it.
ROOT = (
    "desktop",
    "desktop.area",
    "desktop.database",
    "desktop.errors",
    "desktop.filling",
    "desktop.intents",
    "desktop.logs",
    "desktop.masks",
    "desktop.paths",
    "desktop.raster",
    "desktop.recipe",
    "desktop.redaction",
    "desktop.releases",
    "desktop.reports",
    "desktop.settings",
    "desktop.styles",
    "desktop.tags",
    "desktop.versions",
    "desktop.wildcards",
)
API = "desktop.engine.api"
ROOMS: dict[str, tuple[str, ...]] = {
    "root": (*ROOT, "desktop.models.samplers"),
    "models": (*ROOT, API),
    "library": (*ROOT, API, "desktop.models.samplers"),
    "engine": (*ROOT, "desktop.models."),
    "starter": (*ROOT, "desktop.models."),
    "cli": (*ROOT, API, "desktop.app", "desktop.check.", "desktop.models.", "desktop.library."),
    "check": ("desktop.",),  # tries them all
    "canvas": ROOT,
    "studio": (*ROOT, API, "desktop.models.", "desktop.library.", "desktop.canvas."),
    "ui": (*ROOT, API, "desktop.models.", "desktop.library.", "desktop.canvas.", "desktop.studio."),
}
JOINERS: dict[str, tuple[str, ...]] = {  # the files at the root that bring the rooms together
    "app.py": (*ROOT, API, "desktop.engine.", "desktop.models.", "desktop.library.", "desktop.studio.", "desktop.ui."),
    "__main__.py": ("desktop.app", "desktop.cli", "desktop.errors", "desktop.logs"),
}
TORCH_ROOMS = ("check", "engine", "starter")
QT_ROOMS = {
    "canvas": ("PySide6.QtCore", "PySide6.QtGui"),
    "studio": ("PySide6.QtCore",),
    "ui": ("PySide6.",),
    "check": ("PySide6.",),
}
# the threads that must outlive what they run; and what tries everything, to the end
BROAD = ["check/trial.py", "engine/local.py", "studio/worker.py"]
SLOW = (*TORCH, "numpy", "PIL", "cv2")  # to import: the window's first frame does not wait for these
FIRST = ("desktop.ui.application", "desktop.studio.studio", "desktop.canvas.tools.table", "desktop.canvas.nib")


@dataclass(frozen=True)
class Import:
    """A name that a file imports, in its first lines or within a function."""

    name: str
    line: int
    lazy: bool


def _imports(file: Path) -> Iterator[Import]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    eager = {id(node) for node in _eager(tree)}
    for node in ast.walk(tree):
        lazy = id(node) not in eager
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file.name}:{node.lineno} imports relatively"
            yield from (Import(_module(node.module or "", alias.name), node.lineno, lazy) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            name = node.args[0]
            yield Import(str(name.value) if isinstance(name, ast.Constant) else "?", node.lineno, lazy)


def _eager(node: ast.AST) -> Iterator[ast.AST]:
    """What runs as soon as the file is imported."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _eager(child)


def _module(package: str, name: str) -> str:
    """Of `from desktop.models import samplers` that module; of `from desktop.errors import UserError` the first one."""
    path = HOUSE.parent.joinpath(*package.split("."), name)
    return f"{package}.{name}" if path.is_dir() or path.with_suffix(".py").exists() else package


def _room(file: Path) -> str:
    inside = file.relative_to(HOUSE).parts
    return inside[0] if len(inside) > 1 else "root"


def _is_of(name: str, packages: tuple[str, ...]) -> bool:
    return name.split(".")[0] in packages


def _named(file: Path) -> str:
    return file.relative_to(HOUSE).as_posix()


def _may(file: Path, name: str) -> bool:
    room = _room(file)
    own = (*ROOMS[room], f"desktop.{room}.")
    allowed = JOINERS.get(file.name, own) if room == "root" else own
    return any(f"{name}.".startswith(one) if one.endswith(".") else name == one for one in allowed)


@pytest.mark.parametrize("file", FILES, ids=_named)
def test_a_room_imports_only_what_it_may(file: Path) -> None:
    assert not [found for found in _imports(file) if _is_of(found.name, ("desktop",)) and not _may(file, found.name)]


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        ("canvas/tiles.py", "desktop.masks", True),
        ("canvas/tools/kit.py", "desktop.canvas.document", True),
        ("canvas/tiles.py", "desktop.studio.easel", False),
        ("canvas/tiles.py", "desktop.engine.api", False),
        ("canvas/tiles.py", "desktop.models.samplers", False),
        ("studio/easel.py", "desktop.canvas.nib", True),
        ("ui/canvas/view.py", "desktop.canvas.tools.table", True),
        ("library/library.py", "desktop.canvas.nib", False),
    ],
)
def test_rooms_know_their_neighbours(file: str, name: str, expected: bool) -> None:
    assert _may(HOUSE / file, name) == expected


@pytest.mark.parametrize("file", FILES, ids=_named)
def test_qt_is_only_in_the_studio_and_the_window_and_torch_only_in_the_engine_and_the_starter(file: Path) -> None:
    found = list(_imports(file))
    qt = QT_ROOMS.get(_room(file), ())
    assert not [each for each in found if _is_of(each.name, QT) and not f"{each.name}.".startswith(qt or ("-",))]
    if _room(file) not in TORCH_ROOMS or _named(file) == "engine/api.py":
        assert not [each for each in found if _is_of(each.name, TORCH)]


def test_what_is_joined_to_the_engine_is_joined_lazily() -> None:
    """At the top of a file outside the engine, of the engine only `api` is imported."""
    outside = [file for file in FILES if _room(file) not in TORCH_ROOMS]
    eager = {found.name for file in outside for found in _imports(file) if not found.lazy}
    assert {name for name in eager if name.startswith(("desktop.engine", "desktop.starter"))} == {API}


@pytest.mark.parametrize("module", ["desktop.app", "desktop.cli", "desktop.engine.process"])
def test_importing_leaves_torch_and_qt_out(module: str) -> None:
    code = f"import sys, {module}; print(*set({(*QT, *TORCH, 'cv2')!r}).intersection(sys.modules))"
    assert _run(code) == []


@pytest.mark.parametrize("module", FIRST)
def test_importing_the_window_leaves_out_what_its_first_frame_does_not_need(module: str) -> None:
    assert _run(f"import sys, {module}; print(*set({SLOW!r}).intersection(sys.modules))") == []


def _run(code: str) -> list[str]:
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HOUSE.parent)
    return out.stdout.split()


@pytest.mark.parametrize("file", FILES, ids=_named)
def test_files_and_classes_stay_small(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            methods = [child for child in node.body if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)]
            assert len(methods) <= 25, node.name


def _catches_all(node: ast.AST) -> bool:
    """`except:`, `except Exception:`, `suppress(Exception)`, without passing it on."""
    broad = ("Exception", "BaseException")
    if isinstance(node, ast.ExceptHandler):
        kinds = [] if node.type is None else node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        caught = node.type is None or any(ast.unparse(kind) in broad for kind in kinds)
        return caught and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "suppress":
        return any(ast.unparse(kind) in broad for kind in node.args)
    return False


def test_only_lanes_catch_everything() -> None:
    trees = {_named(file): ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
    assert [name for name, tree in trees.items() if any(map(_catches_all, ast.walk(tree)))] == BROAD


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("try: pass\nexcept: pass", True),
        ("try: pass\nexcept (OSError, Exception) as e: print(e)", True),
        ("with contextlib.suppress(BaseException): pass", True),
        ("try: pass\nexcept Exception:\n  tidy()\n  raise", False),
        ("try: pass\nexcept OSError: pass", False),
    ],
)
def test_the_watch_for_broad_catching_is_awake(code: str, expected: bool) -> None:
    assert any(map(_catches_all, ast.walk(ast.parse(code)))) == expected


def test_imports_are_found_at_any_depth(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text(
        "import a\n"
        "if a:\n  from b.c import d\n"
        "def f():\n  import torch.nn\n  importlib.import_module('desktop.engine')\n"
        "class C:\n  from desktop.models import samplers\n"
    )
    assert {(found.name, found.lazy) for found in _imports(file)} == {
        ("a", False),
        ("b.c", False),
        ("torch.nn", True),
        ("desktop.engine", True),
        ("desktop.models.samplers", False),
    }
