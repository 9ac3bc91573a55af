"""All families, by id."""

from desktop.models.families import (
    chroma,
    flux,
    flux2,
    pixart,
    qwen,
    sana,
    sd2,
    sd3,
    sd15,
    sdxl,
    sdxl_refiner,
    starter,
    zimage,
)
from desktop.models.family import Family

ROOMS = (sd15, sd2, sdxl, sdxl_refiner, sd3, flux, flux2, zimage, qwen, chroma, sana, pixart, starter)
FAMILIES: dict[str, Family] = {room.FAMILY.id: room.FAMILY for room in ROOMS}
