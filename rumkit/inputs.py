"""What a person is asked for, each input once: `investigate`, command line, notebooks and widgets.

A test holds all of these places against `INPUTS`. To add an input, add it here, give `Target` a
field of its name, `investigate` a parameter, and renew the notebooks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.model import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

# The variable that names a file of checks of one's own: an absolute path.
OWN_CHECKS = "RUMKIT_CHECKS"


@dataclass(frozen=True)
class Input:
    """One input: a text, or a `flag`; an empty text means not given.

    `help` is said by the command line and in the notebooks' parameters cell, `label` and `hint`
    by the widgets, whose field offers `options`. `metavar` stands for the value in `--help`. An
    `own` input names a target of a person's own, beside which no practice is shown. `command` says
    whether the command line has it, `notebooks` whether notebooks and widgets do.
    """

    name: str
    label: str
    help: str
    metavar: str = ""
    default: str = ""
    hint: str = ""
    options: tuple[str, ...] = ()
    own: bool = False
    flag: bool = False
    command: bool = True
    notebooks: bool = True

    @property
    def parameter(self) -> str:
        """Return the input's line of a notebook's parameters cell."""
        return f'{self.name}: str = "{self.default}"  # {self.help}'


INPUTS = (
    Input("monitor", "App monitor", "app monitor's name or id", "NAME|ID", own=True,
          hint="name or id"),
    Input("page", "Page", "page that carries the snippet: a URL or a saved HTML file", "URL|FILE",
          own=True, hint="https://… or a saved HTML file"),
    Input("recording", "Recording", "browser's recording: a HAR file, or a folder or zip", "HAR",
          own=True, hint="HAR file, or upload one"),
    Input("console", "Console log", "what the browser's console said, saved or pasted", "FILE",
          own=True, hint="file of what the console said"),
    Input("storage", "Storage", "the page's cookies and local storage, saved", "FILE", own=True,
          hint="file of cookies and local storage"),
    Input("source", "Source file", "source file that constructs the client", "FILE", own=True,
          hint="src/rum.ts"),
    Input("region", "Region", "the monitor's region (default: the page's, the profile's)", "REGION",
          hint="found from the monitor"),
    Input("profile", "Profile", "AWS profile (default: the usual chain of credentials)", "PROFILE",
          own=True, hint="AWS profile"),
    Input("since", "Since", "begin of the window: 24h, 3d or a moment", "WHEN", "24h",
          hint="24h, or 2026-03-01T09:00:00Z",
          options=("1h", "3h", "12h", "24h", "3d", "7d", "30d")),
    Input("until", "Until", "end of the window: a moment (default: now)", "MOMENT", hint="now"),
    Input("trail", "Trail", "auto, none, lookup, logs:GROUP, athena:DB.TABLE, lake:ID, or files",
          "SOURCE", "auto", hint="auto",
          options=("auto", "none", "lookup", "logs:GROUP", "athena:DATABASE.TABLE", "lake:ID")),
    Input("traffic", "Site traffic", "site's requests: alb:app/NAME/ID or cloudfront:ID", "SITE",
          hint="alb:app/NAME/ID or cloudfront:ID"),
    Input("probe", "Probe", "walk the client's own chain and send one marked event (the only thing"
          " that writes)", flag=True, notebooks=False),
    Input("case", "Saved", "saved investigation to draw instead of asking AWS", own=True,
          hint="a saved investigation, drawn without AWS", command=False),
    Input("sandbox", "Practice scenario", 'practice scenario; "" looks at your own account',
          hint="empty: your own account", command=False),
)  # fmt: skip


def of_command_line() -> tuple[Input, ...]:
    """Return the inputs of the command line that are texts."""
    return tuple(each for each in INPUTS if each.command and not each.flag)


def of_notebooks() -> tuple[Input, ...]:
    """Return the inputs of notebooks and widgets."""
    return tuple(each for each in INPUTS if each.notebooks)


def named_targets(given: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of the inputs that name a target of a person's own."""
    return tuple(each.name for each in INPUTS if each.own and given.get(each.name))


def refuse_contradictions(given: Mapping[str, object]) -> None:
    """Raise BadInput for inputs that can't go together, before anything is collected."""
    own = named_targets(given)
    if own and given.get("sandbox"):
        raise BadInput(f"A sandbox and a {own[0]} of your own don't mix: leave one of the two out.")
