"""Window: the parts of the program in their places."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QMoveEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMainWindow,
    QMenu,
)

from desktop.settings import Settings
from desktop.studio.observable import watch
from desktop.studio.results import Result
from desktop.studio.studio import Studio
from desktop.ui import actions, deeds, theme
from desktop.ui.actions import Actions
from desktop.ui.canvas.earlier import EarlierMenu
from desktop.ui.canvas.layers import LayersPanel
from desktop.ui.center import Center
from desktop.ui.chores import ChoreLine
from desktop.ui.help import telling
from desktop.ui.icons import program_icon
from desktop.ui.layout import Layout
from desktop.ui.notify import Notifier
from desktop.ui.picture.results import ResultsStrip
from desktop.ui.prompt.panel import PromptPanel
from desktop.ui.queue.line import QueueLine
from desktop.ui.queue.panel import QueuePanel
from desktop.ui.row import FILE, MENUS
from desktop.ui.widgets.palette import CommandPalette
from desktop.ui.widgets.toast import Toasts

if TYPE_CHECKING:
    from desktop.ui.gallery.page import GalleryPage
    from desktop.ui.help.windows import HelpWindows
    from desktop.ui.settings import SettingsWindow
    from desktop.ui.windows import SideWindows

PICTURE_MENU = (
    *("use_source", "result_to_canvas", "more_like", "use_recipe", "use_seed", ""),
    *("compare", "copy", "save_as", "show_in_folder"),
)
GALLERY_MENU = (
    *("view_full", "compare", ""),
    *("use_recipe", "use_seed", "more_like", "use_source", "result_to_canvas", ""),
    *("add_tag", "release", "copy", "export", "show_in_folder", "locate", ""),
    *("trash", "restore"),
)
MODELS_MENU = (
    *("use_model", "favourite_model", ""),
    *("check_lora", "convert_model", ""),
    *("show_model", "delete_model"),
)


class Window(QMainWindow):
    """Everything in it is bound to the studio."""

    def __init__(self, studio: Studio):
        super().__init__()
        self.studio = studio
        self.setWindowTitle("Sfumato")
        self.setWindowIcon(program_icon())
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self._settings_window: SettingsWindow | None = None
        self._begun = False
        self.is_warned = False  # of pictures that closing would lose
        self.actions_ = Actions(self)
        self._build_center()
        self._build_docks()
        self._build_menus()
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(QueueLine(studio.queue, self.actions_.by_name, self), 1)
        self.statusBar().addPermanentWidget(ChoreLine(studio.chores, self))
        self.privacy = QLabel("Private: nothing is kept", self)
        self.privacy.setMargin(theme.GRID)
        self.statusBar().addPermanentWidget(self.privacy)
        self.palette_box = CommandPalette(list(self.actions_), self)
        self.notifier = Notifier(studio, self)
        self._connect()
        self.layout_.restore(self.panel.sections)
        self.panel.prompt.setFocus()

    @property
    def chosen(self) -> list[Result]:
        """What the actions are about: in the gallery, or else among the results."""
        return self.studio.gallery.results if self.studio.gallery.active else self.strip.selected

    # ------------------------------------------------------------ building

    def _build_center(self) -> None:
        self.center = Center(self.studio, self.actions_.by_name, self)
        self.view, self.foot, self.canvas = self.center.view, self.center.foot, self.center.canvas
        self.setCentralWidget(self.center)
        self.toasts = Toasts(self.center.pages)

    def _build_docks(self) -> None:
        self.panel = PromptPanel(self.studio, self.actions_.by_name, self)
        self.strip = ResultsStrip(self.studio.results, self.studio.stage, self)
        self.queue_panel = QueuePanel(self.studio.queue, self.actions_.by_name, self)
        self.layers_panel = LayersPanel(self.studio.easel, self.actions_.by_name, self)
        panels = {"prompt": self.panel, "layers": self.layers_panel, "results": self.strip, "queue": self.queue_panel}
        self.layout_ = Layout(self, panels, self.studio.memory, self._suits)
        self.docks = self.layout_.docks

    def _suits(self, panel: str) -> bool:
        """Layers belong to the canvas."""
        return panel != "layers" or self.studio.easel.active

    def _build_menus(self) -> None:
        for title in MENUS:
            menu = self.menuBar().addMenu(title)
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(self.actions_.refresh)
            menu.addActions([self.actions_[row.name] for row in actions.ROWS if row.menu == title])
            if title == FILE:
                menu.insertMenu(self.actions_["save_as"], EarlierMenu(self.studio.documents, self.studio.easel, menu))
        self._picture_menu = self._make_menu(PICTURE_MENU)
        self._gallery_menu = self._make_menu(GALLERY_MENU)
        self._models_menu = self._make_menu(MODELS_MENU)

    def _make_menu(self, names: Iterable[str]) -> QMenu:
        """Of actions; "" is a line between them."""
        menu = QMenu(self)
        for name in names:
            if name:
                menu.addAction(self.actions_[name])
            else:
                menu.addSeparator()
        return menu

    def _connect(self) -> None:
        studio = self.studio
        studio.noticed.connect(partial(telling.say, self))
        for signal in (studio.queue.changed, studio.results.changed):
            signal.connect(self.actions_.refresh)
        studio.stage.changed.connect(self._stage_changed)
        studio.session.changed.connect(lambda name: self.actions_.refresh() if name == "source" else None)
        for chosen in (self.strip.list, self.queue_panel.list):
            chosen.selectionModel().selectionChanged.connect(self.actions_.refresh)
        self.strip.activated.connect(self._result_activated)
        for part in (self.strip, self.view, self.canvas.view):
            part.menu_wanted.connect(partial(self._popup, self._picture_menu))
        self.canvas.view.touch.refused.connect(self.toasts.say)
        studio.easel.stepped.connect(self.actions_.refresh)
        studio.easel.changed.connect(self._easel_changed)
        studio.gallery.changed.connect(self._wall_changed)
        studio.saving_wanted.connect(lambda result: deeds.save_result(self, result))
        studio.opening.handed_over.connect(partial(deeds.take_over, self))
        self.center.gallery_built.connect(self._gallery_built)
        self.center.models_built.connect(lambda page: page.menu_wanted.connect(partial(self._popup, self._models_menu)))
        studio.stock.changed.connect(self._wall_changed)
        self.layout_.changed.connect(self.actions_.refresh)
        watch(studio.live, "on", lambda _: self.actions_.refresh(), self)
        for field in (self.panel.prompt, self.panel.negative):
            field.brought.connect(lambda mime: deeds.take(self, mime))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._dress)
        watch(studio.memory, "settings", self._settings_changed, self)

    # ------------------------------------------------------------ what changes

    def _stage_changed(self, name: str) -> None:
        if name in ("picture", "rival", "result", "is_candidate"):
            self.actions_.refresh()

    def _easel_changed(self, name: str) -> None:
        if name == "active":
            self.layout_.follow("layers")
        if name in ("active", "document", "tool"):
            self.actions_.refresh()

    def _wall_changed(self, name: str) -> None:
        """Of the gallery, which shows all results, or of the models, which have nothing to do with them."""
        if name == "active":
            self.layout_.make_room("results", self.studio.gallery.active or self.studio.stock.active)
        if name in ("active", "query", "chosen", "pictures"):
            self.actions_.refresh()

    def _result_activated(self, result: Result) -> None:
        """Enter in the results: on the canvas it makes a layer."""
        if self.studio.easel.active:
            self.studio.landing.take_result(result)
        self.center.eye.setFocus()

    def _settings_changed(self, settings: Settings) -> None:
        self.actions_.set_keys(settings.shortcuts)
        self.actions_.refresh()
        self.privacy.setVisible(settings.private)
        self._dress()

    def _dress(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, self.studio.memory.settings.theme)

    def open_settings(self, section: str | None = None) -> None:
        from desktop.ui.settings import SettingsWindow  # here: the first frame comes sooner

        if self._settings_window is None:
            self._settings_window = SettingsWindow(self.studio, self)
        if section:
            self._settings_window.show_section(section)
        self._settings_window.show()
        self._settings_window.raise_()
        self._settings_window.activateWindow()

    @cached_property
    def side_windows(self) -> SideWindows:
        from desktop.ui.windows import SideWindows  # here: the first frame comes sooner

        return SideWindows(self.studio, self.center, self)

    @cached_property
    def help_windows(self) -> HelpWindows:
        from desktop.ui.help.windows import HelpWindows  # here: the first frame comes sooner

        return HelpWindows(self)

    def _gallery_built(self, page: GalleryPage) -> None:
        page.activated.connect(self.actions_["view_full"].trigger)
        page.menu_wanted.connect(partial(self._popup, self._gallery_menu))

    def _popup(self, menu: QMenu, at: QPoint) -> None:
        self.actions_.refresh()
        menu.popup(at)

    # ------------------------------------------------------------ Qt's events

    def paintEvent(self, event: QPaintEvent) -> None:
        """All else begins once the first frame is seen."""
        super().paintEvent(event)
        if not self._begun:
            self._begun = True
            QTimer.singleShot(0, self, self.studio.start)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_.keep()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.layout_.keep()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if event.source() is None:  # not from our own results
            deeds.take(self, event.mimeData())
            event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks nothing, since all is kept; of what could not be it tells once, and stays."""
        if self.studio.saving.homeless and not self.is_warned:
            self.is_warned = True
            event.ignore()
            deeds.warn_of_loss(self)
            return
        self.layout_.keep()
        self.hide()
        if self._settings_window:
            self._settings_window.close()
        self.side_windows.close()
        self.help_windows.close()
        self.studio.close()
        super().closeEvent(event)
        app = QApplication.instance()
        assert app
        app.quit()
