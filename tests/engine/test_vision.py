"""Where torchvision does not work: all runs but what needs it, which says so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from desktop.engine import tiny, vision
from desktop.models.identify import identify

HOUSE = Path(__file__).parents[2]
SCRIPT = """
import sys
from pathlib import Path
from desktop.engine.local import LocalEngine
from tests.engine.jobs import job

engine = LocalEngine("cpu")
for folder in sys.argv[1:]:
    last = list(engine.run(job(Path(folder), steps=1)))[-1]
    print(type(last).__name__, *([last.message, last.trace] if hasattr(last, "message") else []))
engine.close()
"""


def test_those_that_need_it_are_known(models: Mapping[str, Path]) -> None:
    """By the row of a model, and by the name of a tiny one."""
    names = (*tiny.MAKERS, *tiny.VARIANTS)
    assert [name for name in names if identify(models[name]).family.torchvision] == list(tiny.SEEING)


@pytest.mark.parametrize(
    "broken", ["ImportError('not there')", "RuntimeError('operator torchvision::nms does not exist')"]
)
def test_a_broken_one_is_as_good_as_none(models: Mapping[str, Path], tmp_path: Path, broken: str) -> None:
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(f"raise {broken}")
    folders = [str(models[name]) for name in ("sd15", "flux2-klein", "flux2", "qwen-edit")]
    paths = os.pathsep.join([str(tmp_path), str(HOUSE)])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *folders],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    plain, klein, *needy = done.stdout.splitlines()
    assert plain == klein == "Finished"
    for said in needy:
        assert said.startswith("Failed")
        assert "cannot do without torchvision" in said
    assert vision.is_there()
