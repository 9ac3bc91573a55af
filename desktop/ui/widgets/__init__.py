"""Widgets that know nothing of pictures and models."""
