"""The look: colours, sizes and style sheet, dark and light."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

GRID = 8  # pixels that all distances are multiples or halves of
CONTROL = 28  # height of buttons and fields
RADIUS = 6


@dataclass(frozen=True)
class Colors:
    """Greys without a tint, one accent, and a red for loss and failure."""

    surround: str  # around the picture
    panel: str
    field: str
    raised: str  # buttons
    hover: str
    line: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str  # text on it, at 4.5:1 or more
    failure: str
    shade: str  # under what floats


DARK = Colors(
    surround="#1b1b1b",
    panel="#262626",
    field="#1f1f1f",
    raised="#303030",
    hover="#3a3a3a",
    line="#3a3a3a",
    text="#e6e6e6",
    muted="#a0a0a0",
    accent="#4c8dff",
    accent_hover="#6aa0ff",
    on_accent="#0e0e0e",
    failure="#ff8078",
    shade="#80000000",
)
LIGHT = Colors(
    surround="#d2d2d2",
    panel="#ececec",
    field="#f8f8f8",
    raised="#fbfbfb",
    hover="#dedede",
    line="#c5c5c5",
    text="#191919",
    muted="#565656",
    accent="#4c8dff",
    accent_hover="#3f7fef",
    on_accent="#0e0e0e",
    failure="#a3201a",
    shade="#40000000",
)


def is_dark(choice: str) -> bool:
    """What the setting means now: "system" follows the system, and is dark where that has no wish."""
    if choice == "system":
        return QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light
    return choice == "dark"


def apply(app: QApplication, choice: str) -> None:
    """Dresses the whole application."""
    colors = DARK if is_dark(choice) else LIGHT
    if (sheet := _style_sheet(colors)) != app.styleSheet():  # setting it dresses every widget anew, which takes time
        app.setPalette(_palette(colors))
        app.setStyleSheet(sheet)


def current() -> Colors:
    """The colours of now, for what paints itself."""
    return DARK if QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def _palette(colors: Colors) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for each, color in {
        role.Window: colors.panel,
        role.WindowText: colors.text,
        role.Base: colors.field,
        role.AlternateBase: colors.panel,
        role.Text: colors.text,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.failure,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.PlaceholderText: colors.muted,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.on_accent,
        role.Link: colors.accent,
        role.Light: colors.hover,
        role.Midlight: colors.raised,
        role.Mid: colors.line,
        role.Dark: colors.surround,
        role.Shadow: colors.surround,
        role.Accent: colors.accent,
    }.items():
        palette.setColor(each, QColor(color))
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(colors.muted))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colors.line))
    return palette


def _style_sheet(c: Colors) -> str:
    shade = "dark" if c is DARK else "light"
    return f"""
    QMainWindow::separator {{ background: {c.surround}; width: 4px; height: 4px; }}
    QMainWindow::separator:hover {{ background: {c.accent}; }}
    QDockWidget {{ titlebar-close-icon: url(icon:cancel-{shade}.svg);
        titlebar-normal-icon: url(icon:float-{shade}.svg); }}
    QDockWidget::title {{ padding: 8px 12px 6px 12px; text-align: left; }}
    QDockWidget::close-button, QDockWidget::float-button {{ border: none; background: transparent; padding: 0; }}
    QDockWidget::close-button:hover, QDockWidget::float-button:hover {{ background: {c.hover}; border-radius: 4px; }}
    QDockWidget > QWidget {{ background: {c.panel}; }}
    QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px 6px; }}
    QMenuBar {{ background: {c.panel}; padding: 2px 4px; }}
    QMenuBar::item {{ padding: 4px 10px; border-radius: 4px; background: transparent; }}
    QMenuBar::item:selected {{ background: {c.hover}; }}
    QMenu {{ background: {c.raised}; border: 1px solid {c.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
    QMenu::icon {{ padding-left: 8px; }}
    QMenu::icon:checked {{ background: {c.hover}; border: 1px solid {c.accent}; border-radius: 4px; }}
    QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
    QMenu::item:disabled {{ color: {c.muted}; background: transparent; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: {c.panel}; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {c.line}; border-radius: 3px; min-width: 24px; min-height: 24px; margin: 2px; }}
    QScrollBar::handle:hover {{ background: {c.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page
        {{ background: none; width: 0; height: 0; }}
    QLineEdit, QPlainTextEdit, QKeySequenceEdit QLineEdit {{ background: {c.field}; color: {c.text};
        border: 1px solid {c.line}; border-radius: {RADIUS}px; padding: 4px 6px;
        selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    QLineEdit, QComboBox, QPushButton, QToolButton {{ min-height: {CONTROL - 10}px; }}
    QComboBox {{ background: {c.field}; border: 1px solid {c.line}; border-radius: {RADIUS}px; padding: 4px 7px;
        combobox-popup: 0; }}
    QComboBox:hover, QLineEdit:hover, QPlainTextEdit:hover {{ border-color: {c.muted}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus {{ border-color: {c.accent}; }}
    QComboBox QLineEdit, QComboBox QLineEdit:focus, QComboBox QLineEdit:hover
        {{ border: none; padding: 0; background: transparent; }}
    QComboBox::drop-down {{ border: none; width: 22px; }}
    QComboBox::down-arrow {{ image: url(icon:caret-down-{shade}.svg);
        width: 12px; height: 12px; }}
    QAbstractItemView {{ background: {c.field}; border: 1px solid {c.line}; outline: none;
        selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    QPushButton {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: {RADIUS}px; padding: 4px 12px; }}
    QPushButton:hover {{ background: {c.hover}; }}
    QPushButton:focus, QToolButton:focus {{ border: 1px solid {c.accent}; }}
    QPushButton:disabled {{ color: {c.muted}; }}
    QPushButton[primary="true"] {{ background: {c.accent}; color: {c.on_accent}; border: 2px solid {c.accent};
        font-weight: 600; min-height: 30px; padding: 3px 11px; }}
    QPushButton[primary="true"]:hover {{ background: {c.accent_hover}; border-color: {c.accent_hover}; }}
    QPushButton[primary="true"]:disabled {{ background: {c.raised}; color: {c.muted}; border-color: {c.line}; }}
    QPushButton[primary="true"]:focus {{ border-color: {c.text}; }}
    QPushButton[flat="true"] {{ background: transparent; border: 1px solid transparent; text-align: left;
        padding-left: 2px; }}
    QListView[bare="true"], QListWidget[bare="true"], QScrollArea[bare="true"]
        {{ border: none; background: transparent; }}
    QListView[rows="true"]::item, QComboBox QAbstractItemView::item {{ min-height: 24px; padding: 1px 8px;
        border-radius: 4px; color: {c.text}; }}
    QListView[rows="true"]::item:selected, QComboBox QAbstractItemView::item:selected {{ background: {c.accent};
        color: {c.on_accent}; }}
    QListView[rows="true"]::item:hover:!selected {{ background: {c.hover}; }}
    QPushButton[flat="true"]:focus {{ border: 1px solid {c.accent}; }}
    QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: {RADIUS}px; padding: 4px; }}
    QToolButton:hover {{ background: {c.hover}; }}
    QToolButton:checked {{ background: {c.hover}; border: 1px solid {c.line}; }}
    QToolButton:checked:focus {{ border-color: {c.accent}; }}
    QCheckBox {{ spacing: 8px; }}
    QCheckBox::indicator {{ width: 16px; height: 16px; border: 1px solid {c.muted}; border-radius: 4px;
        background: {c.field}; }}
    QCheckBox::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; image: url(icon:check-on.svg); }}
    QCheckBox::indicator:hover {{ border-color: {c.text}; }}
    QCheckBox::indicator:focus {{ border-color: {c.accent}; }}
    QCheckBox::indicator:checked:focus {{ border-color: {c.text}; }}
    QLabel[muted="true"] {{ color: {c.muted}; }}
    QLabel[failure="true"] {{ color: {c.failure}; }}
    QLabel[heading="true"] {{ font-weight: 600; }}
    QToolButton[card="true"] {{ background: {c.raised}; border: 1px solid {c.line}; }}
    QToolButton[card="true"]:hover {{ border-color: {c.accent}; }}
    QFrame[card="true"] QPushButton {{ background: {c.hover}; }}
    QFrame[card="true"] QPushButton:hover {{ background: {c.line}; border-color: {c.muted}; }}
    QFrame[card="true"] QPushButton[primary="true"] {{ background: {c.accent}; }}
    QFrame[card="true"] QPushButton[primary="true"]:hover {{ background: {c.accent_hover}; }}
    QFrame[card="true"] QPushButton[primary="true"]:disabled {{ background: {c.hover}; border-color: {c.hover}; }}
    QFrame[card="true"] {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 8px; }}
    QStatusBar {{ background: {c.panel}; border-top: 1px solid {c.surround}; }}
    QStatusBar::item {{ border: none; }}
    QTabBar::tab {{ background: {c.panel}; color: {c.muted}; padding: 6px 12px; border: none; }}
    QTabBar::tab:selected {{ color: {c.text}; border-bottom: 2px solid {c.accent}; }}
    QTabBar::tab:hover {{ color: {c.text}; }}
    """
