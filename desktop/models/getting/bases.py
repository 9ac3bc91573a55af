"""What sites and their users call the families."""

from __future__ import annotations

BASES = (  # the first that is in the name; those that others are contained in come later
    ("flux.2", "flux2"),
    ("flux-2", "flux2"),
    ("flux2", "flux2"),
    ("flux", "flux"),
    ("z-image", "zimage"),
    ("zimage", "zimage"),
    ("qwen", "qwen"),
    ("chroma", "chroma"),
    ("sana", "sana"),
    ("pixart", "pixart"),
    ("stable-diffusion-3", "sd3"),
    ("sd 3", "sd3"),
    ("sd3", "sd3"),
    ("xl-refiner", "sdxl-refiner"),
    ("xl refiner", "sdxl-refiner"),
    ("xl", "sdxl"),
    ("pony", "sdxl"),
    ("illustrious", "sdxl"),
    ("noobai", "sdxl"),
    ("stable-diffusion-2", "sd2"),
    ("sd 2", "sd2"),
    ("stable-diffusion-v1", "sd15"),
    ("stable-diffusion-1", "sd15"),
    ("stable-diffusion-inpainting", "sd15"),
    ("sd 1", "sd15"),
    ("sd1", "sd15"),
)


def family_of(*names: str) -> str:
    """A key of FAMILIES by the first name that tells it; empty where none does."""
    for name in names:
        for part, family in BASES:
            if part in name.lower():
                return family
    return ""
