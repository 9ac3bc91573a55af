"""Stable Diffusion 2.x: 512 pixels with noise prediction, 768 with v-prediction; the folder's configs say which."""

from dataclasses import replace

from desktop.models.families import sd15

FAMILY = replace(sd15.FAMILY, id="sd2", name="Stable Diffusion 2", native=768, widths=(1024,))
