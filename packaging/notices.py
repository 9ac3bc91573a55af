"""Third-party notices: what a bundle contains, under which terms, and the texts of these."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageMetadata, distributions
from itertools import chain, groupby
from pathlib import Path

from origin import owners

FILE = "NOTICES.txt"
HERE = Path(__file__).parent
OUR_LICENCE = HERE.parent / "LICENSE"
STANDARD = {  # texts that we hold, for packages that name their licence and bring no text
    "Apache-2.0": OUR_LICENCE,
    "LGPL-3.0": HERE / "licences" / "LGPL-3.0.txt",
    "GPL-3.0": HERE / "licences" / "GPL-3.0.txt",
}
TEXT_NAME = re.compile(r"(licen[cs]e|copying|notice|copyright|eula)", re.IGNORECASE)
NO_TEXT = {".py", ".pyc", ".pyi", ".so", ".h", ".html", ".json", ".js", ".spdx"}
LIBRARY = re.compile(r"\.so(\.[\d.]+)?$")
PYTHONS_OWN = re.compile(r"libpython|\.cpython-|\.abi3\.")
COMMON = re.compile(r"/usr/share/common-licenses/[\w.-]*[\w-]")
RULE = "-" * 100


@dataclass(frozen=True)
class Part:
    """A package, or something else in the bundle, with the texts of its licences."""

    name: str
    licence: str
    texts: tuple[str, ...]
    home: str = ""


def write(bundle: Path, site: Path, build_tools: Iterable[str] = ("pip",)) -> Path:
    """Into the bundle, about all packages of that `site-packages` but those that only built it; the file."""
    installed = [found for found in distributions(path=[str(site)]) if found.name.lower() not in build_tools]
    parts = [*map(part_of, installed), python(), *_of_the_system(bundle, installed)]
    file = bundle / FILE
    file.write_text(text_of(sorted(parts, key=lambda part: part.name.lower())), encoding="utf-8")
    shutil.copyfile(OUR_LICENCE, bundle / "LICENSE.txt")
    return file


def part_of(package: Distribution) -> Part:
    licence = licence_of(package.metadata)
    texts = tuple(dict.fromkeys(_texts(package))) or tuple(_standard_texts(licence))
    return Part(f"{package.name} {package.version}", licence, texts, _home(package.metadata))


def licence_of(metadata: PackageMetadata) -> str:
    """As an SPDX expression where the package gives one; else in its own words."""
    told = _field(metadata, "License-Expression") or _field(metadata, "License").partition("\n")[0]
    return told or ", ".join(
        each.split(" :: ")[-1] for each in metadata.get_all("Classifier", ()) if "License ::" in each
    )


def python() -> Part:
    """The interpreter that runs this, which becomes part of the bundle."""
    places = [
        Path(sysconfig.get_path("stdlib"), "LICENSE.txt"),
        Path(sys.base_prefix, "LICENSE.txt"),
        Path("/usr/share/doc", f"python3.{sys.version_info.minor}", "copyright"),
    ]
    texts = [_read(place) for place in places if place.is_file()]
    return Part(f"Python {sys.version.split()[0]}", "PSF-2.0", tuple(texts[:1]), "https://www.python.org")


def text_of(parts: list[Part]) -> str:
    """The terms that ask for more than to be printed, then a list of all parts, then each text once."""
    numbers = {text: number for number, text in enumerate(dict.fromkeys(chain(*(part.texts for part in parts))), 1)}
    rows = [_row(part, [numbers[text] for text in part.texts]) for part in parts]
    texts = [f"{RULE}\n[{number}]\n\n{text}" for text, number in numbers.items()]
    return "\n\n".join([_read(HERE / "licences" / "terms.txt"), "\n".join(rows), *texts]) + "\n"


def _row(part: Part, numbers: list[int]) -> str:
    where = " ".join(_runs(sorted(numbers))) or "no text of a licence came with it"
    return f"{part.name}\n    {part.licence or 'no licence named'}: {where}" + (
        f"\n    {part.home}" if part.home else ""
    )


def _runs(numbers: list[int]) -> Iterator[str]:
    """`[3] [7-9]` of 3, 7, 8 and 9."""
    for _, run in groupby(enumerate(numbers), lambda placed: placed[1] - placed[0]):
        (_, first), *more = run
        yield f"[{first}-{more[-1][1]}]" if more else f"[{first}]"


def _texts(package: Distribution) -> Iterator[str]:
    for file in package.files or ():
        if TEXT_NAME.match(file.name) and file.suffix not in NO_TEXT and (path := Path(str(file.locate()))).is_file():
            yield _read(path)


def _standard_texts(licence: str) -> Iterator[str]:
    named = re.sub(r"^Apache (Software )?License.*|^Apache 2.0.*", "Apache-2.0", licence)
    yield from (_read(file) for name, file in STANDARD.items() if re.search(rf"\b{re.escape(name)}", named))


def _home(metadata: PackageMetadata) -> str:
    links = dict(each.split(", ", 1) for each in metadata.get_all("Project-URL", ()))
    known = {name.lower(): link for name, link in links.items()}
    named = (known[name] for name in ("homepage", "repository", "source", "documentation") if name in known)
    return _field(metadata, "Home-page") or next(named, "")


def _field(metadata: PackageMetadata, name: str) -> str:
    """The first line with that name, or nothing."""
    return next(iter(metadata.get_all(name, ())), "").strip()


def _of_the_system(bundle: Path, installed: list[Distribution]) -> Iterator[Part]:
    """Libraries that no package brought: PyInstaller took them from the machine that built the bundle."""
    brought = {(file.name, file.size) for package in installed for file in package.files or ()}
    libraries = {file for file in bundle.rglob("*.so*") if LIBRARY.search(file.name) and not file.is_symlink()}
    names = {file.name for file in libraries if (file.name, file.stat().st_size) not in brought}
    owned: dict[str, list[str]] = {}
    for name, owner in owners(sorted(name for name in names if not PYTHONS_OWN.search(name))).items():
        owned.setdefault(owner or name, []).append(name)
    for owner, taken in owned.items():
        yield Part(f"{owner} ({', '.join(taken)})", "from the system that built this", tuple(_texts_of_debian(owner)))


def _texts_of_debian(owner: str) -> Iterator[str]:
    """What the package says of its licences, and the texts that Debian keeps for all of them."""
    told = Path("/usr/share/doc", owner, "copyright")
    if told.is_file():
        yield (text := _read(told))
        yield from (_read(Path(name)) for name in sorted(set(COMMON.findall(text))) if Path(name).is_file())


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace").strip()
