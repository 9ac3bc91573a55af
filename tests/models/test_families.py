"""The families: rows of facts that hold in diffusers, and what each of them refuses."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import diffusers
import pytest

from desktop.errors import UserError
from desktop.models.families import FAMILIES, other
from desktop.models.family import Family
from desktop.models.samplers import SAMPLERS
from desktop.recipe import Recipe, Source

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def _recipe(family: Family, **changes: Any) -> Recipe:
    options: dict[str, Any] = {
        "width": 512,
        "height": 512,
        "steps": family.steps,
        "guidance": family.guidance,
        "sampler": family.sampler,
    }
    return Recipe(model="", prompt="", seed=0, **(options | changes))


def test_these_are_the_families() -> None:
    assert " ".join(FAMILIES) == "sd15 sd2 sdxl sdxl-refiner sd3 flux flux2 zimage qwen chroma sana pixart starter"
    assert all(row.id == key for key, row in FAMILIES.items())
    assert len({row.name for row in FAMILIES.values()}) == len(FAMILIES)


def _every_variant() -> Iterator[tuple[str, Family]]:
    """Each row, and each of its variants by itself."""
    for key, row in FAMILIES.items():
        yield key, row
        yield from ((f"{key} {variant.name}", replace(row, **variant.changes)) for variant in row.variants)


VARIANTS = list(_every_variant())
every_variant = pytest.mark.parametrize("family", [row for _, row in VARIANTS], ids=[name for name, _ in VARIANTS])


@every_variant
def test_the_pipelines_exist_and_have_the_parts_that_are_named(family: Family) -> None:
    pipeline = getattr(diffusers, family.pipeline)
    accepted = set(inspect.signature(pipeline).parameters)
    assert {family.denoiser, *family.parts, *family.tokenizers, *family.optional} <= accepted
    encode = inspect.signature(pipeline.encode_prompt).parameters
    assert set(family.encoding) <= set(encode)
    call = inspect.signature(pipeline.__call__).parameters
    assert {family.guide_as, *family.call, *filter(None, family.words)} <= set(call)
    assert "image" in call or not family.edits
    assert all(hasattr(diffusers, name) for name in family.classes)


@every_variant
def test_lora_is_offered_where_diffusers_has_it(family: Family) -> None:
    assert family.lora == hasattr(getattr(diffusers, family.pipeline), "load_lora_weights")


@every_variant
def test_the_words_of_a_pipeline_are_named_in_their_order(family: Family) -> None:
    """The names stand in the code behind `return`."""
    source = inspect.getsource(getattr(diffusers, family.pipeline).encode_prompt)
    returned = re.sub(r"[(),\s]+", " ", source[source.rindex("return ") + len("return ") :]).split()
    assert all(name in ("", there) for name, there in zip(family.words, returned, strict=bool(family.words)))


@every_variant
def test_a_familys_own_settings_suit_it(family: Family) -> None:
    source = Source("0" * 64) if family.only_edits else None
    family.check(_recipe(family, width=family.native, height=family.native, source=source))
    assert family.native % family.size_step == 0
    assert family.takes_negative == family.is_guided(_recipe(family, guidance=4.0))


@every_family
def test_a_family_offers_the_samplers_that_suit_it_and_refuses_the_others(family: Family) -> None:
    assert family.sampler in family.samplers
    assert set(family.samplers) == {key for key in SAMPLERS if key.startswith("flow_") == family.flow}
    for key in SAMPLERS:
        recipe = _recipe(family, sampler=key)
        if key in family.samplers:
            family.check(recipe)
        else:
            with pytest.raises(UserError, match="does not suit") as caught:
                family.check(recipe)
            assert family.sampler in caught.value.hint


@every_family
@pytest.mark.parametrize(("side", "fits"), [(65, 64), (127, 128), (8191, 8192)])
def test_a_side_that_is_no_multiple_is_refused_with_one_that_is(family: Family, side: int, fits: int) -> None:
    for sides in ({"width": side}, {"height": side}):
        with pytest.raises(UserError, match=f"cannot draw {side} pixels") as caught:
            family.check(_recipe(family, **sides))
        assert f"multiple of {family.size_step}: {fits}." in caught.value.hint


def test_the_size_step_is_the_familys_own() -> None:
    FAMILIES["sdxl"].check(_recipe(FAMILIES["sdxl"], width=520))
    with pytest.raises(UserError, match="520"):
        FAMILIES["sd3"].check(_recipe(FAMILIES["sd3"], width=520))


def test_a_sampler_for_few_steps_refuses_many() -> None:
    family = FAMILIES["sd15"]
    family.check(_recipe(family, sampler="lcm", steps=50))
    with pytest.raises(UserError, match="at most 50 steps") as caught:
        family.check(_recipe(family, sampler="lcm", steps=51))
    assert caught.value.hint


def test_what_only_edits_or_only_makes_is_told() -> None:
    edit = replace(FAMILIES["qwen"], edits=True, only_edits=True)
    with pytest.raises(UserError, match="edits pictures only") as caught:
        edit.check(_recipe(edit))
    assert caught.value.hint
    source = Source("0" * 64)
    edit.check(_recipe(edit, source=source))
    made = replace(FAMILIES["sana"], starts=False)
    with pytest.raises(UserError, match="from text only"):
        made.check(_recipe(made, source=source))


def test_a_variant_is_told_by_values_and_by_patterns_of_names() -> None:
    spaced = {"scheduler.timestep_spacing": "trailing", "scheduler._class_name": "EulerAncestralDiscreteScheduler"}
    for known in ({"name": "sdxl-Turbo-fp16"}, spaced, spaced | {"name": "turbo"}):
        row, names = FAMILIES["sdxl"].varied(known.get)
        assert names == ("turbo",)
        assert (row.guidance, row.native, row.id) == (1.0, 512, "sdxl")
    assert FAMILIES["sdxl"].varied({"name": "sdxl", "scheduler.timestep_spacing": "trailing"}.get)[1] == ()
    both, names = FAMILIES["sd15"].varied({"unet.in_channels": 9, "scheduler.prediction_type": "v_prediction"}.get)
    assert names == ("inpaint", "v-prediction")
    assert both.inpaints


INDEX: dict[str, Any] = {
    "transformer": ["diffusers", "NewTransformer"],
    "text_encoder": ["transformers", "T5EncoderModel"],
    "text_encoder_2": [None, None],
    "tokenizer": ["transformers", "T5Tokenizer"],
    "vae": ["diffusers", "AutoencoderKL"],
    "_class_name": "NewPipeline",
}


def test_a_pipeline_without_a_row_is_known_by_its_index() -> None:
    found = other.family("NewPipeline", INDEX, flow=True)
    assert found
    assert (found.id, found.name, found.pipeline) == ("new", "New", "NewPipeline")
    assert (found.denoiser, found.parts, found.tokenizers) == ("transformer", ("text_encoder", "vae"), ("tokenizer",))
    assert (found.sampler, found.starts, found.decodes) == ("flow_euler", True, True)
    plain = other.family("NewPipeline", INDEX, flow=False)
    assert plain
    assert plain.sampler in plain.samplers


@pytest.mark.parametrize(
    "changes", [{"vae": ["diffusers", "AutoencoderNew"]}, {"vae": None, "movq": ["diffusers", "VQ"]}]
)
def test_one_whose_latents_are_not_known_makes_pictures_from_text_only(changes: dict[str, Any]) -> None:
    found = other.family("NewPipeline", INDEX | changes, flow=True)
    assert found
    assert not found.starts


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("NewVideoPipeline", {}),
        ("NewControlNetPipeline", {}),
        ("New", {}),
        ("NewPipeline", {"transformer": None}),
        ("NewPipeline", {"text_encoder": None}),
    ],
)
def test_what_makes_no_picture_from_text_is_no_family(name: str, changes: dict[str, Any]) -> None:
    assert other.family(name, INDEX | changes, flow=True) is None
