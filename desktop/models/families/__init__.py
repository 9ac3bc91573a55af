"""All families, by id."""

from desktop.models.families import sd2, sd3, sd15, sdxl, starter
from desktop.models.family import Family

FAMILIES: dict[str, Family] = {
    row.id: row for row in (sd15.FAMILY, sd2.FAMILY, sdxl.FAMILY, sd3.FAMILY, starter.FAMILY)
}
