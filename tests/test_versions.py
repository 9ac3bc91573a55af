"""Versions: put in order, and told without torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

from desktop import __version__, versions


def test_they_are_in_order() -> None:
    order = ["0.1.0.dev2", "0.1.0", "0.1.1", "0.2rc1", "v0.2", "0.10.0", "1.0.0a1", "1.0.0"]
    assert sorted(order, key=versions.numbers) == order
    assert versions.numbers("0.2.0+5.gab12cd3") == versions.numbers("0.2")


@pytest.mark.parametrize("said", ["", "new", "1.2.3.4.5.6.x/" * 9, "-1", "9" * 5000, "\uff11.\uff12"])
def test_what_is_none_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        versions.numbers(said)


def test_packages_have_a_program_of_its_own_for_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert versions.command() == "sfumato"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert versions.command() == "sfumato-cli"


def test_facts_come_without_torch() -> None:
    code = "import sys; from desktop import versions; print(versions.facts()); assert 'torch' not in sys.modules"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert __version__ in out
    assert versions.flavour() in out


@pytest.mark.parametrize(
    ("torch", "needs", "built"),
    [
        ("2.13.0+cpu", [], "CPU"),
        ("2.13.0+cu130", [], "CUDA"),
        ("2.13.0+rocm6.4", [], "ROCm"),
        ("2.13.0+xpu", [], "XPU"),
        ("2.14.0", ["nvidia-cublas==13; platform_system == 'Linux'"], "CUDA"),
        ("2.13.0", ["numpy"], "CPU"),
    ],
)
@pytest.mark.skipif(sys.platform == "darwin", reason="torch is built for Metal there")
def test_the_flavour_is_that_of_torch(
    monkeypatch: pytest.MonkeyPatch, torch: str, needs: list[str], built: str
) -> None:
    monkeypatch.setattr(versions.metadata, "version", lambda _: torch)
    monkeypatch.setattr(versions.metadata, "requires", lambda _: needs)
    assert versions.flavour() == f"{built}, torch {torch}"
