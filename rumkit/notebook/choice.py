"""What to look at, chosen by parameters or by hand, and the views that follow the choice."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rumkit import practice
from rumkit.case import load
from rumkit.frames import TABLES, frame, with_origin
from rumkit.model import BadInput, Origin, RumkitError
from rumkit.notebook import live, look
from rumkit.notebook.fields import in_fields
from rumkit.notebook.progress import publish
from rumkit.show import code, plots, tables, views
from rumkit.show.template import fill
from rumkit.show.words import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from rumkit.investigation import Investigation
    from rumkit.model import Finding, Hop
    from rumkit.watch import Watch

    Draw = Callable[[Investigation], Any]
    Widget = dict[str, Any]

HEADLESS = "RUMKIT_HEADLESS"
_NO_CALLS = "A saved investigation does not hold the calls that succeeded."


class View:
    """A part of the investigation that stays current: drawn again after each investigation."""

    def __init__(self, choice: Choice, draw: Draw) -> None:
        self._choice = choice
        self._draw = draw
        self._id = uuid.uuid4().hex
        self._shown = False
        self._live: live.Live | None = None
        self.cell = ""

    def drawn(self) -> Any:
        """Return what is displayed for the present investigation, marked as of this look."""
        drawn = self._draw(self._choice.investigation)
        if isinstance(drawn, views.Drawn):
            return replace(drawn, html=look.marked(drawn.html, self._choice.look))
        return drawn

    def refresh(self) -> None:
        """Draw again wherever this view stands in the notebook."""
        from IPython.display import update_display

        if self._live:
            self._live.show(self.drawn())
        elif self._shown:
            update_display(  # type: ignore[no-untyped-call]
                self.drawn(), display_id=self._id
            )

    def __str__(self) -> str:
        return str(self.drawn())

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if live.wanted():
            self._live = live.Live(self.drawn())
            display(self._live.widget)  # type: ignore[no-untyped-call]
        else:
            display(self.drawn(), display_id=self._id)  # type: ignore[no-untyped-call]
        self._choice.replace_view(self, _cell())
        self._shown = True


class Choice:
    """What to look at; it investigates once per choice and keeps its views current.

    The tables of an investigation are attributes: `choice.denied_put_events` is the DataFrame of
    the look that the views show. `choice.calls` is asked for when it is first used. `chooser` gives
    the MIME bundle of the widget by which a choice is made by hand.
    """

    def __init__(self, settings: dict[str, str], chooser: Callable[[Choice], Widget]) -> None:
        self.settings = settings
        self._chooser = chooser
        self.hop: Hop | None = None
        self.on_finding: Callable[[Finding], None] = publish
        self.on_result: Callable[[], None] = lambda: None
        self.widget: Any = None
        self.latest: Investigation | None = None
        self.look = ""
        self._calls: pd.DataFrame | None = None
        self._views: list[View] = []

    @property
    def investigation(self) -> Investigation:
        """Return the investigation of this choice, made when it is first asked for."""
        return self.latest or self.investigate()

    def investigate(self) -> Investigation:
        """Look now, or read the saved investigation that was named, and draw every view again.

        Raises RumkitError in the words of the fields; what is displayed is then of an earlier look.
        """
        try:
            investigation = (
                load(self.settings["case"]) if self.settings.get("case") else self._look()
            )
        except RumkitError as error:
            self.forget()
            if type(error) is BadInput:
                raise BadInput(in_fields(str(error))) from None
            raise
        self.latest = investigation
        self.look = look.mark(investigation)
        self._calls = None
        self.refresh()
        self.on_result()
        return investigation

    def _look(self) -> Investigation:
        import rumkit

        self.enter()
        return rumkit.investigate(**self._given(), on_finding=self.on_finding)

    def watch(self) -> Watch:
        """Return a watch over what is chosen, which has not yet looked. Raises BadInput."""
        from rumkit.watch import Watch

        if self.settings.get("case"):
            raise BadInput("A saved investigation does not change: clear its field to watch.")
        self.enter()
        return Watch.over(**self._given())

    @property
    def calls(self) -> pd.DataFrame:
        """Return every call of browsers, failed or not, of the window that was looked at.

        A saved investigation holds none, and nobody is asked for them.
        """
        import rumkit

        target = self.investigation.target
        if self.settings.get("case"):
            window = str(target["since"]), str(target["until"])
            return with_origin(frame("calls", ()), Origin("", *window, reason=_NO_CALLS))
        if self._calls is None:
            given = self._given() | {name: target[name] for name in ("since", "until")}
            self._calls = rumkit.calls(given.pop("monitor", None), **given)
        return self._calls

    def __getattr__(self, name: str) -> Any:
        """Return a table of the investigation as a DataFrame, such as `choice.changes`."""
        if name in TABLES:
            return getattr(self.investigation, name)
        raise AttributeError(f"A choice has no {name!r}; its tables are {', '.join(TABLES)}.")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *TABLES]

    def monitors(self) -> list[str]:
        """Return the names of the account's app monitors in the chosen region."""
        from rumkit.aws.monitor import list_monitors
        from rumkit.aws.session import AwsSession

        self.enter()
        session = AwsSession(profile=self.settings["profile"] or None)
        region = self.settings["region"] or session.region
        return sorted(str(each["Name"]) for each in list_monitors(session, region))

    def scenario(self) -> str:
        """Return the scenario to practise in: none beside a profile or a target set outside."""
        outside = self.settings["profile"] or practice.environment_names_a_target()
        return "" if outside else self.settings["sandbox"]

    def enter(self) -> None:
        """Make the chosen practice scenario, or none, this process's surroundings."""
        scenario = self.scenario()
        if scenario:
            practice.enter(scenario)
        elif not practice.environment_names_a_target():
            practice.leave()

    def change(self, **values: str) -> None:
        """Choose other values; nothing is looked at until `investigate`."""
        if self.settings != (settings := self.settings | values):
            self.settings = settings
            self.forget()

    def page(self) -> str:
        """Return the chosen page, or that of the practice installation, which is entered."""
        self.enter()
        return self.settings["page"] or os.environ.get("RUMKIT_PAGE", "")

    def only(self, hop: Hop | None) -> None:
        """Show the findings of one hop, or of all."""
        self.hop = hop
        self.refresh()

    def refresh(self) -> None:
        """Draw every view again that stands in the notebook."""
        for view in self._views:
            view.refresh()

    def view(self, draw: Draw) -> View:
        """Return a view of what `draw` makes of the investigation."""
        return View(self, draw)

    def replace_view(self, view: View, cell: str) -> None:
        """Keep a view that was displayed current; those of an earlier run of its cell are gone."""
        place = cell.rpartition("/")[0]
        stay = (
            each
            for each in self._views
            if not place or each.cell == cell or each.cell.rpartition("/")[0] != place
        )
        self._views = [*(each for each in stay if each is not view), view]
        view.cell = cell

    def overview(self) -> View:
        """Return verdict, path and cause with its fix."""
        return self.view(views.overview)

    def path(self) -> View:
        """Return verdict and path with the cause in a sentence."""
        return self.view(views.delivery_path)

    def findings(self) -> View:
        """Return the findings, of the chosen hop where one is chosen."""
        return self.view(lambda investigation: views.findings(investigation, self.hop))

    def section(self, name: str) -> View:
        """Return the findings of one section of the guide, such as `returns-403`."""
        return self.view(lambda investigation: views.section(investigation, name))

    def fixes(self, section: str = "") -> View:
        """Return everything to paste, of one section of the guide or of all."""
        return self.view(lambda investigation: views.fixes(investigation, section))

    def gaps(self) -> View:
        """Return what could not be collected and what would make it collectable."""
        return self.view(views.gaps)

    def table(self, name: str) -> View:
        """Return a table to sort and filter, by the name of its DataFrame."""
        return self.view(lambda investigation: tables.table(investigation, name))

    def plot(self, name: str) -> View:
        """Return a plot: `arrival`, `denials`, or `timeline` of both with the changes."""
        return self.view(lambda investigation: plots.plot(investigation, name))

    def code(self, name: str) -> View:
        """Return a finding or a table as code: Python, the exact query, the CLI's command."""
        return self.view(lambda investigation: code.code(investigation, name))

    def forget(self) -> None:
        """Look again when next asked; until then what is displayed is of an earlier look."""
        self.latest = None
        self.look = ""
        self._calls = None
        if self.widget is not None:
            self.widget.show_forgotten()

    def _given(self) -> dict[str, Any]:
        own = {"sandbox", "case"}
        return {name: value for name, value in self.settings.items() if value and name not in own}

    def __repr__(self) -> str:
        return "Looking at " + "; ".join(f"{name}: {value}" for name, value in self.described())

    def described(self) -> list[tuple[str, str]]:
        """Return what is chosen, as names and values to be shown."""
        chosen = self.settings | {"sandbox": self.scenario()}
        return [(name, one_line(value)) for name, value in chosen.items() if value]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the chooser where widgets can be shown, and the same content as HTML and text."""
        html = fill("looking_at.html", label="What is looked at", chosen=self.described())
        bundle = {"text/plain": repr(self), "text/html": str(html)}
        return bundle if os.environ.get(HEADLESS) else bundle | self._chooser(self)


def _cell() -> str:
    """Return the cell that is running and which run of it that is; empty where nobody says."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    try:
        name = shell.kernel.get_parent("shell")["metadata"]["cellId"]
    except (AttributeError, KeyError, TypeError):
        return ""
    return f"{name}/{shell.execution_count}"
