"""What rumkit raises, by what a person can do about it; no message holds a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.secret import hide_secrets, without_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

# What a finding misses when rumkit itself failed; the command line exits with 4 then.
DEFECT = "rumkit:defect"

# The exit code where rumkit itself failed.
DEFECT_CODE = 4


class RumkitError(Exception):
    """Anything that rumkit says to a person instead of a traceback; no secret is in it."""

    def __init__(self, *words: object) -> None:
        super().__init__(*map(without_secrets, words))

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback: the sentence alone."""
        return [f"{type(self).__name__}: {self}"]


class BadInput(RumkitError):
    """The user named something that does not exist or cannot be read; exit code 2."""


class ReadRefused(RumkitError):
    """An operation that is not on the list of reads was attempted; a defect in rumkit."""


class NotCollected(RumkitError):
    """A fact could not be collected: why, and what would make it collectable.

    `fact` names the attribute of Evidence; `missing` lists IAM actions (`iam:GetRole`), inputs
    (`input:page`) or settings (`setting:...`) that would make it answerable. `absent` is true
    when the thing was looked for and is known not to exist, which a check may evaluate.
    `bad_input` is true when the user named something that cannot be read.
    """

    def __init__(
        self,
        fact: str,
        reason: str,
        *,
        missing: Sequence[str] = (),
        absent: bool = False,
        bad_input: bool = False,
    ) -> None:
        super().__init__(reason)
        self.bad_input = bad_input
        self.fact = fact
        self.reason = hide_secrets(reason)
        self.missing = tuple(missing)
        self.absent = absent


def in_words(defect: BaseException) -> str:
    """Return an exception that is not rumkit's own as kind and message, without any secret."""
    return f"{type(defect).__name__}: {hide_secrets(str(defect))}"
