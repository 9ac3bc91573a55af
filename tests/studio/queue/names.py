"""Jobs by single letters, and which of them are where."""

from __future__ import annotations

from desktop.engine.api import Failed, Finished, Job
from desktop.library.jobs import Jobs
from desktop.studio.queue import Queue
from tests.studio.things import job

DONE = Finished({}, 0)
DEAD = Failed("The engine died.", "Try again.")


def named(name: str) -> Job:
    return Job(job().work, {}, id=name)


def jobs_of(names: str) -> list[Job]:
    return [named(name) for name in names]


def names(queue: Queue) -> str:
    return "".join(entry.id for entry in queue.entries)


def stored(jobs: Jobs) -> list[tuple[str, str]]:
    """Ids and states as they are in the database, without those that are done."""
    query = "SELECT id, state FROM jobs WHERE state != 'done' ORDER BY state = 'running' DESC, place"
    with jobs._database.read() as connection:
        return connection.execute(query).fetchall()


def done(jobs: Jobs) -> list[str]:
    """Ids as they are in the database."""
    return [job.id for job in jobs.all() if job.state == "done"]


def due(queue: Queue) -> list[str]:
    begun: list[str] = []
    queue.due.connect(lambda due: begun.append(due.id))
    return begun
