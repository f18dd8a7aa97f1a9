"""What evaluating a page's policies answers: frozen values that other modules read."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.client.csp.parse import Policy, Where


@dataclass(frozen=True)
class BlockedLoad:
    """One policy that says no: policy and directive verbatim, where they stand, and why."""

    policy: str
    directive: str
    where: Where
    reason: str


@dataclass(frozen=True)
class Correction:
    """A whole header or meta value to paste in place of the one that blocks.

    `added` are the source expressions and directives that the original lacks.
    """

    where: Where
    original: str
    value: str
    added: tuple[str, ...]
    side_effect: str

    @property
    def paste(self) -> str:
        """Return the header line or the meta element to paste."""
        if self.where == "header":
            return f"Content-Security-Policy: {self.value}"
        content = html.escape(self.value, quote=False).replace('"', "&quot;")
        return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


@dataclass(frozen=True)
class PolicyResult:
    """One answer: allowed or not, why in one sentence, who blocks, and what unblocks.

    `reported` are report-only policies that would block. `certain` is false where the page's own
    scripts may change the answer. `fixes` were evaluated again and do unblock; empty where no
    change of policy alone does.
    """

    allowed: bool
    why: str
    blocks: tuple[BlockedLoad, ...] = ()
    reported: tuple[BlockedLoad, ...] = ()
    fixes: tuple[Correction, ...] = ()
    certain: bool = True

    @property
    def directive(self) -> str:
        """Return the first blocking directive verbatim, or an empty text."""
        return self.blocks[0].directive if self.blocks else ""

    @property
    def where(self) -> str:
        """Return `header` or `meta` for a block, or an empty text."""
        return self.blocks[0].where if self.blocks else ""


@dataclass(frozen=True)
class WrongHash:
    """A source expression that was meant for the snippet, and the mistake that made it."""

    source: str
    directive: str
    explanation: str


@dataclass(frozen=True)
class Evaluation:
    """What a page's policies let the snippet, the client script and its connections do.

    `client_loads` tells whether the script element that a running loader creates may load.
    `corrections` unblock everything at once; each result's own `fixes` only that result.
    """

    inline_runs: PolicyResult
    client_loads: PolicyResult
    trusted_types: PolicyResult
    connects: Mapping[str, PolicyResult]
    policies: tuple[Policy, ...]
    corrections: tuple[Correction, ...]
    wrong_hashes: tuple[WrongHash, ...]
    notes: tuple[str, ...]

    @property
    def results(self) -> tuple[PolicyResult, ...]:
        """Return all results, the scripts first."""
        scripts = (self.inline_runs, self.client_loads, self.trusted_types)
        return (*scripts, *self.connects.values())

    @property
    def allowed(self) -> bool:
        """Tell whether nothing is blocked."""
        return all(result.allowed for result in self.results)
