"""What was not seen, grouped by what would show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.model import DEFECT, Status
from rumkit.show.words import count, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.model import Finding

# What an input is called in a sentence, and the option that names it.
_INPUTS = {
    "page": ("a page", "--page URL"),
    "source": ("the client's source", "--source FILE"),
    "recording": ("a browser's recording", "--recording FILE, or --record"),
    "console": ("the console's log", "--console FILE"),
    "storage": ("the browser's storage", "--storage FILE"),
    "monitor": ("an app monitor", "--monitor NAME"),
    "region": ("a region", "--region NAME"),
    "profile": ("a profile", "--profile NAME"),
    "trail": ("another trail source", "--trail SOURCE"),
    "since": ("a longer window", "--since 3d"),
    "traffic": ("the site's traffic", "--traffic SITE"),
    "probe": ("a test event", "--probe"),
    "timeout": ("more time", "--timeout SECONDS"),
}
_MOST_NAMES = 3


@dataclass(frozen=True)
class Need:
    """Checks that wait for the same thing: `what` it is, and `how` to give it, empty if unknown."""

    what: str
    how: str
    checks: tuple[str, ...]

    def __str__(self) -> str:
        if not self.what:
            names = ", ".join(self.checks) if len(self.checks) <= _MOST_NAMES else ""
            undecided = f"{count(len(self.checks), 'check')} could not be decided by what was read"
            return f"{undecided}: {names}" if names else undecided
        verb = "needs" if len(self.checks) == 1 else "need"
        how = f": {self.how}" if self.how else ""
        return f"{count(len(self.checks), 'check')} {verb} {self.what}{how}"


def needs(findings: Sequence[Finding], sign_in: str) -> tuple[Need, ...]:
    """Return what the undecided checks wait for, the most wanted first.

    A check that several things would answer is counted under the first of them.
    """
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        if each.status is Status.UNKNOWN:
            first = one_line(each.missing[0]) if each.missing else ""
            groups.setdefault(_need(first, sign_in), []).append(each)
    permissions = [key for key in groups if key[1] == _PERMISSIONS]
    if len(permissions) > 1:
        actions = [what.removeprefix("permission ") for what, _ in permissions]
        joined = [each for key in permissions for each in groups.pop(key)]
        groups[_several(actions), _PERMISSIONS] = joined
    made = [Need(*key, tuple(each.check for each in here)) for key, here in groups.items()]
    return tuple(sorted(made, key=lambda need: -len(need.checks)))


def answer(name: str) -> str:
    """Return what a name of `missing` is in words, and how it is given."""
    what, how = _need(one_line(name), "sign in")
    if how == _PERMISSIONS or not what:
        return name
    return f"{what} ({how})" if how else what


_PERMISSIONS = "see rumkit permissions"


def _need(name: str, sign_in: str) -> tuple[str, str]:
    """Return what a name of `missing` is in a sentence, and how it is given."""
    kind, _, rest = name.partition(":")
    if name == "input:credentials":
        return "AWS credentials", sign_in
    if name == DEFECT:
        return "a rumkit without this defect", "run with --debug and report it"
    if kind == "input":
        return _INPUTS.get(rest, (rest, ""))
    if kind == "network":
        return f"{rest} to be reachable", ""
    if kind == "answer":
        return f"a usable answer to {rest}", ""
    if kind == "limit":
        return "a smaller account", ""
    if kind == "later":
        return "another try later", ""
    if kind == "setting":
        return "a setting", rest
    return (f"permission {name}" if rest else "", _PERMISSIONS if rest else "")


def _several(actions: list[str]) -> str:
    shown = f"permissions {', '.join(actions[:_MOST_NAMES])}"
    rest = len(actions) - _MOST_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown
