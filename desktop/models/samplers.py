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
    flow: bool = False  # for flow-matching models (SD 3, Flux), instead of epsilon and v
    most_steps: int = 1000
    zero_snr: bool = True  # can start from pure noise, as some v-prediction models are trained to

    @property
    def name(self) -> str:
        """As people say it: "DPM++ 2M Karras"."""
        return f"{self.label} {self.schedule}" if self.schedule in ("Karras", "SGM Uniform") else self.label


KARRAS = {"use_karras_sigmas": True}
TRAILING = {"timestep_spacing": "trailing"}  # from the very end, as models of few steps are trained
SDE = {"algorithm_type": "sde-dpmsolver++"}
FLOW = {"prediction_type": "flow_prediction", "use_flow_sigmas": True}

SAMPLERS: dict[str, Sampler] = {
    "euler": Sampler("Euler", "EulerDiscreteScheduler"),
    "euler_a": Sampler("Euler a", "EulerAncestralDiscreteScheduler"),
    "euler_trailing": Sampler("Euler", "EulerDiscreteScheduler", TRAILING, schedule="SGM Uniform"),
    "euler_a_trailing": Sampler("Euler a", "EulerAncestralDiscreteScheduler", TRAILING, schedule="SGM Uniform"),
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
    "flow_euler_a": Sampler(
        "Flow Euler a", "FlowMatchEulerDiscreteScheduler", {"stochastic_sampling": True}, flow=True
    ),
    "flow_dpmpp_2m": Sampler("Flow DPM++ 2M", "DPMSolverMultistepScheduler", FLOW, flow=True),
    "flow_unipc": Sampler("Flow UniPC", "UniPCMultistepScheduler", FLOW, flow=True),
    "flow_lcm": Sampler("Flow LCM", "FlowMatchLCMScheduler", flow=True, most_steps=50),
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
