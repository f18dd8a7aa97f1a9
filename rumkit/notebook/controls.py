"""Controls of the chooser that the keyboard reaches, too, and that keep its focus when they change.

An accordion's head can't be reached with Tab, and the buttons of one `ToggleButtons` are all made
anew with each change of their names. Here a control stays the same element as long as it lives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.model import Hop
from rumkit.show.template import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAME = "rk-controls"
_FOLD_HINT = "Show or hide the fields"
_HOP_HINT = "Show these findings below the buttons, and in the notebook's view of findings"


def styled(box: Any) -> Any:
    """Return the box, whose controls `controls.css` is for."""
    box.add_class(_NAME)
    return box


class Fold:
    """A line that says what is behind it; a press shows that below the line, another hides it."""

    def __init__(self, body: Any) -> None:
        import ipywidgets as widgets

        self._body = body
        self._text = ""
        self.button = widgets.ToggleButton(
            tooltip=_FOLD_HINT, layout=widgets.Layout(width="auto", margin="2px")
        )
        self.button.add_class("rk-fold")
        self.button.observe(lambda _: self._show(), names="value")
        self.widget = widgets.VBox([self.button, body])
        self._show()

    def say(self, text: str) -> None:
        """Say what is behind the line."""
        self._text = text
        hint = "fold away" if self.button.value else "unfold to change"
        self.button.description = f"{text} ({hint})"

    def _show(self) -> None:
        self.button.icon = "caret-down" if self.button.value else "caret-right"
        self._body.layout.display = None if self.button.value else "none"
        self.say(self._text)


class HopButtons:
    """A button for each hop and one for all, of which one is chosen; `chosen` hears which."""

    def __init__(self, names: Mapping[Hop, str], chosen: Callable[[Hop | None], None]) -> None:
        import ipywidgets as widgets

        self._chosen = chosen
        self._value: Hop | None = None
        self._setting = False
        self._buttons = {
            hop: widgets.ToggleButton(tooltip=_HOP_HINT, layout=widgets.Layout(width="auto"))
            for hop in (None, *Hop)
        }
        for hop, button in self._buttons.items():
            button.observe(lambda _, hop=hop: self._pressed(hop), names="value")
        self.widget = widgets.HBox(
            [widgets.HTML("Findings of"), *self._buttons.values()],
            layout=widgets.Layout(flex_flow="row wrap", align_items="center"),
        )
        self._buttons[None].description = "all hops"
        self.name(names)
        self._press()

    @property
    def value(self) -> Hop | None:
        """Return the chosen hop; None for all."""
        return self._value

    @value.setter
    def value(self, hop: Hop | None) -> None:
        changed = hop is not self._value
        self._value = hop
        self._press()
        if changed:
            self._chosen(hop)

    @property
    def names(self) -> list[str]:
        """Return what stands on the buttons."""
        return [button.description for button in self._buttons.values()]

    def name(self, names: Mapping[Hop, str]) -> None:
        """Name the buttons of the hops anew; which of them is chosen stays."""
        for hop, name in names.items():
            self._buttons[hop].description = name

    def _pressed(self, hop: Hop | None) -> None:
        if not self._setting:
            self.value = hop

    def _press(self) -> None:
        """Show which is chosen; a second press does not release it."""
        self._setting = True
        for hop, button in self._buttons.items():
            button.value = hop is self._value
        self._setting = False


class Line:
    """A line of text that is folded where the window is narrow, which a label would cut."""

    def __init__(self, text: str) -> None:
        import ipywidgets as widgets

        self.widget = widgets.HTML()
        self.value = text

    @property
    def value(self) -> str:
        """Return the text."""
        return self._text

    @value.setter
    def value(self, text: str) -> None:
        self._text = text
        self.widget.value = str(fill("lines.html", lines=[text]))
