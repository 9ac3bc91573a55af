"""Jobs with files in place of a model's own parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop.engine.api import Job
from desktop.models.weights import content_id


def with_parts(asked: Job, parts: dict[str, Path]) -> Job:
    ids = {component: content_id(file) for component, file in parts.items()}
    files = {id: parts[component] for component, id in ids.items()}
    return Job(replace(asked.work, parts=ids), {**asked.models, **files}, asked.inputs)
