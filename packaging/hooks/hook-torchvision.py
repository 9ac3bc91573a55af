"""In place of PyInstaller's own: torchvision loads its compiled parts by their paths, by names that change."""

from PyInstaller.utils.hooks import collect_dynamic_libs

binaries = collect_dynamic_libs("torchvision", search_patterns=["*.so", "*.pyd", "*.dll", "*.dylib"])
