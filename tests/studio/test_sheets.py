"""X/Y/Z sheets: from values to jobs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.errors import UserError
from desktop.library.sheets import Axis
from desktop.models.extras import Extras
from desktop.models.samplers import SAMPLERS
from desktop.recipe import LoraUse, Recipe
from desktop.studio.fields import FIELDS, Bench, read_axis
from desktop.studio.plan import Draft, draft
from desktop.studio.session import Session
from desktop.studio.sheets import check_axes, check_axis, plan_sheet, words_of
from desktop.styles import Style
from tests.studio.at_hand import extra
from tests.studio.things import LARGE, of_family, plain, starter

OIL = Style("Oil", "Paint", "an oil painting of {prompt}")
BENCH = Bench([starter(), replace(of_family("starter"), name="Another, large")], {"Oil": OIL})


@pytest.fixture
def asked() -> Session:
    session = Session()
    session.choose(starter())
    session.prompt, session.negative, session.seed = "a red house, a red roof", "fog", 7
    return session


@pytest.fixture
def base(asked: Session) -> Draft:
    return draft(asked, BENCH.styles, None)


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("steps", "10, 5000", "5000 steps"),
        ("steps", "0", "0 steps"),
        ("guidance", "500", "Guidance 500"),
        ("seed", "-1", "Seed -1"),
        ("width", "128, 100", "100 pixels"),
        ("sampler", "Flow Euler", "does not suit"),
        ("strength", "0.5", "no picture to start from"),
        ("prompt", "blue, red", "“blue” is not in the prompt"),
        ("negative", "rain, snow", "not in the negative prompt"),
    ],
)
def test_what_the_model_cannot_do_is_told(base: Draft, field: str, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_axis(read_axis(field, text, BENCH), base, BENCH)


def test_on_the_canvas_the_size_is_the_frames(base: Draft) -> None:
    with pytest.raises(UserError, match="frame"):
        check_axis(read_axis("width", "128", BENCH), replace(base, inpaints=True), BENCH)


def test_all_choices_can_be_read_again(base: Draft) -> None:
    for field, row in FIELDS.items():
        names = [f'"{name}"' for name in row.choices(base, BENCH)]
        if names:
            assert len(read_axis(field, ", ".join(names), BENCH).values) == len(names)
    assert len(FIELDS["sampler"].choices(base, BENCH)) == sum(not row.flow for row in SAMPLERS.values())


# ---------------------------------------------------------------- jobs


def _axis(field: str, text: str) -> Axis:
    return read_axis(field, text, BENCH)


def test_each_cell_has_its_own_values(base: Draft) -> None:
    axes = (_axis("steps", "10, 20, 30"), _axis("guidance", "3, 5"), _axis("prompt", "red, blue"))
    planned = plan_sheet(base, axes, BENCH, {})
    assert planned.sheet.size == (3, 2, 2)
    assert [cell.number for cell in planned.cells] == list(range(12))
    assert {cell.sheet for cell in planned.cells} == {planned.sheet.id}
    for job, cell in zip(planned.jobs, planned.cells, strict=True):
        x, y, z = planned.sheet.place(cell.number)
        assert (job.work.steps, job.work.guidance) == ((10, 20, 30)[x], (3.0, 5.0)[y])
        assert job.work.prompt == ("a red house, a red roof", "a blue house, a blue roof")[z]
        assert job.work.seed == 7
    assert planned.sheet.recipe == base.job({}).work


def test_the_rest_of_the_fields_vary_too(asked: Session) -> None:
    asked.source = plain()
    base = draft(asked, BENCH.styles, None)

    def works(*axes: Axis) -> list[object]:
        return [job.work for job in plan_sheet(base, axes, BENCH, {}).jobs]

    base_work = base.job({}).work
    assert base_work.source
    assert works(_axis("strength", "0.5"), _axis("seed", "9")) == [
        replace(base_work, seed=9, source=replace(base_work.source, strength=0.5))
    ]
    assert works(_axis("width", "192"), _axis("height", "64")) == [replace(base_work, width=192, height=64)]
    assert works(_axis("style", "Oil, None"), _axis("sampler", "ddim"), _axis("negative", "fog, rain")) == [
        replace(base_work, prompt=prompt, sampler="ddim", negative=negative)
        for negative in ("fog", "rain")
        for prompt in (f"an oil painting of {base_work.prompt}", base_work.prompt)
    ]


def test_a_model_is_loaded_once(base: Draft) -> None:
    axes = (_axis("model", f'{starter().name}, "Another, large"'), _axis("steps", "1-3"))
    planned = plan_sheet(base, axes, BENCH, {})
    assert [job.work.model for job in planned.jobs] == [starter().id] * 3 + [LARGE] * 3
    assert [cell.number for cell in planned.cells] == [0, 2, 4, 1, 3, 5]
    assert all(list(job.models) == [job.work.model] for job in planned.jobs)


def test_each_model_has_the_parts_that_it_lacks_and_of_the_chosen_ones_those_of_its_family() -> None:
    whole = replace(of_family("sdxl"), part_values={"unet": 1, "vae": 1, "text_encoder": 1, "text_encoder_2": 1})
    bare = replace(whole, id="d" * 64, name="bare", part_values={"unet": 1, "vae": 1})
    other = replace(of_family("sd15"), id="e" * 64, name="other")
    encoders = [extra("text_encoder", "1", "l", variant="clip-l"), extra("text_encoder", "2", "g", variant="clip-g")]
    bench = Bench([whole, bare, other], {}, Extras.of(encoders))
    session = Session()
    session.choose(bare)
    session.parts = {"vae": "f" * 64}
    axis = read_axis("model", "sdxl, bare, other", bench)
    planned = plan_sheet(draft(session, {}, None, bench.extras), [axis], bench, {})
    parts = {job.work.model: job.work.parts for job in planned.jobs}
    assert parts[bare.id] == {"vae": "f" * 64, "text_encoder": "1" * 64, "text_encoder_2": "2" * 64}
    assert parts[other.id] == {}
    assert parts[whole.id] == {"vae": "f" * 64}


def test_words_that_come_in_may_be_alternatives_and_lists(base: Draft) -> None:
    axes = (_axis("prompt", "red, {x|x}, __colour__"), _axis("steps", "1"))
    assert set(words_of(axes)) == {"red", "{x|x}", "__colour__"}
    prompts = [job.work.prompt for job in plan_sheet(base, axes, BENCH, {"colour": ["blue"]}).jobs]
    assert prompts == ["a red house, a red roof", "a x house, a x roof", "a blue house, a blue roof"]


# ---------------------------------------------------------------- other files

INK, OIL_LORA, SOFT = "1" * 64, "2" * 64, "4" * 64
FILES = Bench(
    [replace(of_family("sd15"), path=starter().path), replace(of_family("flux"), id="e" * 64)],
    {},
    Extras.of(
        (
            extra("lora", "1", "ink", family="sd15"),
            extra("lora", "2", "oil, thick", weight=0.6),
            extra("lora", "3", "large", family="sdxl"),
            extra("vae", "4", "soft", family="sd15"),
            extra("vae", "5", "flux", family="flux"),
        )
    ),
)


def _drawn(loras: tuple[LoraUse, ...] = (), **changes: object) -> Draft:
    session = Session()
    session.choose(FILES.models[0])
    session.loras = loras
    for name, value in changes.items():
        setattr(session, name, value)
    return draft(session, {}, None, FILES.extras)


def _works(base: Draft, *axes: tuple[str, str]) -> list[Recipe]:
    read = [read_axis(field, text, FILES) for field, text in axes]
    planned = plan_sheet(base, read, FILES, {})
    return [
        job.work
        for _, job in sorted(
            zip((cell.number for cell in planned.cells), planned.jobs, strict=True), key=lambda pair: pair[0]
        )
    ]


def test_names_of_files_are_offered_where_they_suit_the_model() -> None:
    assert FIELDS["lora"].choices(_drawn(), FILES) == ["None", "ink", "oil, thick"]
    assert FIELDS["vae"].choices(_drawn(), FILES) == ["The model's own", "soft"]
    assert read_axis("lora", 'NONE, Ink, "oil, thick"', FILES) == Axis(
        "lora", ("", INK, OIL_LORA), ("No LoRA", "ink", "oil, thick")
    )
    assert read_axis("vae", "the model's own, soft", FILES).labels == ("The model's own VAE", "soft")
    with pytest.raises(UserError, match="no LoRA 'nonesuch'"):
        read_axis("lora", "nonesuch", FILES)


def test_loras_on_an_axis_come_one_at_a_time_beside_the_others_of_the_panel() -> None:
    kept, ink = LoraUse("6" * 64, "kept", 0.3), LoraUse(INK, "ink", 0.7, text_weight=0.0)
    works = _works(_drawn((ink, kept)), ("lora", 'None, ink, "oil, thick"'))
    assert [set(work.loras) for work in works] == [{kept}, {kept, ink}, {kept, LoraUse(OIL_LORA, "oil, thick", 0.6)}]


def test_a_tag_does_not_bring_a_lora_into_cells_that_are_about_it() -> None:
    base = _drawn((LoraUse(INK, "ink", 0.7),), prompt="a lake <lora:ink:1>")
    assert [work.loras for work in _works(base, ("lora", "None, ink"))] == [(), (LoraUse(INK, "ink", 0.7),)]
    works = _works(base, ("lora_weight", "0.2, 0.4"))
    assert [(work.prompt, work.loras) for work in works] == [
        ("a lake", (LoraUse(INK, "ink", weight),)) for weight in (0.2, 0.4)
    ]


def test_the_weight_is_that_of_the_loras_on_their_axis_whichever_comes_first() -> None:
    kept = LoraUse("6" * 64, "kept", 0.3)
    works = _works(_drawn((kept,)), ("lora_weight", "0.5, 1"), ("lora", "ink, None"))
    assert [work.loras for work in works] == [
        (kept, LoraUse(INK, "ink", 0.5)),
        (kept, LoraUse(INK, "ink", 1.0)),
        (kept,),
        (kept,),
    ]


def test_without_such_an_axis_it_is_that_of_the_panels() -> None:
    ink = LoraUse(INK, "ink", 0.7, text_weight=0.0)
    works = _works(_drawn((ink,)), ("lora_weight", "-1, 2"))
    assert [work.loras for work in works] == [(replace(ink, weight=-1.0),), (replace(ink, weight=2.0),)]
    with pytest.raises(UserError, match="no LoRA whose weight"):
        _works(_drawn(), ("lora_weight", "1"))
    with pytest.raises(UserError, match="weight 21"):
        check_axis(read_axis("lora_weight", "21", FILES), _drawn((ink,)), FILES)


def test_a_vae_takes_the_place_of_the_models_own_and_goes_again() -> None:
    base = _drawn(parts={"vae": "7" * 64, "text_encoder": "8" * 64})
    parts = [work.parts for work in _works(base, ("vae", "The model's own, soft"))]
    assert parts == [{"text_encoder": "8" * 64}, {"text_encoder": "8" * 64, "vae": SOFT}]


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("lora", "large", "large was made for Stable Diffusion XL, and this is"),
        ("vae", "flux", "flux was made for Flux.1, and this is"),
    ],
)
def test_files_for_other_models_are_told_before_anything_is_made(field: str, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_axis(read_axis(field, text, FILES), _drawn(), FILES)


def test_layers_are_skipped_where_there_are_such() -> None:
    assert [work.clip_skip for work in _works(_drawn(), ("clip_skip", "0-2"))] == [0, 1, 2]
    flux = replace(_drawn(), model=FILES.models[1])
    with pytest.raises(UserError, match="no layers that can be skipped"):
        check_axis(read_axis("clip_skip", "1", FILES), flux, FILES)


def test_what_takes_its_time_changes_least_often() -> None:
    drawn = _drawn((LoraUse(INK, "ink"),))
    axes = [read_axis(field, text, FILES) for field, text in (("lora", "ink, None"), ("vae", "soft, The model's own"))]
    jobs = plan_sheet(drawn, axes, FILES, {}).jobs
    assert [(bool(job.work.parts), len(job.work.loras)) for job in jobs] == [
        (True, 1),
        (True, 0),
        (False, 1),
        (False, 0),
    ]


def test_axes_must_go_together(base: Draft) -> None:
    with pytest.raises(UserError, match="Steps is on two axes"):
        plan_sheet(base, (_axis("steps", "1"), _axis("steps", "2")), BENCH, {})
    hundred = [_axis(field, "1-100") for field in ("steps", "seed")]
    with pytest.raises(UserError, match="10000 pictures are too many"):
        check_axes(hundred, base)
    assert check_axes([hundred[0], _axis("seed", "1-10")], base) == 1000
