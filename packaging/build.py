"""Makes the packaged application for this platform: a folder that needs no Python, and installers of it.

python packaging/build.py [--flavour F] [--torch REQUIREMENT] [--torchvision REQUIREMENT] [--out DIR]
                          [--installers KIND...] [--keep]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import archive
import debian
import environment
import flavours
import macos
import needs
import notices
import slim
import version
import windows
from contents import BUILD_TOOLS
from moment import build_date

HERE = Path(__file__).parent
INSTALLERS = {"deb": debian.make, "archive": archive.make, "exe": windows.make, "dmg": macos.make}


def main() -> None:
    options = _options()
    name = version.version()
    out = options.out.resolve()
    work = out / "build"
    flavour, builds, index = chosen(options.flavour, options.torch, options.torchvision)
    print(f"Sfumato {name} with {', '.join(builds)} ({flavour.name}) into {out}", flush=True)
    python = environment.make(work, name, builds, index)
    bundle = freeze(python, flavour, out, work)
    told = bundle / "Contents" / "Resources" if sys.platform == "darwin" else bundle
    notices.write(told, _packages(python), BUILD_TOOLS - {"pyinstaller"})  # of which the bootloader is inside
    for kind in options.installers:
        print(INSTALLERS[kind](bundle, name, flavour.name, out), flush=True)
    if not options.keep:
        shutil.rmtree(work)
    print(f"{bundle}: {size(bundle) / 1e6:.0f} MB", flush=True)


def chosen(name: str, torch: str, torchvision: str) -> tuple[flavours.Flavour, list[str], str]:
    """The flavour, what is required of torch and torchvision, and from which index beside the usual one.

    A torch that is named by hand comes from wherever pip finds it, and a torchvision only if that is named, too.
    """
    here, installed = flavours.at_hand()
    flavour = flavours.FLAVOURS[name] if name else here
    if torch:
        return flavour, [torch, torchvision] if torchvision else [torch], ""
    if flavour is here and installed:
        return flavour, [f"torch=={installed}", torchvision or "torchvision"], installed.partition("+")[2]
    return flavour, ["torch", torchvision or "torchvision"], flavour.index


def freeze(python: Path, flavour: flavours.Flavour, out: Path, work: Path) -> Path:
    """The folder, or on macOS the application."""
    bundle = out / ("Sfumato.app" if sys.platform == "darwin" else "sfumato")
    shutil.rmtree(bundle, ignore_errors=True)
    order = ["--noconfirm", "--log-level", "WARN", "--distpath", str(out), "--workpath", str(work / "work")]
    command = [str(python), "-m", "PyInstaller", *order, str(HERE / "sfumato.spec"), "--", flavour.name]
    same = {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": str(build_date())}  # as far as PyInstaller goes
    subprocess.run(command, check=True, cwd=work, env=os.environ | same)
    if sys.platform.startswith("linux"):
        (bundle / "sfumato-cli").symlink_to("sfumato")  # a program with or without a console is the same there
        slim.prune(bundle / "_internal")
        slim.strip(bundle / "_internal")
        slim.forget_paths(bundle / "_internal")
        if drivers := needs.check(bundle):
            print(f"It asks for libraries that come with drivers: {', '.join(drivers)}", flush=True)
    return bundle


def size(folder: Path) -> int:
    """In bytes, each file counted once."""
    facts = {(fact.st_dev, fact.st_ino): fact.st_size for fact in (each.lstat() for each in folder.rglob("*"))}
    return sum(facts.values())


def _packages(python: Path) -> Path:
    say = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.run([str(python), "-c", say], check=True, capture_output=True, text=True).stdout.strip())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flavour", choices=flavours.FLAVOURS, default="", help="default: that of the torch at hand")
    parser.add_argument("--torch", default="", metavar="REQUIREMENT", help="in place of the flavour's own")
    parser.add_argument("--torchvision", default="", metavar="REQUIREMENT", help="with --torch: without this, none")
    parser.add_argument("--out", type=Path, default=Path("dist"), metavar="DIR")
    parser.add_argument(
        "--installers", nargs="*", choices=INSTALLERS, default=[], metavar="KIND", help=", ".join(INSTALLERS)
    )
    parser.add_argument("--keep", action="store_true", help="the environment and PyInstaller's own files, for a look")
    return parser.parse_args()


if __name__ == "__main__":
    main()
