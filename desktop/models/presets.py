"""Presets: pictures in few steps, with a LoRA that was distilled for it, or a model that can do so by itself.

The steps and guidances are those that the authors of each method give with their files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from desktop.models.extras import Extra, Extras

STEPS = re.compile(r"(?<![0-9])([0-9]{1,2})[ _-]?steps?(?![a-z])", re.IGNORECASE)  # in a file's name


@dataclass(frozen=True)
class Way:
    """What a preset sets for one family. `weight`: of its LoRA."""

    sampler: str
    steps: int
    guidance: float
    weight: float = 1.0


@dataclass(frozen=True)
class Preset:
    """A method, by families; and by which words its files' names are known."""

    label: str
    tip: str
    words: re.Pattern[str]
    ways: Mapping[str, Way]

    def fits(self, text: str) -> bool:
        return bool(self.words.search(text))

    def lora(self, extras: Extras, family: str) -> Extra | None:
        """The file at hand that does it for that family: the one of the usual steps, or the first.

        One that tells its steps comes first: any style may be called after lightning.
        """
        found = [each for each in extras.kind("lora") if each.entry.family == family and self._is_called_so(each)]
        usual = self.ways[family].steps if family in self.ways else 0

        def rank(extra: Extra) -> tuple[bool, int]:
            return STEPS.search(extra.name) is None, abs(steps_of(extra.name, usual) - usual)

        return min(found, key=rank, default=None)

    def _is_called_so(self, extra: Extra) -> bool:
        return any(self.fits(name) for name in (*extra.names, extra.entry.title, extra.entry.variant))


def steps_of(name: str, usual: int) -> int:
    """That a file's name tells: "Hyper-SDXL-8steps-lora"."""
    return int(found[1]) if (found := STEPS.search(name)) else usual


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])", re.IGNORECASE)


PRESETS: dict[str, Preset] = {
    "lcm": Preset(
        "LCM",
        "Four to eight steps: quick drafts, somewhat soft.",
        _words("lcm"),
        {
            "sd15": Way("lcm", 6, 1.5),
            "sdxl": Way("lcm", 6, 1.5),
            "flux": Way("flow_lcm", 8, 3.5),
        },
    ),
    "turbo": Preset(
        "Turbo",
        "One to eight steps, for models and LoRAs called Turbo.",
        _words("turbo"),
        {
            "sd2": Way("euler_a_trailing", 2, 1.0),
            "sdxl": Way("euler_a_trailing", 4, 1.0),
            "sd3": Way("flow_euler", 4, 1.0),
            "flux": Way("flow_euler", 8, 3.5),
            "zimage": Way("flow_euler", 8, 1.0),
        },
    ),
    "lightning": Preset(
        "Lightning",
        "Two to eight steps: sharp, close to the full model.",
        _words("lightning"),
        {
            "sdxl": Way("euler_trailing", 8, 1.0),
            "qwen": Way("flow_euler", 8, 1.0),
        },
    ),
    "hyper": Preset(
        "Hyper",
        "One to eight steps, for SD 1.5, SDXL, SD 3 and Flux.",
        _words(r"hyper(?:[-_ ]?(?:sd|sdxl|flux)\w*)?"),
        {
            "sd15": Way("euler_trailing", 8, 1.0),
            "sdxl": Way("euler_trailing", 8, 1.0),
            "sd3": Way("flow_euler", 8, 3.0, 0.125),
            "flux": Way("flow_euler", 8, 3.5, 0.125),
        },
    ),
}
