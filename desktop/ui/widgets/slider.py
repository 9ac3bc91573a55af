"""NumberSlider: a slider that carries its value inside, takes a typed number, and goes back to its default."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from PySide6.QtCore import QEvent, QLocale, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QLineEdit, QSizePolicy, QWidget

from desktop.ui import theme

CLICK = 4  # pixels that a click may slip without being a drag


class NumberSlider(QAbstractSlider):
    """Drag it, use the arrow keys, or click and type. `digits` behind the point; the default comes by double click.

    Beyond `least` to `most` numbers can be typed as far as whoever it is bound to takes them. `label` stands inside,
    too. `times`: the number that is shown for 1, 100 for percent.
    """

    edited = Signal(object)

    def __init__(
        self,
        least: float,
        most: float,
        default: Callable[[], float],
        digits: int = 0,
        unit: str = "",
        snap: float | None = None,
        label: str = "",
        times: int = 1,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._factor = 10**digits * times
        self._digits, self._unit, self._default = digits, unit, default
        self._label, self._times = label, times
        self._snap = snap
        self._content: float = least
        self._pressed_at: float | None = None
        self._dragged = False
        self._editor: _Editor | None = None
        self.setRange(round(least * self._factor), round(most * self._factor))
        self.setSingleStep(round((snap or 1 / self._factor) * self._factor))
        self.setPageStep(max(self.singleStep(), (self.maximum() - self.minimum()) // 10))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.actionTriggered.connect(self._stepped)

    # ------------------------------------------------------------ the value

    @property
    def content(self) -> float:
        return self._content

    @content.setter
    def content(self, number: float) -> None:
        self._content = number
        place = min(max(number * self._factor, self.minimum()), self.maximum())
        self.setValue(round(place))  # unlike setSliderPosition it does not pass for an edit
        self.update()

    @property
    def text(self) -> str:
        return f"{self._number}{self._unit}"

    @property
    def _number(self) -> str:
        return f"{self._content * self._times:.{self._digits}f}"

    def _edit(self, number: float) -> None:
        number = round(number * self._factor) / self._factor
        if self._factor == 1:
            number = round(number)
        self.content = number
        self.edited.emit(number)

    def _stepped(self) -> None:
        """After a key has moved the slider."""
        if self._pressed_at is None:
            self._edit(self.sliderPosition() / self._factor)

    # ------------------------------------------------------------ mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at, self._dragged = event.position().x(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None:
            return
        self._dragged = self._dragged or abs(event.position().x() - self._pressed_at) > CLICK
        if self._dragged:
            share = min(max(event.position().x() / self.width(), 0.0), 1.0)
            span = self.maximum() - self.minimum()
            steps = round(share * span / self.singleStep()) * self.singleStep()
            self._edit((self.minimum() + min(steps, span)) / self._factor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None and not self._dragged:
            self.type()
        self._pressed_at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panel; a value must not change because the pointer happens to be there

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.type()
        elif event.text() and event.text() in "0123456789.,-" and not event.modifiers():
            self.type(event.text())
        else:
            super().keyPressEvent(event)

    def type(self, text: str = "") -> None:
        """Opens the field for typing, with the value in it, or with what has been typed already."""
        if self._editor:
            return
        editor = self._editor = _Editor(self)
        editor.setText(text or self._number)
        editor.setGeometry(self.rect())
        editor.setAccessibleName(self.accessibleName())
        editor.doubled.connect(self._reset)
        QWidget.setTabOrder(self, editor)
        editor.show()
        editor.setFocus()
        if not text:
            editor.selectAll()
        editor.editingFinished.connect(self._typed)

    def _reset(self) -> None:
        if self._editor:
            self._editor.give_up()
        self._edit(self._default())

    def _typed(self) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        text = editor.text().removesuffix(self._unit).strip().replace(",", ".")
        had_focus = editor.hasFocus()
        editor.deleteLater()
        editor.hide()
        if had_focus:
            self.setFocus()
        number, valid = QLocale.c().toDouble(text)
        if valid and isfinite(number) and not editor.given_up:
            self._edit(number / self._times)

    # ------------------------------------------------------------ the look

    def sizeHint(self) -> QSize:
        return QSize(80, theme.CONTROL)

    minimumSizeHint = sizeHint

    def changeEvent(self, event: QEvent) -> None:
        self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.fillPath(shape, QColor(colors.field))
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(QRectF(0, 0, self.width() * self._share(), self.height()), QColor(colors.hover))
        painter.restore()
        edge = colors.accent if self.hasFocus() else colors.muted if self.underMouse() else colors.line
        painter.setPen(QPen(QColor(edge), 1))
        painter.drawPath(shape)
        inside = self.rect().adjusted(8, 0, -8, 0)
        painter.setPen(QColor(colors.muted))
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, self._label)
        painter.setPen(QColor(colors.text if self.isEnabled() else colors.muted))
        side = Qt.AlignmentFlag.AlignRight if self._label else Qt.AlignmentFlag.AlignLeft
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | side, self.text)

    def _share(self) -> float:
        span = self.maximum() - self.minimum()
        return min(max((self._content * self._factor - self.minimum()) / span, 0.0), 1.0) if span else 0.0


class _Editor(QLineEdit):
    """The field over the slider; Escape leaves things as they were. `doubled`: the click that opened it was double."""

    doubled = Signal()
    given_up = False
    _clicked = False

    def give_up(self) -> None:
        self.given_up = True
        self.editingFinished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._clicked = True
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._clicked:
            super().mouseDoubleClickEvent(event)
        else:
            self.doubled.emit()
