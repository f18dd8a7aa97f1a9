"""What a page's content security policies let the RUM client do, why, and how to unblock it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rumkit.client.csp.fix import corrections, explained_hashes
from rumkit.client.csp.hashes import TextHashes
from rumkit.client.csp.match import page_location, parse_location
from rumkit.client.csp.parse import (
    MAX_POLICIES,
    MAX_VALUE,
    POLICY_HEADERS,
    Policy,
    decode_base64,
    parse_carrier,
)
from rumkit.client.csp.result import Correction, Evaluation, PolicyResult, WrongHash
from rumkit.client.csp.rules import (
    LAST,
    SCRIPT_CHAIN,
    Assign,
    Connect,
    Inline,
    Load,
    Question,
    Redirect,
    blocks,
    matching_hash,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rumkit.client.csp.hashes import ScriptHashes
    from rumkit.client.csp.parse import Directive, Where
    from rumkit.client.html import Script
    from rumkit.client.page import Page

_MAX_CARRIERS = 100
_MAX_CHARACTERS = 1_000_000
_MAX_URLS = 200
# A browser follows twenty redirects and no more.
_MAX_HOPS = 21
_DANGLING = re.compile(r"<s(?:cript|tyle)", re.IGNORECASE)


def parse_policies(page: Page) -> tuple[Policy, ...]:
    """Return every policy that the browser enforces or reports: headers, then meta elements."""
    policies: list[Policy] = []
    read = 0
    for index, (value, where, report_only, position) in enumerate(_carriers(page)):
        read += len(value)
        if index >= _MAX_CARRIERS or read > _MAX_CHARACTERS or len(policies) >= MAX_POLICIES:
            break
        policies += parse_carrier(
            value, where=where, report_only=report_only, index=index, position=position
        )
    return tuple(policies)


def _carriers(page: Page) -> Iterable[tuple[str, Where, bool, int]]:
    """Yield each value, where it stands, if it only reports, and the first script it governs."""
    for name, value in (*page.headers, *page.written):
        report_only = POLICY_HEADERS.get(name.strip().lower())
        if report_only is not None:
            yield value, "header", report_only, 0
    for meta in page.meta_policies:
        if meta.in_head and meta.http_equiv.lower() == "content-security-policy":
            yield meta.value, "meta", False, meta.next_script


def evaluate(
    page: Page,
    connect_urls: Iterable[str],
    *,
    client_url: str | None = None,
    snippet_index: int | None = None,
    snippet_hashes: ScriptHashes | None = None,
    redirects: Mapping[str, Sequence[str]] | None = None,
) -> Evaluation:
    """Tell whether the snippet runs, the client loads and each URL can be reached, and the fixes.

    `snippet_index` is the `index` of the page's script that holds the loader; None where the page
    has none (an NPM installation). `snippet_hashes` are those of that script as it was served,
    where its text is not what the server sent. `redirects` gives, for a URL, those that it
    redirects to. Never raises, whatever the page holds.
    """
    evaluator = _Evaluator(page, redirects or {}, snippet_hashes)
    script = next((item for item in page.scripts if item.index == snippet_index), None)
    position = LAST if script is None else script.index
    asked = [
        evaluator.snippet(script),
        evaluator.client(client_url, position),
        evaluator.trusted_types(client_url, position),
    ]
    urls = list(dict.fromkeys(connect_urls))[:_MAX_URLS]
    asked += [evaluator.connection(url) for url in urls]
    inline, client, types, *connects = evaluator.with_fixes(asked)
    # What no change of policy mends must not keep the rest from being mended.
    after = zip((inline, client, types, *connects), asked, strict=True)
    blocked = [question for result, (_, question) in after if question and result.fixes]
    return Evaluation(
        inline,
        client,
        types,
        dict(zip(urls, connects, strict=True)),
        evaluator.policies,
        evaluator.corrections(blocked, asked) if blocked else (),
        evaluator.wrong_hashes(script),
        evaluator.notes(),
    )


Answer = tuple[PolicyResult, Question | None]


class _Evaluator:
    """One page's policies, asked one question after another."""

    def __init__(
        self,
        page: Page,
        redirects: Mapping[str, Sequence[str]],
        served: ScriptHashes | None = None,
    ) -> None:
        self.page = page
        self.policies = parse_policies(page)
        self.here = page_location(page.url)
        self.redirects = redirects
        self.served = served

    def rule(self, question: Question, allowed: str) -> PolicyResult:
        """Ask; `allowed` is the sentence for a yes."""
        blocked = blocks(question, self.policies, self.here)
        reported = blocks(question, self.policies, self.here, report_only=True)
        if not blocked:
            return PolicyResult(True, allowed, reported=reported)
        return PolicyResult(False, blocked[0].reason, blocked, reported)

    def corrections(
        self, blocked: Sequence[Question], asked: Sequence[Answer]
    ) -> tuple[Correction, ...]:
        """Return what unblocks these and takes from none of those asked what it is allowed."""
        keep = [question for result, question in asked if question and result.allowed]
        return corrections(blocked, self.policies, self.here, keep=keep)

    def with_fixes(self, asked: Sequence[Answer]) -> list[PolicyResult]:
        """Return the results, each block with its own fixes."""
        return [
            result
            if question is None or result.allowed
            else replace(result, fixes=self.corrections([question], asked))
            for result, question in asked
        ]

    def snippet(self, script: Script | None) -> Answer:
        if script is None:
            return PolicyResult(True, "The page holds no inline snippet to evaluate."), None
        if script.inert:
            return PolicyResult(
                False, "A browser does not run this script, whatever the policy."
            ), None
        nonce = _nonce(script)
        source = script.attributes.get("src")
        if source is None:
            question: Question = Inline(self._hashes(script), nonce, script.index)
            return self.rule(question, "Every policy lets the inline snippet run."), question
        hops = self._hops(source)
        if not hops:
            return PolicyResult(
                False, "The script's src is not a URL that a browser can load."
            ), None
        integrity = _integrity(script.attributes.get("integrity", ""))
        question = Load(hops, script.index, True, nonce, integrity)
        return self.rule(question, "Every policy lets the snippet's script load."), question

    def _hashes(self, script: Script) -> ScriptHashes:
        return self.served or TextHashes(script.text)

    def client(self, url: str | None, position: int) -> Answer:
        if url is None:
            return PolicyResult(True, "The page loads no client script from a URL."), None
        hops = self._hops(url)
        if not hops:
            return PolicyResult(False, "The client's URL is not one that a browser can load."), None
        question = Load(hops, position)
        return self.rule(question, "Every policy lets the client script load."), question

    def trusted_types(self, url: str | None, position: int) -> Answer:
        if url is None:
            return PolicyResult(True, "No loader sets a script's URL."), None
        question = Assign(position)
        result = self.rule(question, "No policy asks for trusted types.")
        if result.allowed or not self._default_policy_possible(position):
            return result, question
        why = (
            result.why + " Whether a script before the snippet creates a default policy that lets "
            "it pass, the policy cannot tell."
        )
        return replace(result, why=why, certain=False), question

    def _default_policy_possible(self, position: int) -> bool:
        if not any(not s.inert and s.index < position for s in self.page.scripts):
            return False
        named = [policy.directive("trusted-types") for policy in self.policies]
        names = [d.tokens for d in named if d is not None]
        return all("default" in tokens or "*" in tokens for tokens in names)

    def connection(self, url: str) -> Answer:
        hops = self._hops(url)
        if not hops:
            return PolicyResult(False, "This is not a URL that a browser can connect to."), None
        question = Connect(hops)
        allowed = f"Every policy lets the page connect to {hops[0].location.text}."
        return self.rule(question, allowed), question

    def _hops(self, url: str) -> tuple[Redirect, ...]:
        base = f"{self.here.origin}{self.here.path}"
        chain = [url, *self.redirects.get(url, ())][:_MAX_HOPS]
        hops = [parse_location(hop, base) for hop in chain]
        return (
            tuple(Redirect(hop, at > 0) for at, hop in enumerate(hops) if hop) if all(hops) else ()
        )

    def wrong_hashes(self, script: Script | None) -> tuple[WrongHash, ...]:
        if script is None or "src" in script.attributes:
            return ()
        wrong: dict[str, WrongHash] = {}
        hashes = self._hashes(script)
        for policy in self.policies:
            governing = policy.directive(*SCRIPT_CHAIN)
            if governing is None:
                continue
            for source, why in explained_hashes(governing, hashes):
                wrong.setdefault(source, WrongHash(source, governing.text, why))
            for other in policy.directives:
                source = matching_hash(other, hashes) if other is not governing else ""
                if source:
                    wrong.setdefault(source, _misplaced(source, other, governing))
        return tuple(wrong.values())

    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self._page_notes(), *self._policy_notes()]))

    def _page_notes(self) -> Iterable[str]:
        fetched = self.page.url.lower().startswith(("http://", "https://"))
        if not fetched and any("'self'" in policy.text.lower() for policy in self.policies):
            yield (
                "The page was not fetched from its site, so 'self' is taken for some https origin."
            )
        if any(not meta.in_head for meta in self.page.meta_policies):
            yield "A meta policy outside the head has no effect."
        if any(meta.http_equiv.lower().endswith("report-only") for meta in self.page.meta_policies):
            yield "A report-only policy in a meta element has no effect."
        if any(len(policy.carrier) > MAX_VALUE for policy in self.policies):
            yield f"A policy is longer than {MAX_VALUE} characters; only its beginning was read."

    def _policy_notes(self) -> Iterable[str]:
        for policy in self.policies:
            for directive in policy.directives:
                why = _IGNORED.get(directive.status)
                if why:
                    yield f"A browser ignores the directive {directive.text[:200]!r}: {why}."
            sandbox = policy.directive("sandbox")
            if sandbox and "allow-same-origin" not in sandbox.value.lower():
                yield "The sandbox directive without allow-same-origin takes cookies and storage."


_IGNORED = {
    "duplicate": "the policy has one of this name already, and the first counts",
    "unknown": "there is no directive of this name",
    "bad-name": "its name holds a character that no directive has",
    "bad-characters": "its value holds characters outside printable ASCII",
    "not-here": "it has no effect in a meta element or in a report-only policy",
}


def _misplaced(source: str, directive: Directive, governing: Directive) -> WrongHash:
    why = (
        f"{source} is the right hash, but it stands in a {directive.name} that does not govern "
        f"the snippet; {governing.name} does."
        if directive.name != governing.name
        else f"{source} is the right hash, but a browser ignores the directive that it stands in."
    )
    return WrongHash(source, directive.text, why)


def _nonce(script: Script) -> str:
    """Return the nonce, unless the element looks like injected markup, which voids it."""
    attributes = script.attributes
    if any(_DANGLING.search(f"{name} {value}") for name, value in attributes.items()):
        return ""
    return attributes.get("nonce", "") or ""


def _integrity(value: str) -> tuple[tuple[str, bytes], ...]:
    digests = []
    for item in value.split()[:50]:
        algorithm, _, digest = item.partition("-")
        decoded = decode_base64(digest.partition("?")[0])
        if algorithm.lower() in ("sha256", "sha384", "sha512") and decoded:
            digests.append((algorithm.lower(), decoded))
    return tuple(digests)
