"""Uses: how many pictures were made with a model, LoRA or embedding, by its name; with a part by its content id."""

from __future__ import annotations

from collections import Counter

from desktop.database import Database

MODELS = "SELECT model, count(*) FROM pictures WHERE model != '' GROUP BY model"
LORAS = """
    SELECT CASE each.type WHEN 'object' THEN each.value ->> '$.name' ELSE each.value END, count(*)
    FROM recipes, json_each(recipes.recipe, '$.loras') AS each
    WHERE recipes.recipe LIKE '%"loras"%' GROUP BY 1
"""
EMBEDDINGS = """
    SELECT each.key, count(*) FROM recipes, json_each(recipes.recipe, '$.embeddings') AS each
    WHERE recipes.recipe LIKE '%"embeddings"%' GROUP BY 1
"""
PARTS = """
    SELECT each.value, count(*) FROM recipes, json_each(recipes.recipe, '$.parts') AS each
    WHERE recipes.recipe LIKE '%"parts"%' GROUP BY 1
"""


def uses(database: Database) -> Counter[str]:
    """By name in lower case, or by content id, in all pictures that there are. Raises UserError."""
    counts: Counter[str] = Counter()
    with database.read() as connection:
        for query in (MODELS, LORAS, EMBEDDINGS, PARTS):
            for name, count in connection.execute(query):
                counts[str(name).casefold()] += count
    return counts
