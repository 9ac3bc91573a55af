"""The map of the program: the only place that builds and joins things."""

from __future__ import annotations

from desktop.engine.api import Engine

ENGINES = ("local", "process")


def make_engine(kind: str, device: str | None) -> Engine:
    """`kind` is one of ENGINES; torch is imported here for "local", and only in the child for "process"."""
    if kind == "local":
        from desktop.engine.local import LocalEngine

        return LocalEngine(device)
    from desktop.engine.process import ProcessEngine

    return ProcessEngine(device)


def describe_devices() -> dict[str, str]:
    """Those that `make_engine` takes, in words; imports torch."""
    from desktop.engine.memory import choose_device, device_names

    devices = {name: choose_device(name) for name in device_names()}
    return {name: f"{each.describe()}, {each.free_bytes() / 1e9:.1f} GB free" for name, each in devices.items()}
