"""What to look at, chosen by parameters or by hand, and the views that follow the choice."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, fields, replace
from html import escape
from typing import TYPE_CHECKING, Any

from rumkit import practice
from rumkit.case import load
from rumkit.model import BadInput, RumkitError
from rumkit.show import plots, progress, tables, views
from rumkit.show.fields import in_fields
from rumkit.show.style import wrap
from rumkit.show.words import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.investigation import Investigation
    from rumkit.model import Finding, Hop
    from rumkit.watch import Watch

    Draw = Callable[[Investigation], Any]

HEADLESS = "RUMKIT_HEADLESS"


@dataclass(frozen=True)
class Settings:
    """The parameters of a notebook; an empty text means not given."""

    monitor: str = ""
    page: str = ""
    recording: str = ""
    region: str = ""
    profile: str = ""
    since: str = "24h"
    until: str = ""
    trail: str = "auto"
    traffic: str = ""
    case: str = ""
    sandbox: str = ""

    def surroundings(self) -> str:
        """Return the scenario to practise in: none beside a profile or a target set outside."""
        return "" if self.profile or practice.environment_names_a_target() else self.sandbox

    def apart(self) -> Settings:
        """Return the settings without a scenario where they name a target of one's own."""
        own = self.monitor or self.page or self.recording or self.profile or self.case
        return replace(self, sandbox="") if own else self


class View:
    """A part of the investigation that stays current: drawn again after each investigation."""

    def __init__(self, choice: Choice, draw: Draw) -> None:
        self._choice = choice
        self._draw = draw
        self._id = uuid.uuid4().hex
        self._shown = False

    def drawn(self) -> Any:
        """Return what is displayed: of the investigation before, and said so, where one failed."""
        choice = self._choice
        if choice.old and choice.failure:
            return _marked_old(self._draw(choice.old), choice.failure)
        return self._draw(choice.investigation)

    def refresh(self) -> None:
        """Draw again wherever this view stands in the notebook."""
        from IPython.display import update_display

        if self._shown:
            update_display(  # type: ignore[no-untyped-call]
                self.drawn(), display_id=self._id
            )

    def __str__(self) -> str:
        return str(self.drawn())

    def _ipython_display_(self) -> None:
        from IPython.display import display

        drawn = _with_library(self.drawn())
        display(drawn, display_id=self._id)  # type: ignore[no-untyped-call]
        self._shown = True


class Choice:
    """What to look at; it investigates once per choice and keeps its views current."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.hop: Hop | None = None
        self.on_finding: Callable[[Finding], None] = progress.publish
        self.on_found: Callable[[], None] = _nothing
        self.widget: Any = None
        self.found: Investigation | None = None
        self.old: Investigation | None = None
        self.failure = ""
        self._views: list[View] = []

    @property
    def investigation(self) -> Investigation:
        """Return the investigation of this choice, made when it is first asked for."""
        return self.found or self.investigate()

    def investigate(self) -> Investigation:
        """Look now, or read the saved investigation that was named, and draw every view again.

        Raises RumkitError in the words of the fields; what was found before is then marked as old.
        """
        self.old, self.failure = self.found or self.old, ""
        try:
            found = load(self.settings.case) if self.settings.case else self._look()
        except RumkitError as error:
            self.failure = in_fields(str(error))
            if self.old:
                self.refresh()
            raise type(error)(self.failure) if type(error) is BadInput else error from None
        self.found = found
        self.refresh()
        self.on_found()
        return found

    def _look(self) -> Investigation:
        import rumkit

        self.enter()
        return rumkit.investigate(**self._target(), on_finding=self.on_finding)

    def watch(self) -> Watch:
        """Return a watch over what is chosen, which has not yet looked."""
        from rumkit.watch import Watch

        self.enter()
        return Watch.over(**self._target())

    def _target(self) -> dict[str, Any]:
        """Return the settings by the names of `investigate`."""
        chosen = self.settings
        return {
            "monitor": chosen.monitor or None,
            "page": chosen.page or None,
            "recording": chosen.recording or None,
            "region": chosen.region or None,
            "profile": chosen.profile or None,
            "since": chosen.since,
            "until": chosen.until or None,
            "trail": chosen.trail,
            "traffic": chosen.traffic or None,
        }

    def monitors(self) -> list[str]:
        """Return the names of the account's app monitors in the chosen region."""
        from rumkit.aws.monitor import list_monitors
        from rumkit.aws.session import AwsSession

        self.enter()
        session = AwsSession(profile=self.settings.profile or None)
        region = self.settings.region or session.region
        return sorted(str(one["Name"]) for one in list_monitors(session, region))

    def enter(self) -> None:
        """Make the chosen practice scenario, or none, this process's surroundings."""
        scenario = self.settings.surroundings()
        if scenario:
            practice.enter(scenario)
        elif not practice.environment_names_a_target():
            practice.leave()

    def change(self, **values: str) -> None:
        """Choose other values; nothing is looked at until `investigate`."""
        self.settings = replace(self.settings, **values)
        self.old, self.found = self.found or self.old, None

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
        made = View(self, draw)
        self._views.append(made)
        return made

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

    def checks(self) -> View:
        """Return all findings as a table to sort and filter."""
        return self.view(tables.checks)

    def denied(self) -> View:
        """Return the denied PutRumEvents calls as a table."""
        return self.view(tables.denied)

    def failures(self) -> View:
        """Return the failed STS and Cognito calls as a table."""
        return self.view(tables.failures)

    def changes(self) -> View:
        """Return the configuration changes as a table."""
        return self.view(tables.changes)

    def sessions(self) -> View:
        """Return how many sessions recorded how many events, as a table."""
        return self.view(tables.sessions)

    def budget(self) -> View:
        """Return the types of stored events as a table: what eats a session's limit."""
        return self.view(tables.budget)

    def client_versions(self) -> View:
        """Return the client versions in use as a table."""
        return self.view(tables.client_versions)

    def traces(self) -> View:
        """Return the client's traces as a table, joined by a server or not."""
        return self.view(tables.traces)

    def arrival(self) -> View:
        """Return a plot of the events that arrived."""
        return self.view(plots.arrival)

    def denials(self) -> View:
        """Return a plot of the denied calls."""
        return self.view(plots.denials)

    def timeline(self) -> View:
        """Return arrival, denials and changes on one time line."""
        return self.view(plots.timeline)

    def forget(self) -> None:
        """Look again when next asked, and let go of views of earlier runs."""
        self.found, self.old, self.failure = None, None, ""
        self._views.clear()

    def __repr__(self) -> str:
        return "Looking at " + "; ".join(f"{name}: {value}" for name, value in self._said())

    def _said(self) -> list[tuple[str, str]]:
        chosen = {item.name: getattr(self.settings, item.name) for item in fields(self.settings)}
        chosen["sandbox"] = self.settings.surroundings()
        if not chosen["sandbox"]:
            del chosen["sandbox"]
        return [(name, one_line(value)) for name, value in chosen.items() if value]

    def _html(self) -> str:
        said = " · ".join(
            f'<span class="rk-part">{escape(name)} <b>{escape(value)}</b></span>'
            for name, value in self._said()
        )
        return wrap(f'<p class="rk-target">Looking at {said}</p>', label="What is looked at")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the chooser where widgets can be shown, and the same content as HTML and text."""
        bundle = {"text/plain": repr(self), "text/html": self._html()}
        if os.environ.get(HEADLESS):
            return bundle
        from rumkit.show.widgets import chooser

        return bundle | chooser(self)


def _marked_old(drawn: Any, failure: str) -> Any:
    """Return a view of an earlier look with a mark on it."""
    said = f"OLD: of the look before. The last one failed: {one_line(failure)}"
    if not isinstance(drawn, views.Drawn):
        return drawn
    mark = wrap(f'<p class="rk-old" role="note">{escape(said)}</p>', label="Old result")
    # What is old is no result: a program that reads the notebook must not find one.
    return views.Drawn(mark + drawn.html, f"{said}\n{drawn.text}")


_library_sent: list[bool] = []


def _with_library(drawn: Any) -> Any:
    """Let the first table of a live notebook bring the table library along, about 1 MB."""
    live = isinstance(drawn, views.Drawn) and not os.environ.get(HEADLESS)
    if not live or _library_sent or tables.MARK not in drawn.html:
        return drawn
    _library_sent.append(True)
    return replace(drawn, html=drawn.html + tables.bundle())


def _nothing() -> None:
    """Do nothing."""


_kept: dict[Settings, Choice] = {}


def choose(**parameters: str) -> Choice:
    """Return the choice that these parameters begin with.

    The names are those of `Settings`. A cell that is run again gets the choice with the values
    that were picked by hand since; other parameters begin another choice. A monitor, page, profile
    or recording among them switches the scenario off; in the fields, the scenario is what it says.
    """
    settings = Settings(**{name: str(value) for name, value in parameters.items()}).apart()
    choice = _kept.setdefault(settings, Choice(settings))
    choice.forget()
    return choice
