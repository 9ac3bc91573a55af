"""The samplers that people use, one row each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desktop.errors import UserError


@dataclass(frozen=True)
class Sampler:
    """A sampler: its name as A1111 writes it, and the diffusers scheduler that does it."""

    label: str
    scheduler: str
    config: Mapping[str, Any] = field(default_factory=dict)
    schedule: str = "Automatic"  # A1111's "Schedule type", where "Automatic" means Karras to the DPM++ samplers
    flow: bool = False  # for flow-matching models (SD 3), instead of epsilon and v
    most_steps: int = 1000
    zero_snr: bool = True  # can start from pure noise, as some v-prediction models are trained to

    @property
    def name(self) -> str:
        """As people say it: "DPM++ 2M Karras"."""
        return f"{self.label} Karras" if self.schedule == "Karras" else self.label


KARRAS = {"use_karras_sigmas": True}
SDE = {"algorithm_type": "sde-dpmsolver++"}

SAMPLERS: dict[str, Sampler] = {
    "euler": Sampler("Euler", "EulerDiscreteScheduler"),
    "euler_a": Sampler("Euler a", "EulerAncestralDiscreteScheduler"),
    "dpmpp_2m": Sampler("DPM++ 2M", "DPMSolverMultistepScheduler", schedule="Uniform"),
    "dpmpp_2m_karras": Sampler("DPM++ 2M", "DPMSolverMultistepScheduler", KARRAS, schedule="Karras", zero_snr=False),
    "dpmpp_sde": Sampler("DPM++ SDE", "DPMSolverSinglestepScheduler", SDE, schedule="Uniform", zero_snr=False),
    "dpmpp_2m_sde_karras": Sampler(
        "DPM++ 2M SDE", "DPMSolverMultistepScheduler", KARRAS | SDE, schedule="Karras", zero_snr=False
    ),
    "unipc": Sampler("UniPC", "UniPCMultistepScheduler"),
    "ddim": Sampler("DDIM", "DDIMScheduler", {"clip_sample": False}),
    "lcm": Sampler("LCM", "LCMScheduler", most_steps=50),
    "heun": Sampler("Heun", "HeunDiscreteScheduler", zero_snr=False),
    "dpm2": Sampler("DPM2", "KDPM2DiscreteScheduler", zero_snr=False),
    "flow_euler": Sampler("Flow Euler", "FlowMatchEulerDiscreteScheduler", flow=True),
    "flow_heun": Sampler("Flow Heun", "FlowMatchHeunDiscreteScheduler", flow=True),
}


def find(name: str) -> str:
    """The key of a sampler, however it is spelled: "DPM++ 2M Karras", "dpmpp-2m-karras". Raises UserError."""
    wanted = _plain(name)
    for key, sampler in SAMPLERS.items():
        if wanted in (_plain(key), _plain(sampler.name)):
            return key
    raise UserError(f"There is no sampler {name!r}.", f"Choose one of {', '.join(SAMPLERS)}.")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("++", "pp"))
