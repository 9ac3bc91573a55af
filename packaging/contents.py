"""What goes into the bundle beside what imports lead to, and what is left out though they do.

It is read by `sfumato.spec`, in the environment that is frozen.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib.metadata import distributions
from pathlib import Path

import lazy

BUILD_TOOLS = {
    "pip",
    "setuptools",
    "wheel",
    "pyinstaller",
    "pyinstaller-hooks-contrib",
    "altgraph",
    "pefile",
    "macholib",
}
LEFT_OUT = (  # modules that imports lead to, and no way of using the program does
    "desktop.starter",  # how the built-in model was made
    "torch.utils.tensorboard",
    "triton",  # compiles kernels for `torch.compile`, which is not used
    "tkinter",
    "PIL.ImageTk",
    "PIL._imagingtk",
    "setuptools",
    "pkg_resources",
    "_distutils_hack",
    "pip",
    "lib2to3",
    "pydoc_data",
    "numpy.f2py",
    "numpy.testing",
    "IPython",
    "matplotlib",
    "scipy",
    "pandas",
    "pytest",
)
TORCHS_OWN_TESTS = "torch.testing._internal"  # a part of which is imported outright, and found so
TESTS = ("tests", "test", "testing")  # packages below others
TESTING_THAT_IS_USED = ("torch.testing", "unittest")
SYSTEMS_OWN = (  # drivers and settings of the system may want newer ones than were there when this was built
    "libstdc++.so*",
    "libgcc_s.so*",
    "libfontconfig.so*",
    "libfreetype.so*",
    "libexpat.so*",
    "libpng16.so*",
    "libbrotli*.so*",
)
QT_MODULES = ("Qml", "Quick", "Pdf", "VirtualKeyboard", "EglFS", "Network", "OpenGLWidgets")  # that are not used
NOT_OPENED = (  # files
    "*.pyi",
    "*.h",
    "*.hpp",
    "*.cuh",
    "*.cpp",
    "*.cu",
    "*.cmake",
    "*.a",
    "*.rlib",
    "*/libc2pa_c.d",
    "cv2/data/*",
    "desktop/resources/starter/reader.safetensors",  # judges the built-in model
    "*.dist-info/RECORD",
    "*.dist-info/sboms/*",
    "torch/lib/*torchbind_test*",
    "torch/lib/*jitbackend_test*",
    "torch/lib/*backend_with_compiler*",
    "torch/lib/*aoti_custom_ops*",
    "PySide6/Qt/translations/*",  # the program speaks English
    "PySide6/translations/*",
    "PySide6/Qt/qml/*",
    "PySide6/Qt*Network*",
    *SYSTEMS_OWN,
    *(f"*Qt6{module}*" for module in QT_MODULES),
    *(f"*/Qt{module}*.framework/*" for module in QT_MODULES),  # as macOS has them
)
QT_PLUGINS = {  # those that are kept, by their kinds; of a kind that is not here, none
    "platforms": ("*qxcb*", "*qwayland*", "*qoffscreen*", "*qwindows*", "*qcocoa*"),
    "platformthemes": ("*xdgdesktopportal*",),  # that of GTK would want the GTK of the system, beside libraries of ours
    "platforminputcontexts": ("*compose*", "*ibus*"),
    "imageformats": ("*qsvg*", "*qjpeg*", "*qico*", "*qgif*", "*qwebp*", "*qicns*"),
    "iconengines": ("*",),
    "styles": ("*",),
    "xcbglintegrations": ("*",),
    "wayland-decoration-client": ("*",),
    "wayland-graphics-integration-client": ("*qt-plugin-wayland-egl*",),
    "wayland-shell-integration": ("*xdg-shell*",),
}


def modules() -> list[str]:
    """Those that are imported by names that are made while the program runs."""
    found = [*lazy.below("desktop"), *lazy.below("torch"), *lazy.below("diffusers"), *lazy.below("wakepy")]
    return [name for name in found if not _is_below(name, (*LEFT_OUT, TORCHS_OWN_TESTS)) and not _is_of_tests(name)]


def modules_left_out() -> list[str]:
    return [*LEFT_OUT, *lazy.unused_of_transformers(lazy.below("transformers"))]


def collection() -> dict[str, str]:
    """Where the sources go along, since they are read: transformers looks into them for what is where."""
    modes = {"torch": "pyz", "torchvision": "pyz", "transformers": "pyz+py"}
    return modes | dict.fromkeys(lazy.read_by_their_own_import(), "pyz+py")


def metadata() -> list[str]:
    """Names of the packages whose metadata go along: many ask which version of another there is."""
    return [found.name for found in distributions() if found.name.lower() not in BUILD_TOOLS | {"triton"}]


def is_kept(name: str, left_out: Iterable[str]) -> bool:
    """Whether the file of that name in the bundle is; `left_out` are patterns of the flavour."""
    path = Path(name).as_posix()
    if any(fnmatchcase(path, pattern) for pattern in (*NOT_OPENED, *left_out)):
        return False
    if "/plugins/" in path and path.startswith("PySide6"):
        kind, _, plugin = path.partition("/plugins/")[2].partition("/")
        return any(fnmatchcase(plugin, pattern) for pattern in QT_PLUGINS.get(kind, ()))
    return True


def leads_to(name: str, target: str) -> str:
    """The name of the file in the bundle that a link there points to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(Path(name).as_posix()), Path(target).as_posix()))


def _is_below(name: str, packages: Iterable[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def _is_of_tests(name: str) -> bool:
    return not _is_below(name, TESTING_THAT_IS_USED) and any(part in TESTS for part in name.split(".")[1:])
