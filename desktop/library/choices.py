"""What the library can be narrowed to: the models, tasks, programs, sizes and months that there are."""

from __future__ import annotations

from desktop.database import Database

COLUMNS = {
    "model": "model",
    "task": "task",
    "tool": "tool",
    "size": "width || 'x' || height",
    "month": "strftime('%Y-%m', created, 'unixepoch', 'localtime')",
}
MOST = 200  # of a kind


def choices(database: Database) -> dict[str, list[str]]:
    """By the name of Query's field, and by "month" ("2026-11"), the most frequent first. Raises UserError."""
    with database.read() as connection:
        return {
            name: [
                value
                for (value,) in connection.execute(
                    f"""
                    SELECT {column} FROM pictures WHERE trashed IS NULL
                    GROUP BY 1 HAVING {column} != '' ORDER BY count(*) DESC LIMIT {MOST}
                    """
                )
            ]
            for name, column in COLUMNS.items()
        }
