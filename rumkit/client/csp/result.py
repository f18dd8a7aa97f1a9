"""What evaluating a page's policies answers: frozen values that other modules read."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rumkit.client.csp.parse import Policy, Where


class ScriptLike(Protocol):
    """What evaluating needs of a script of the page."""

    @property
    def index(self) -> int:
        """Return its index among the page's scripts."""
        ...

    @property
    def text(self) -> str:
        """Return exactly the text that the browser hashes."""
        ...

    @property
    def attributes(self) -> Mapping[str, str]:
        """Return its attributes, lower-case names."""
        ...

    @property
    def inert(self) -> bool:
        """Tell whether no browser runs it."""
        ...


class MetaPolicyLike(Protocol):
    """What evaluating needs of a meta policy; `next_script` is the index of the script after it."""

    @property
    def value(self) -> str:
        """Return the content attribute."""
        ...

    @property
    def in_head(self) -> bool:
        """Tell whether it stands in the head."""
        ...

    @property
    def http_equiv(self) -> str:
        """Return the http-equiv attribute."""
        ...

    @property
    def next_script(self) -> int:
        """Return the index of the script that follows."""
        ...


class PageLike(Protocol):
    """What evaluating needs of a page."""

    @property
    def url(self) -> str:
        """Return the page's final URL."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        """Return the response headers as sent."""
        ...

    @property
    def written(self) -> Sequence[tuple[str, str]]:
        """Return the policies that a server's or a framework's file sets, as headers."""
        ...

    @property
    def scripts(self) -> Sequence[ScriptLike]:
        """Return the page's scripts in order."""
        ...

    @property
    def meta_policies(self) -> Sequence[MetaPolicyLike]:
        """Return the page's meta policies in order."""
        ...


@dataclass(frozen=True)
class BlockedLoad:
    """One policy that says no: policy and directive verbatim, where they stand, and why."""

    policy: str
    directive: str
    where: Where
    reason: str
    report_only: bool = False


@dataclass(frozen=True)
class Correction:
    """A whole header or meta value to paste in place of the one that blocks.

    `edits` holds each policy of the value that changed, before and after; `added` and `removed`
    are the source expressions and directives that differ; `difference` is a unified diff with
    one directive to the line.
    """

    where: Where
    original: str
    value: str
    edits: tuple[tuple[str, str], ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    difference: str
    side_effect: str = ""

    @property
    def policy(self) -> str:
        """Return the corrected policy, or all corrected policies of the value."""
        return ", ".join(after for _, after in self.edits)

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
    def policy(self) -> str:
        """Return the first blocking policy verbatim, or an empty text."""
        return self.blocks[0].policy if self.blocks else ""

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
    policies: tuple[Policy, ...] = ()
    corrections: tuple[Correction, ...] = ()
    wrong_hashes: tuple[WrongHash, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def results(self) -> tuple[PolicyResult, ...]:
        """Return all results, the scripts first."""
        scripts = (self.inline_runs, self.client_loads, self.trusted_types)
        return (*scripts, *self.connects.values())

    @property
    def allowed(self) -> bool:
        """Tell whether nothing is blocked."""
        return all(result.allowed for result in self.results)
