"""Third-party notices: everything that is installed is in them, with the texts of its licences."""

from __future__ import annotations

import shutil
import sysconfig
from importlib.metadata import PathDistribution, distributions
from pathlib import Path

import pytest

import notices

TEXTLESS = {"cuda-toolkit"}  # names which NVIDIA packages go together, and contains nothing


def _package(site: Path, name: str, header: str = "", **files: str) -> PathDistribution:
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{header}\n")
    names = {file.replace("_", "."): text for file, text in files.items()}
    for file, text in names.items():
        (folder / file).write_text(text)
    (folder / "RECORD").write_text("".join(f"{folder.name}/{file},,\n" for file in names))
    return PathDistribution(folder)


def test_all_packages_of_this_environment_have_the_text_of_a_licence() -> None:
    parts = [notices.part_of(found) for found in distributions(path=[sysconfig.get_path("purelib")])]
    assert len(parts) > 50
    assert {part.name.split()[0] for part in parts if not part.texts} - TEXTLESS == set()
    assert {part.name.split()[0] for part in parts if not part.licence} - TEXTLESS == set()


def test_python_has_the_text_of_its_licence() -> None:
    assert notices.python().texts


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("License-Expression: MIT\nLicense: something else", "MIT"),
        ("License: MIT License\n  Copyright (c) 2020", "MIT License"),
        ("Classifier: License :: OSI Approved :: BSD License\nClassifier: Topic :: Text", "BSD License"),
        ("", ""),
    ],
)
def test_a_licence_is_named_as_well_as_the_package_names_it(tmp_path: Path, header: str, expected: str) -> None:
    assert notices.part_of(_package(tmp_path, "some", header)).licence == expected


@pytest.mark.parametrize(
    ("licence", "texts"),
    [
        ("LGPL-3.0-only OR GPL-3.0-only", ["GNU LESSER GENERAL PUBLIC LICENSE", "GNU GENERAL PUBLIC LICENSE"]),
        ("Apache Software License", ["Apache License"]),
        ("MIT OR Apache-2.0", ["Apache License"]),
        ("MIT", []),
    ],
)
def test_packages_without_a_text_get_the_standard_one(tmp_path: Path, licence: str, texts: list[str]) -> None:
    part = notices.part_of(_package(tmp_path, "some", f"License: {licence}"))
    assert [text.splitlines()[0].strip() for text in part.texts] == texts


def test_texts_that_came_along_are_in_the_file_once_and_code_is_not(tmp_path: Path) -> None:
    site, bundle = tmp_path / "site", tmp_path / "bundle"
    bundle.mkdir()
    _package(site, "one", "License: MIT", LICENSE="shared words", NOTICE="a notice")
    _package(site, "two", "License: MIT", LICENCE_txt="shared words", license_py="code")
    _package(site, "three", "License: unheard of")
    _package(site, "builder", "License: none", LICENSE="of what only builds")
    text = notices.write(bundle, site, ("builder",)).read_text()
    assert "builder" not in text
    assert text.count("shared words") == text.count("a notice") == 1
    assert "\ncode" not in text
    assert "one 1.0\n    MIT: [1-2]\n" in text
    assert "two 1.0\n    MIT: [1]\n" in text.replace("[2]", "[1]")
    assert "three 1.0\n    unheard of: no text of a licence came with it\n" in text
    assert (bundle / "LICENSE.txt").read_bytes() == notices.OUR_LICENCE.read_bytes()


def test_numbers_that_follow_each_other_are_one_range() -> None:
    assert list(notices._runs([3, 7, 8, 9, 11])) == ["[3]", "[7-9]", "[11]"]


def test_the_terms_that_ask_for_more_are_named(tmp_path: Path) -> None:
    text = notices.write(tmp_path, tmp_path / "nowhere").read_text()
    for words in (
        "GNU Lesser General Public License",
        "download.qt.io",
        "You may replace them",
        "CUDA Toolkit's End User",
    ):
        assert words in " ".join(text.split())


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="asks Debian which package a library is from")
def test_libraries_of_the_system_are_told_with_their_package_and_those_of_packages_are_not(tmp_path: Path) -> None:
    library = next(Path("/usr/lib").glob("*/libz.so.1"), None)
    if not library:
        pytest.skip("there is no zlib here")
    bundle, site = tmp_path / "bundle", tmp_path / "site"
    (bundle / "_internal").mkdir(parents=True)
    shutil.copy(library, bundle / "_internal")
    (bundle / "_internal" / "libbrought.so.2").write_text("brought")
    (bundle / "_internal" / "libnobodys.so.2").write_text("nobody's")
    (bundle / "_internal" / "some.cpython-311-x86_64-linux-gnu.so").write_text("an extension")
    package = _package(site, "some", "License: MIT", LICENSE="words")
    (site / "some").mkdir()
    (site / "some" / "libbrought.so.2").write_text("brought")
    record = Path(str(package.locate_file("some-1.0.dist-info/RECORD")))
    record.write_text(record.read_text() + "some/libbrought.so.2,sha256=x,7\n")
    text = notices.write(bundle, site).read_text()
    assert "zlib1g (libz.so.1)\n    from the system that built this: [" in text
    assert "Jean-loup Gailly" in text
    assert "libnobodys.so.2 (libnobodys.so.2)" in text
    assert "libbrought" not in text
    assert "some.cpython" not in text


@pytest.mark.skipif(not Path("/usr/share/common-licenses/LGPL-2.1").is_file(), reason="asks Debian for texts it shares")
def test_texts_that_debian_keeps_for_all_come_along() -> None:
    package = next(
        path.parent
        for path in Path("/usr/share/doc").glob("lib*/copyright")
        if "/LGPL-2.1" in path.read_text(errors="replace")
    )
    texts = list(notices._texts_of_debian(package.name))
    assert any(
        text.startswith("GNU LESSER GENERAL PUBLIC LICENSE\n                       Version 2.1") for text in texts[1:]
    )
