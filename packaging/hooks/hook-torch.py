"""In place of PyInstaller's own, which takes all modules, all sources and all data files of torch."""

import sys
from pathlib import Path

from PyInstaller.utils.hooks import collect_data_files, collect_dynamic_libs, get_package_paths

LIBRARIES = ["*.so", "*.so.*", "*.dll", "*.dylib"]
binaries = collect_dynamic_libs("torch", search_patterns=LIBRARIES)
datas = collect_data_files("torch", subdir="lib", excludes=["**/*.lib", "**/*.a"])  # kernels of ROCm
bindepend_symlink_suppression = ["**/torch/lib/*", "**/nvidia/*/lib/*"]  # torch looks for them beside itself
if (manager := Path(get_package_paths("torch")[1], "bin", "torch_shm_manager")).exists():  # asked for on import
    binaries.append((str(manager), "torch/bin"))
if sys.platform.startswith("linux"):  # most of CUDA is loaded by name: libraries know each other by their folders
    site = Path(get_package_paths("torch")[0])
    for library in site.glob("nvidia/*/lib/*.so*"):
        binaries.append((str(library), str(library.parent.relative_to(site))))
