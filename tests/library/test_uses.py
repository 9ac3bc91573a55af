"""How often a model, a LoRA or an embedding was used."""

from __future__ import annotations

from dataclasses import replace

from desktop.library.library import Library
from desktop.library.uses import uses
from desktop.recipe import LoraUse
from tests.library.things import produced

ID = "ab" * 32


def test_uses_are_counted_by_name(library: Library) -> None:
    for seed, loras in enumerate(((), ("Ink", "clay"), ("ink",))):
        made = produced(seed)
        recipe = replace(made.recipe, loras=tuple(LoraUse(ID, name) for name in loras), embeddings={"Bad_Hands": ID})
        library.add(replace(made, recipe=recipe, made={"model": "Dream"}), 1)
    assert uses(library.database) == {"dream": 3, "ink": 2, "clay": 1, "bad_hands": 3}


def test_parts_of_models_are_counted_by_their_content(library: Library) -> None:
    made = produced(1)
    library.add(replace(made, recipe=replace(made.recipe, parts={"vae": ID, "text_encoder": "cd" * 32})), 1)
    counts = uses(library.database)
    assert (counts[ID], counts["cd" * 32]) == (1, 1)


def test_recipes_of_strangers_are_no_trouble(library: Library) -> None:
    for seed, loras in enumerate(('{"a": 1}', "[1, null]", '"ink"', '["Ink", {"name": "INK"}, {"weight": 1}, [2]]')):
        id = library.add(produced(seed), 1).id
        with library.database.write() as connection:
            connection.execute(
                "UPDATE recipes SET recipe = json_set(recipe, '$.loras', json(?)) WHERE picture = ?", (loras, id)
            )
    assert uses(library.database)["ink"] == 3
