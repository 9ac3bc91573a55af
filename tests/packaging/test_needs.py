"""What a bundle leaves to the system: all of it is named, so that the .deb depends on it."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

import contents
import needs
from origin import owners

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("cc", "readelf", "dpkg-query"))), reason="links libraries and asks Debian whose they are"
)
SYSTEMS = Path("/usr/lib", sysconfig.get_config_var("MULTIARCH") or "", "libz.so.1")


def _link(library: Path, *others: Path) -> None:
    source = "int answer(void) { return 42; }"
    command = ["cc", "-shared", "-x", "c", "-", "-o", str(library)]
    options = [f"-Wl,--no-as-needed,-soname,{library.name}", "-x", "none", *map(str, others)]
    subprocess.run([*command, *options], check=True, input=source, text=True)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """With a library that is linked to zlib, to one beside it, and to one that nobody has."""
    if not SYSTEMS.exists():
        pytest.skip("there is no zlib here")
    folder = tmp_path / "sfumato" / "_internal"
    folder.mkdir(parents=True)
    driver = tmp_path / "libdriver.so"
    for library in (folder / "libbeside.so", driver):
        _link(library)
    _link(folder / "libsome.so.1", SYSTEMS, folder / "libbeside.so", driver)
    return folder.parent


def test_a_package_that_is_not_named_is_told(bundle: Path) -> None:
    with pytest.raises(needs.Uncovered, match=r"zlib1g \(libz\.so\.1\)$"):
        needs.check(bundle)


def test_named_packages_and_the_bundles_own_libraries_will_do(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "packages", lambda: ["zlib1g"])
    assert [Path(name).name for name in needs.check(bundle)] == ["libdriver.so"]
    shutil.copy(SYSTEMS, bundle / "_internal" / "libz.so.1")
    monkeypatch.setattr(needs, "packages", lambda: [])
    assert needs.check(bundle)


def test_what_is_left_out_since_the_system_has_it_is_named() -> None:
    found = owners(["libstdc++.so.6", "libgcc_s.so.1", "libfontconfig.so.1", "libfreetype.so.6"])
    assert all(any(name.startswith(kind.split(".so")[0]) for kind in contents.SYSTEMS_OWN) for name in found)
    assert set(found.values()) <= {*needs.packages(), ""}
