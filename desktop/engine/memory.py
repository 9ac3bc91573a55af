"""Devices and their memory: which one runs a model, at what precision, and how much is free."""

from __future__ import annotations

import ctypes
import gc
import sys
from dataclasses import dataclass

import psutil
import torch

from desktop.errors import UserError

# Smaller denoisers gain little by bf16 on a processor (23 million weights: 0.8 of the time in fp32, 210: 0.6): see
# tests/benchmarks/precision.py.
BF16_GAINS_FROM = 20_000_000


@dataclass(frozen=True)
class Device:
    """Where models run, and at what precision if not at the one that suits it best."""

    torch: torch.device
    precision: str | None = None  # one of PRECISIONS

    @property
    def name(self) -> str:
        return str(self.torch)

    def describe(self) -> str:
        """In words, with what its arithmetic depends on."""
        if self.torch.type == "cuda":
            return torch.cuda.get_device_name(self.torch)
        if self.torch.type == "xpu":
            return torch.xpu.get_device_name(self.torch)
        return f"{self.name} {torch.backends.cpu.get_cpu_capability()}" if self.torch.type == "cpu" else self.name

    def dtype(self, values: int) -> torch.dtype:
        """The precision for a denoiser of so many weights."""
        if self.precision is not None:
            return getattr(torch, self.precision)
        if self.torch.type == "cuda":
            return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        if self.torch.type == "xpu":
            return torch.bfloat16
        if self.torch.type == "mps":
            return torch.float16
        return torch.bfloat16 if values >= BF16_GAINS_FROM and _native_bf16() else torch.float32

    def total_bytes(self) -> int:
        if self.torch.type in ("cuda", "xpu"):
            return getattr(torch, self.torch.type).get_device_properties(self.torch).total_memory
        return psutil.virtual_memory().total

    def free_bytes(self) -> int:
        if self.torch.type == "cuda":
            cached = torch.cuda.memory_reserved(self.torch) - torch.cuda.memory_allocated(self.torch)
            return torch.cuda.mem_get_info(self.torch)[0] + cached
        if self.torch.type == "xpu":
            return torch.xpu.mem_get_info(self.torch)[0]
        return psutil.virtual_memory().available  # Apple's graphics share it

    def held_bytes(self) -> int:
        """What this process holds at the moment."""
        if self.torch.type == "cuda":
            return torch.cuda.memory_allocated(self.torch)
        return psutil.Process().memory_info().rss

    def give_back(self) -> None:
        """Returns what nobody uses any more to the system."""
        gc.collect()
        if self.torch.type in ("cuda", "xpu", "mps"):
            getattr(torch, self.torch.type).empty_cache()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)


def choose_device(name: str | None, precision: str | None = None) -> Device:
    """The named device, or the best there is. Raises UserError."""
    if name is None:
        kind = next((kind for kind in ("cuda", "xpu", "mps") if _available(kind)), "cpu")
        return choose_device(kind, precision)
    try:
        device = torch.device(name)
    except RuntimeError:
        raise UserError(f"There is no device {name!r}.", f"Choose one of {', '.join(device_names())}.") from None
    if device.type != "cpu" and device.index is None:
        device = torch.device(device.type, 0)
    if str(device) not in device_names():
        raise UserError(f"There is no device {name!r} here.", f"Choose one of {', '.join(device_names())}.")
    if device.type == "cuda":
        torch.backends.cudnn.deterministic = True  # the same recipe, the same bits
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    return Device(device, precision)


def describe_devices() -> dict[str, str]:
    """Those that can be chosen here, in words and with all their memory: what is free takes a context on each."""
    devices = [Device(torch.device(name)) for name in device_names()]
    return {each.name: f"{each.describe()}, {each.total_bytes() / 1e9:.1f} GB" for each in devices}


def device_names() -> list[str]:
    """Those that can be chosen here, the processor last."""
    names = [
        f"{kind}:{i}"
        for kind in ("cuda", "xpu")
        if _available(kind)
        for i in range(getattr(torch, kind).device_count())
    ]
    return [*names, *(["mps:0"] if _available("mps") else []), "cpu"]


def _available(kind: str) -> bool:
    return getattr(torch, kind).is_available() if hasattr(torch, kind) else False


def _native_bf16() -> bool:
    """Whether the processor multiplies bf16 itself; emulated it is slower than fp32."""
    has = getattr(torch.cpu, "get_capabilities", dict)()  # not there before torch 2.12
    return any(has.get(unit) for unit in ("avx512_bf16", "amx_bf16", "bf16"))


def is_out_of_memory(error: BaseException) -> bool:
    """torch has a type for devices; on the processor the allocator's RuntimeError says so only in words."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "allocate memory" in str(error)
