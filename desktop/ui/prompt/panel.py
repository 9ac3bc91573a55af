"""PromptPanel: all that is set for the next picture, and the button that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.models import labels
from desktop.models.samplers import SAMPLERS
from desktop.paths import STARTER
from desktop.studio import quick
from desktop.studio.observable import bind, watch
from desktop.studio.plan import words
from desktop.studio.scene import Facts
from desktop.studio.session import Session
from desktop.studio.studio import Studio
from desktop.ui.prompt.behind import BEHIND, make_room, shown_in
from desktop.ui.prompt.calls import CallsLine
from desktop.ui.prompt.canvas import CanvasForm
from desktop.ui.prompt.editor import PromptEdit
from desktop.ui.prompt.form import form, label
from desktop.ui.prompt.loras import LoraForm
from desktop.ui.prompt.parts import PartsForm
from desktop.ui.prompt.seed import SeedRow
from desktop.ui.prompt.size import SizeRow
from desktop.ui.prompt.source import SourceRow
from desktop.ui.prompt.style import StyleBox
from desktop.ui.prompt.told import Told
from desktop.ui.widgets.buttons import ActionButton, tell_keys
from desktop.ui.widgets.choice import ChoiceBox
from desktop.ui.widgets.order import tab_as_read
from desktop.ui.widgets.section import Section
from desktop.ui.widgets.slider import NumberSlider

if TYPE_CHECKING:
    from desktop.models.model import Model

OPEN_MODEL = "open"  # stands among the models


class PromptPanel(QWidget):
    """Bound to the studio's session. `actions` by name, from the table of actions."""

    def __init__(self, studio: Studio, actions: Mapping[str, QAction], parent: QWidget | None = None):
        super().__init__(parent)
        self._studio, self._session, self._actions = studio, studio.session, actions
        inside = QWidget(self)
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(12, 8, 12, 8)
        rows.setSpacing(8)
        rows.addLayout(self._model_row())
        rows.addWidget(self._prompts())
        self.lora_section = Section("LoRAs", self._loras(), inside)
        self.picture_section = Section("Picture", self._picture_form(), inside)
        self.sampling_section = Section("Sampling", self._sampling_form(), inside)
        self.parts_section = Section("Model parts", self._parts(), inside)
        self.parts_section.open = False  # few need it
        self.source_section = Section("Start from", SourceRow(self._session, actions["open"], inside), inside)
        self.canvas_section = Section("Canvas", CanvasForm(self._session, inside), inside)
        for section in self.sections.values():
            rows.addWidget(section)
        rows.addStretch(1)
        area = QScrollArea(self)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setMinimumWidth(inside.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(area, 1)
        layout.addWidget(self._button_row())
        watch(studio.easel, "active", self._show_start, self)
        tab_as_read(self)

    @property
    def sections(self) -> dict[str, Section]:
        return {
            "canvas": self.canvas_section,
            "source": self.source_section,
            "loras": self.lora_section,
            "picture": self.picture_section,
            "sampling": self.sampling_section,
            "parts": self.parts_section,
        }

    def sizeHint(self) -> QSize:
        return QSize(344, 720)

    # ------------------------------------------------------------ the rows

    def _model_row(self) -> QFormLayout:
        self.model = ChoiceBox(self)
        self.model.setAccessibleName("Model")
        self.model.setToolTip("The model that draws. The built-in one knows landscapes; open others from their folder.")
        self.model.edited.connect(self._choose_model)
        shown_in(self.model.view())
        self.stand_in = Told(self)
        watch(self._studio.shelf, "models", self._offer_models, self)
        watch(self._session, "model", self._show_model, self)
        watch(self._session, "wanted_model", lambda _: self._show_model(self._session.model), self)
        rows = form()
        rows.addRow(label("Model"), self.model)
        rows.addRow(self.stand_in)
        return rows

    def _prompts(self) -> QWidget:
        self.prompt = PromptEdit(5, self)
        self.prompt.setPlaceholderText("What to draw. / brings styles.")
        self.prompt.setAccessibleName("Prompt")
        self.prompt.setToolTip("What the picture shows. / lists the styles, Alt+Up brings back earlier prompts.")
        self.prompt.offer_styles(self._studio.styles)
        self.prompt.offer_earlier(lambda: self._studio.memory.prompts)
        self.prompt.picked.connect(lambda name: setattr(self._session, "style", name))
        bind(self._session, "prompt", self.prompt)
        self.negative = PromptEdit(2, self)
        self.negative.setPlaceholderText("What to keep out of it")
        self.negative.setAccessibleName("Negative prompt")
        self.negative.setToolTip("What the picture shall not show. Leave it empty unless something keeps coming.")
        bind(self._session, "negative", self.negative)
        watch(self._session, "model", self._show_negative, self)
        self.style_box = StyleBox(self._studio.styles, self)
        self.style_box.setAccessibleName("Style")
        self.style_box.setToolTip("Words that are put around the prompt, for a look.")
        bind(self._session, "style", self.style_box)
        area = QWidget(self)
        rows = QVBoxLayout(area)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.addWidget(self.prompt)
        rows.addWidget(self.negative)
        rows.addWidget(CallsLine(self._session, self._studio.shelf, self._studio.clinic, self))
        style = form()
        style.addRow(label("Style"), self.style_box)
        rows.addLayout(style)
        return area

    def _loras(self) -> LoraForm:
        studio = self._studio
        self.loras = LoraForm(self._session, studio.shelf, studio.clinic, self._actions["find_models"], self)
        return self.loras

    def _parts(self) -> PartsForm:
        self.parts = PartsForm(self._session, self._studio.shelf, self._studio.outfit, self)
        self.parts.doubted.connect(lambda: setattr(self.parts_section, "open", True))
        return self.parts

    def _picture_form(self) -> QWidget:
        self.size_row = SizeRow(self._session, self)
        self.count = NumberSlider(1, 16, lambda: 1, parent=self)
        self.count.setAccessibleName("Number of pictures")
        self.count.setToolTip("How many pictures Generate makes, each from the next seed. More can be typed.")
        bind(self._session, "count", self.count)
        area = QWidget(self)
        rows = form(area)
        rows.addRow(label("Size"), self.size_row)
        rows.addRow(label("Pictures"), self.count)
        return area

    def _sampling_form(self) -> QWidget:
        session = self._session
        self.preset = ChoiceBox(self)
        self.preset.setAccessibleName("Speed")
        self.preset.setToolTip("Pictures in a few steps, with a LoRA or a model that is made for it.")
        watch(session, "model", lambda _: self.preset.offer(quick.choices(session)), self)
        watch(session, "preset", lambda name: setattr(self.preset, "content", name), self)
        self.preset.edited.connect(self._choose_preset)
        self.steps = NumberSlider(1, 60, lambda: self._default("steps"), parent=self)
        self.steps.setAccessibleName("Steps")
        self.steps.setToolTip("How often the picture is refined: 20 to 30 is usual, more changes little.")
        bind(session, "steps", self.steps)
        self.steps.edited.connect(lambda _: session.fit_model())
        self.guidance = NumberSlider(0, 20, lambda: self._default("guidance"), digits=1, snap=0.5, parent=self)
        self.guidance.setAccessibleName("Guidance")
        self.guidance.setToolTip("How closely the prompt is followed (CFG): too high burns the colours.")
        bind(session, "guidance", self.guidance)
        self.sampler = ChoiceBox(self)
        self.sampler.setAccessibleName("Sampler")
        self.sampler.setToolTip("The way from noise to picture. Try another when details look wrong.")
        watch(session, "model", self._offer_samplers, self)
        bind(session, "sampler", self.sampler)
        self.sampler.edited.connect(lambda _: session.fit_model())
        self.seed_row = SeedRow(session, self)
        area = QWidget(self)
        rows = form(area)
        rows.addRow(label("Speed"), self.preset)
        rows.addRow(label("Steps"), self.steps)
        rows.addRow(label("Guidance"), self.guidance)
        rows.addRow(label("Sampler"), self.sampler)
        rows.addRow(label("Seed"), self.seed_row)
        watch(session, "model", lambda model: rows.setRowVisible(self.guidance, _is_guided(model)), self)
        return area

    def _button_row(self) -> QWidget:
        self.generate = QPushButton(self)
        self.generate.setProperty("primary", True)
        self.generate.setAccessibleName("Generate")
        tell_keys(self.generate, self._actions["generate"])
        self.generate.clicked.connect(self._actions["generate"].trigger)
        self._session.changed.connect(self._name_button)
        watch(self._studio.easel, "facts", lambda _: self._name_button(), self)
        watch(self._studio.easel, "active", lambda _: self._name_button(), self)
        row = QFrame(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.generate, 1)
        layout.addWidget(ActionButton(self._actions["cancel"], row))
        return row

    # ------------------------------------------------------------ what changes

    def _show_start(self, on_canvas: bool) -> None:
        """What it starts from: what is in the frame, or a picture."""
        self.canvas_section.setVisible(on_canvas)
        self.source_section.setVisible(not on_canvas)

    def _name_button(self, name: str = "count") -> None:
        if name in ("count", "source", "strength", "intent", "change"):
            easel = self._studio.easel
            facts = (easel.facts or Facts()) if easel.active else None
            self.generate.setText(words(self._session, facts))

    def _default(self, name: str) -> float:
        model = self._session.model
        return getattr(model.family if model else Session, name) if model else getattr(Session, name).default

    def _offer_models(self, models: tuple[Model, ...]) -> None:
        self.model.offer([*((each.id, _words(each)) for each in models), (OPEN_MODEL, "Open a model…")])
        for row, model in enumerate(models):
            self.model.setItemData(row, _behind(model), BEHIND)
            self.model.setItemData(row, f"{_words(model)}, {_behind(model)}", Qt.ItemDataRole.AccessibleTextRole)
        make_room(self.model)

    def _show_model(self, model: Model | None) -> None:
        self.model.content = model.id if model else None
        if model and self._session.wanted_model:
            self.stand_in.say(f"{_words(model)} stands in: the model that was chosen is not here.")
        else:
            self.stand_in.say("")

    def _choose_model(self, choice: str) -> None:
        if choice == OPEN_MODEL:
            self._show_model(self._session.model)
            self._actions["open_model"].trigger()
        else:
            self._session.choose(next(each for each in self._studio.shelf.models if each.id == choice))

    def _show_negative(self, model: Model | None) -> None:
        """Not where the model cannot take one."""
        self.negative.setVisible(model is None or model.family.takes_negative)

    def _choose_preset(self, name: str) -> None:
        self._studio.outfit.choose_preset(name)
        self.preset.content = self._session.preset  # which stays as it was where a file is missing

    def _offer_samplers(self, model: Model | None) -> None:
        if model:
            self.sampler.offer((key, SAMPLERS[key].name) for key in model.family.samplers)
        else:
            self.sampler.offer((key, row.name) for key, row in SAMPLERS.items() if not row.flow)


def _is_guided(model: Model | None) -> bool:
    """Rather than one that was trained to do without."""
    return model is None or model.family.guide != "none"


def _behind(model: Model) -> str:
    """Its family and what it is of that, also where only its name says so, as those of few steps do."""
    said = labels.variant("checkpoint", [model.name])
    return "  ·  ".join(dict.fromkeys(filter(None, (model.family.name, *model.variants, said))))


def _words(model: Model) -> str:
    return "Starter (built in)" if model.path == STARTER else model.name
