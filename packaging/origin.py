"""Which package of Debian each library of the system that builds a bundle is from."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from pathlib import Path


def owners(names: Iterable[str]) -> dict[str, str]:
    """Of each name the package that has it; nothing for those of nobody, and where there are no such packages."""
    found = dict.fromkeys(names, "")
    if found and shutil.which("dpkg-query"):
        folders = [f"{root}/{sysconfig.get_config_var('MULTIARCH')}" for root in ("/usr/lib", "/lib")]
        command = ["dpkg-query", "--search", *(f"{folder}/{name}" for folder in folders for name in found)]
        for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
            owner, _, path = line.partition(": ")
            name = Path(path).name
            found[name] = found[name] or owner.split(":")[0].split(",")[0]
    return found
