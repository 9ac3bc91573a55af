"""What the engine sets for the libraries below it, which look at that as they are imported."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("name", "value"), [("OMP_WAIT_POLICY", "PASSIVE"), ("HF_HUB_OFFLINE", "1")])
def test_it_is_set_before_torch_is_there(name: str, value: str) -> None:
    bare = {key: each for key, each in os.environ.items() if key != name}
    say = f"import os, sys, desktop.engine; print(os.environ.get({name!r}), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", say], env=bare, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [value, "False"]
