"""Session: all that is set for the next picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from desktop import tags
from desktop.errors import UserError
from desktop.intents import INTENTS
from desktop.models import sizes
from desktop.models.families import starter
from desktop.models.presets import PRESETS
from desktop.models.samplers import SAMPLERS
from desktop.recipe import (
    CLIP_SKIPS,
    KINDS,
    MOST_FEATHER,
    MOST_GUIDANCE,
    SEEDS,
    SHA256,
    SIZES,
    STEPS,
    LoraUse,
    Recipe,
    Source,
    lora_from_json,
)
from desktop.studio.notice import Kind, Notice
from desktop.studio.observable import Observable, Observed
from desktop.wildcards import escape

if TYPE_CHECKING:
    from desktop.models.model import Model
    from desktop.raster import Raster

FIRST_PROMPT = "a house with a red roof in front of snowy mountains at sunset"  # what the built-in model can do
COUNTS = range(1, 1000 + 1)
WEAKEST = 0.01


def _within(allowed: range) -> Any:
    return lambda value: min(max(int(value), allowed[0]), allowed[-1])


def _within_reals(least: float, most: float) -> Any:
    return lambda value: float(min(max(least, value), most))  # NaN becomes the least


def _left_out(parts: Mapping[str, str], before: Model, now: Model) -> Notice:
    names = " and ".join("VAE" if part == "vae" else part.replace("_", " ") for part in parts)
    message = f"The {names} chosen for {before.family.name} stayed behind: {now.name} is {now.family.name}."
    return Notice(Kind.INFO, message, "What suits it is under Model parts.")


def _feather(pixels: float) -> float:
    return float(min(max(0.0, pixels), MOST_FEATHER))


class Session(Observable):
    """What the prompt panel shows. Any value that is set becomes the nearest possible one."""

    model = Observed["Model | None"](None)  # None until the models at hand have been looked through
    prompt = Observed(FIRST_PROMPT)
    negative = Observed("")
    style = Observed("")  # a name in styles.json
    width = Observed(starter.FAMILY.native, _within(SIZES))
    height = Observed(starter.FAMILY.native, _within(SIZES))
    steps = Observed(starter.FAMILY.steps, _within(STEPS))
    guidance = Observed(starter.FAMILY.guidance, _within_reals(0.0, MOST_GUIDANCE))
    sampler = Observed(starter.FAMILY.sampler)
    seed = Observed[int](0, lambda seed: seed % SEEDS.stop)
    seed_locked = Observed(False)
    count = Observed(1, _within(COUNTS))
    source = Observed["Raster | None"](None)
    strength = Observed(Source.strength, _within_reals(WEAKEST, 1.0))
    intent = Observed("fill")  # a key of INTENTS: what becomes of a masked part of the canvas
    change = Observed(1.0, _within_reals(WEAKEST, 1.0))  # the strength on the canvas
    feather = Observed[float | None](None, lambda pixels: None if pixels is None else _feather(pixels))
    loras = Observed[tuple[LoraUse, ...]](())  # those of the panel; more come by tags in the prompt
    loras_off = Observed[frozenset[str]](frozenset())  # files of those that are set aside
    parts = Observed[Mapping[str, str]]({})  # content ids of other files by component: "vae"
    embeddings = Observed[Mapping[str, str]]({})  # of the recipe that was used last: content ids by word of its prompts
    clip_skip = Observed(0, _within(CLIP_SKIPS))
    preset = Observed("")  # a key of presets.PRESETS that was chosen last; "" for the usual way
    preset_lora = Observed("")  # the file that it brought; "" where people had added it themselves
    wanted_model = Observed("")  # id of the one that people chose, while another stands in for it
    chosen = Signal()  # a model, by people
    noticed = Signal(object)  # Notice
    keeps_size = False  # the size is that of the canvas's frame, and no model changes it

    wanted_source = ""  # hash of the last time's, until it is here again

    @property
    def refines(self) -> bool:
        """Whether the next picture keeps something of the source."""
        return self.source is not None and self.strength < 1

    @property
    def model_id(self) -> str:
        """Of the model that people chose, whether it is at hand or not."""
        return self.wanted_model or (self.model.id if self.model else "")

    def choose(self, model: Model) -> None:
        """Another model, as people wish."""
        self.wanted_model = ""
        self._change_model(model)
        self.chosen.emit()

    def place(self, models: Sequence[Model]) -> None:
        """These are at hand: the one that people chose, or the first, until that one is at hand again."""
        known = {model.id: model for model in models}
        wanted = self.model_id
        if found := known.get(wanted):
            self.wanted_model = ""
        elif self.model and self.model.id in known:
            found = known[self.model.id]  # stands in already
        else:
            found = models[0]
            self.wanted_model = wanted
            if wanted and self.model is None:
                self._forget_model(found)
        self._change_model(found)  # even to the same: more may be known of it than before

    def _forget_model(self, model: Model) -> None:
        """Nothing is known of the one that all was set for: it becomes what is usual with that one."""
        self.parts = {}
        self.drop_preset()
        for name, value in _defaults(model).items():
            if not self._keeps(name):
                setattr(self, name, value)

    def _change_model(self, model: Model) -> None:
        """What was at the old one's default goes to the new one's, and what it cannot do as well."""
        if self.model and self.model.family.id != model.family.id:  # they fit no other
            if self.parts:
                self.noticed.emit(_left_out(self.parts, self.model, model))
            self.parts = {}
            if self.preset:
                self.drop_preset()
        before = _defaults(self.model) if self.model else {}
        self.model = model
        for name, value in _defaults(model).items():
            if not self._keeps(name) and getattr(self, name) == before.get(name, value):
                setattr(self, name, value)
        self.fit_model()

    def _keeps(self, name: str) -> bool:
        return self.keeps_size and name in ("width", "height")

    def fit_model(self) -> None:
        """Brings size, sampler and steps to what the model can do."""
        if self.model is None:
            return
        family = self.model.family
        if self.sampler not in family.samplers:
            self.sampler = family.sampler
        self.steps = min(self.steps, SAMPLERS[self.sampler].most_steps)
        if not self.keeps_size:
            self.width, self.height = (sizes.rounded(side, family.size_step) for side in (self.width, self.height))

    @property
    def active_loras(self) -> tuple[LoraUse, ...]:
        """Those that are not set aside."""
        return tuple(use for use in self.loras if use.file not in self.loras_off)

    def add_lora(self, use: LoraUse) -> None:
        """At the end; one that is there already is taken up again as it is."""
        if use.file not in {each.file for each in self.loras}:
            self.loras = (*self.loras, use)
        self.loras_off -= {use.file}

    def change_lora(self, use: LoraUse) -> None:
        """Puts it in the place of the one of the same file."""
        self.loras = tuple(use if each.file == use.file else each for each in self.loras)

    def remove_lora(self, file: str) -> None:
        self.loras = tuple(each for each in self.loras if each.file != file)
        self.loras_off -= {file}
        if file == self.preset_lora:
            self.preset_lora = ""  # whoever adds it again does so for themselves

    def bring_lora(self, use: LoraUse) -> None:
        """Adds one that goes again with the preset, unless people have it already."""
        self.preset_lora = "" if use.file in {each.file for each in self.loras} else use.file
        self.add_lora(use)

    def drop_preset(self) -> None:
        """What it brought goes, and sampler, steps and guidance are the model's usual ones."""
        if self.preset_lora:
            self.remove_lora(self.preset_lora)
        self.preset = ""
        if self.model:
            family = self.model.family
            self.sampler, self.steps, self.guidance = family.sampler, family.steps, family.guidance

    def say(self, words: str) -> None:
        """Puts these at the end of the prompt, as they are, unless it says them already."""
        words = escape(words)
        if not tags.mentioned(self.prompt, [words]):
            self.prompt = f"{self.prompt.rstrip().rstrip(',')}, {words}" if self.prompt.strip() else words

    def choose_intent(self, intent: str) -> None:
        """With the strength that suits it."""
        self.intent, self.change = intent, INTENTS[intent].strength

    def real_strength(self, strength: float) -> float:
        """The nearest that is a whole number of steps, one at least."""
        return max(1, round(strength * self.steps)) / self.steps

    def start_from(self, picture: Raster) -> None:
        """That picture becomes the source, and the size follows it."""
        self.source = picture
        if self.model and not self.keeps_size:
            family = self.model.family
            self.width, self.height = sizes.fit(self.model.native, family.size_step, picture.width, picture.height)

    def completed(self, fields: Mapping[str, Any]) -> Recipe:
        """The recipe of what is known of it; all else, and what is impossible, is as it is set now."""
        known = {"negative": "", **fields} if "prompt" in fields else fields
        present = {name: getattr(self, name) for name in ("prompt", "negative", "width", "height", "steps", "guidance")}
        model = self.model.id if self.model else ""
        recipe = Recipe(model=model, sampler=self.sampler, seed=self.seed, **present)
        for name, value in known.items():
            if name in KINDS:
                with suppress(UserError):
                    recipe = Recipe.from_json({**recipe.to_json(), name: value})
        return recipe

    def use(self, recipe: Recipe, model: Model | None, source: Raster | None) -> None:
        """All as in that recipe, so that Generate makes its picture again. Without its model, the present one stays."""
        self._use_words(recipe, model)
        self.source = source
        if recipe.source:
            self.strength = recipe.source.strength
        if not self.keeps_size:
            self.width, self.height = recipe.width, recipe.height
        self.fit_model()

    def use_on_canvas(self, recipe: Recipe, model: Model | None) -> None:
        """The same but for its pictures and its size, which are the canvas's."""
        self._use_words(recipe, model)
        if recipe.source:
            self.intent, self.change = recipe.source.intent, recipe.source.strength
            self.feather = recipe.source.feather
        self.fit_model()

    def _use_words(self, recipe: Recipe, model: Model | None) -> None:
        if model:
            self.model, self.wanted_model = model, ""
        self.style = ""
        self.prompt, self.negative = escape(recipe.prompt), escape(recipe.negative)  # its words are chosen already
        self.steps, self.guidance, self.sampler = recipe.steps, recipe.guidance, recipe.sampler
        self.seed, self.seed_locked, self.count = recipe.seed, True, 1
        self.loras, self.loras_off = recipe.loras, frozenset()
        self.parts, self.embeddings = dict(recipe.parts), dict(recipe.embeddings)
        self.clip_skip = recipe.clip_skip
        self.preset, self.preset_lora = "", ""  # all that it set is set anew

    def copied(self) -> Session:
        """As all is set now, whatever people change later."""
        copy = Session()
        for name in (*PLAIN, "model", "source", "loras", "loras_off", "parts", "embeddings"):
            setattr(copy, name, getattr(self, name))
        return copy

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; the model by its id, the source by its hash."""
        data = {name: getattr(self, name) for name in PLAIN}
        return data | {
            "model": self.model_id,
            "source": self.source.sha256 if self.source else self.wanted_source,
            "loras": [use.to_json() for use in self.loras],
            "loras_off": sorted(self.loras_off),
            "parts": dict(self.parts),
            "embeddings": dict(self.embeddings),
        }

    def restore(self, data: Any) -> None:
        """The plain values of `to_json`; what does not fit is left as it is. Never raises."""
        given = data if isinstance(data, Mapping) else {}
        self.wanted_model, self.wanted_source = str(given.get("model", "")), str(given.get("source", ""))
        for name in PLAIN:
            value, kind = given.get(name), type(getattr(Session, name).default)
            kinds = (int, float) if kind is float or name == "feather" else (kind,)
            if type(value) in kinds and _is_known(name, value):
                setattr(self, name, value)
        self.loras = tuple(_uses(given.get("loras")))
        self.loras_off = frozenset(_texts(given.get("loras_off"))) & {use.file for use in self.loras}
        self.parts, self.embeddings = _files(given.get("parts")), _files(given.get("embeddings"))


PLAIN = [
    "prompt",
    "negative",
    "style",
    "width",
    "height",
    "steps",
    "guidance",
    "sampler",
    "seed",
    "seed_locked",
    "count",
    "strength",
    "intent",
    "change",
    "feather",
    "clip_skip",
    "preset",
    "preset_lora",
]  # the properties that JSON can hold as they are


def _uses(data: Any) -> Iterator[LoraUse]:
    """Those that can be read."""
    for each in data if isinstance(data, list) else ():
        with suppress(UserError):
            yield lora_from_json(each)


def _files(data: Any) -> dict[str, str]:
    """Content ids, by whatever they are for."""
    rows = data.items() if isinstance(data, Mapping) else ()
    return {name: id for name, id in rows if isinstance(id, str) and SHA256.fullmatch(id)}


def _texts(data: Any) -> list[str]:
    return [each for each in data if isinstance(each, str)] if isinstance(data, list) else []


def _is_known(name: str, value: Any) -> bool:
    return value in {"sampler": SAMPLERS, "intent": INTENTS, "preset": ("", *PRESETS)}.get(name, (value,))


def _defaults(model: Model) -> dict[str, Any]:
    family = model.family
    return {
        "width": model.native,
        "height": model.native,
        "steps": family.steps,
        "guidance": family.guidance,
        "sampler": family.sampler,
    }
