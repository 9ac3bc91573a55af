"""Everybody's names for samplers and schedules, and ours."""

from __future__ import annotations

import re

from desktop.models.samplers import SAMPLERS

USUAL = ("", "automatic", "native", "normal", "simple", "sgmuniform", "uniform", "ddimuniform")  # no schedule of note
DEFAULTS = ("", "automatic")  # where A1111 chooses, which means Karras to the DPM++ samplers
WORDS = {"ancestral": "a", "unipcbh2": "unipc", "kdpm2": "dpm2", "ddimv3": "ddim"}


def find(name: str, schedule: str = "") -> str | None:
    """The key of the sampler that other programs call so; None where we have none like it."""
    plain, schedule = _plain(name), _plain(schedule)
    if plain.endswith("karras"):  # before the schedule had a field of its own
        plain, schedule = plain.removesuffix("karras"), "karras"
    alike = {_plain(row.schedule): key for key, row in SAMPLERS.items() if _plain(row.label) == plain}
    wanted = [schedule]
    if schedule in DEFAULTS:
        wanted = ["automatic", "karras", "uniform"]
    elif schedule in USUAL:
        wanted = [schedule, "uniform", "automatic"]
    return next((alike[each] for each in wanted if each in alike), None)


def _plain(name: str) -> str:
    """`k_dpmpp_2m_sde_gpu`, "DPM++ 2M SDE": dpmpp2msde."""
    plain = re.sub(r"[^a-z0-9+]", "", name[:100].lower().removeprefix("k_").removesuffix("_gpu")).replace("++", "pp")
    for word, ours in WORDS.items():
        plain = plain.replace(word, ours)
    return plain
