"""Choices of one kernel: a cell that is run again gets the one that its parameters began."""

from __future__ import annotations

from rumkit.extras import require
from rumkit.inputs import named_targets, of_notebooks
from rumkit.model import BadInput, did_you_mean
from rumkit.notebook import look
from rumkit.notebook.choice import Choice
from rumkit.notebook.widgets import chooser

_kept: dict[tuple[tuple[str, str], ...], Choice] = {}
_latest: list[Choice] = []


def choose(**parameters: str) -> Choice:
    """Return the choice that these parameters begin with.

    The names are those of `rumkit.inputs`. A cell that is run again gets the choice with the values
    that were picked by hand since; other parameters begin another choice. A monitor, page, profile,
    source or recording among them switches the scenario off; in the fields, the scenario is what
    it says. Raises BadInput for a name that is none.
    """
    require("notebooks", "rumkit.choose")
    known = {each.name: each.default for each in of_notebooks()}
    for name in parameters:
        if name not in known:
            hint = did_you_mean(name, known) or f"; the parameters are {', '.join(known)}."
            raise BadInput(f"There is no parameter {name!r}{hint}")
    settings = known | {name: str(value) for name, value in parameters.items()}
    if named_targets(settings):
        settings["sandbox"] = ""
    choice = _kept.setdefault(tuple(settings.items()), Choice(settings, chooser))
    choice.forget()
    _latest[:] = [choice]
    look.mark_frames(lambda: _latest[0].look)
    return choice


def forget_choices() -> None:
    """Let each choice begin anew, as in a kernel of its own."""
    _kept.clear()
