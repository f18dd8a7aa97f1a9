"""One way to mend a finding, ready to paste, and what came of it on a copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rumkit.printable import clean, hidden
from rumkit.statuses import Status

FixKind = Literal[
    "aws-cli",
    "iam-policy",
    "trust-policy",
    "resource-policy",
    "csp-header",
    "client-config",
    "cloudformation",
    "terraform",
    "advice",
]

# What a person should see before pasting: who may do what changes, or a thing goes.
Risk = Literal["", "widens access", "narrows access", "replaces configuration"]

_STILL_AT_RISK = (Status.WARN, Status.WARN)


@dataclass(frozen=True)
class Tried:
    """What came of a fix on a copy of what was read, by what is configured alone.

    `before` and `after` are the status of the finding's own check, `hop` that of its hop on the
    copy; `next` is the check that is broken first on the copy, empty where none is.
    """

    before: Status
    after: Status
    hop: Status
    next: str = ""

    @property
    def mends(self) -> bool:
        """Tell whether the copy works, be it at a risk."""
        return self.after is not Status.FAIL and (self.after, self.before) != _STILL_AT_RISK


@dataclass(frozen=True)
class Fix:
    """One way to mend a finding, ready to paste.

    `text` holds this installation's own ids. An `aws-cli` text is a list of shell commands, one
    per line, quoted for a POSIX shell. `side_effect` is what a person should know before
    pasting. `target` names what a non-command fix goes onto: a role's ARN, a template's resource
    type, or a part of the page, which says how it is pasted:
    `snippet configuration`: lines of the configuration object, each in place of the line of its
    name (`name: undefined` takes that line away); `snippet argument 4 (region)`: the whole value
    of that argument of the loader; `page snippet`: the whole script element, first in the head
    and the only one of its kind; `page header`, `page meta element`: the whole line or element,
    in place of the policy that it corrects.

    A text that is pasted never holds a character that does not show, so views print it exactly:
    one that would is replaced, when the fix is made, by an advice that says so. (Taking the
    character away after quoting could take the closing quote with it.) A shell also gets no tab,
    which completes names.

    `risk` marks a change of who may do what, `account` names the AWS account that it is for (id,
    and alias where known), `undo` holds the commands that restore what was read before it.
    `tried` says what came of it on a copy, None where it was not tried.
    """

    kind: FixKind
    title: str
    text: str
    side_effect: str = ""
    target: str = ""
    risk: Risk = ""
    account: str = ""
    undo: str = ""
    tried: Tried | None = None

    def __post_init__(self) -> None:
        """Keep the promise about what is pasted, whoever makes the fix."""
        if hidden(self.undo) or "\t" in self.undo:
            object.__setattr__(self, "undo", "")
        unseen = hidden(self.text)
        if self.kind == "aws-cli" and "\t" in self.text:
            unseen = unseen or "U+0009"
        if not unseen:
            return
        text = clean(self.text)
        if self.kind != "advice":
            text = f"Nothing is printed: it would hold characters that do not show ({unseen})."
            object.__setattr__(self, "kind", "advice")
            object.__setattr__(self, "target", "")
        object.__setattr__(self, "text", text)
