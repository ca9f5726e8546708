"""What opens over the view: a list to choose from, a number to type, the whole log, an explanation of the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from galileo_cli.view.choices import Choice

_CLOSE: list[BindingType] = [Binding("escape", "dismiss(None)", "back")]

DIALOG_CSS = """
ModalScreen { align: center middle; background: $background 60%; }
.dialog { width: auto; min-width: 40; max-width: 90%; height: auto; max-height: 90%; padding: 0 1;
          border: round $primary; border-title-style: bold; background: $surface; }
.dialog OptionList { width: auto; min-width: 38; height: auto; max-height: 16; border: none; background: $surface;
                     padding: 0; }
.dialog Label { width: auto; color: $text-muted; }
.dialog Input { width: 38; }
.wide { width: 96%; height: 90%; }
#wrong { color: $error; height: auto; }
"""


class ChooseScreen(ModalScreen[str | None]):
    """One of several lines; dismissed with its value, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = _CLOSE

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title
            yield OptionList(*(Option(Text(choice.label)) for choice in self._choices))
            yield Label("↑ ↓ Enter chooses   Esc goes back")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].value)


class NumberScreen(ModalScreen[str | None]):
    """A number typed by a person; dismissed with its text once nothing speaks against it, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = _CLOSE

    def __init__(self, title: str, value: str, refuse: Callable[[str], str | None]) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._refuse = refuse

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title
            yield Input(self._value, select_on_focus=True)
            yield Static(id="wrong")
            yield Label("Enter sets it   Esc goes back")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        wrong = self._refuse(event.value)
        if wrong is None:
            self.dismiss(event.value)
        else:
            self.query_one("#wrong", Static).update(Text(wrong))


class PageScreen(ModalScreen[None]):
    """Lines to read and scroll; any of the keys that open it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,l,question_mark,enter", "dismiss(None)", "back"),
        Binding("j", "scroll('down')", show=False),
        Binding("k", "scroll('up')", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[Text], *, at_end: bool = False) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._at_end = at_end

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog wide") as page:
            page.border_title = self._title
            page.border_subtitle = "↑ ↓ PgUp PgDn scroll   Esc goes back"
            yield Static(Text("\n").join(self._lines))

    def on_mount(self) -> None:
        page = self.query_one(VerticalScroll)
        page.focus()
        if self._at_end:
            page.scroll_end(animate=False)

    def action_scroll(self, direction: str) -> None:
        page = self.query_one(VerticalScroll)
        if direction == "down":
            page.scroll_down(animate=False)
        else:
            page.scroll_up(animate=False)
