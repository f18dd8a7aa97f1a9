"""The investigation as HTML: works without script, makes no request, escapes every text."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from rumkit.model import Status
from rumkit.show import path, words
from rumkit.show.style import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from rumkit.investigation import Investigation
    from rumkit.model import Condition, Finding, Fix, Hop, Proof, Section, Table

_MAX_ROWS = 200
_QUOTED = re.compile(r"`([^`]{1,300})`")


def render(investigation: Investigation) -> str:
    """Return the whole investigation: verdict, path, cause with its fix, findings, gaps."""
    body = (
        _head(investigation)
        + _cause(investigation)
        + grouped(
            _rest(investigation), title="Other findings" if investigation.root_cause else "Findings"
        )
        + _gaps(investigation)
    )
    return wrap(body, label="Investigation")


def overview(investigation: Investigation) -> str:
    """Return the verdict, the path and the cause with its fix."""
    return wrap(_head(investigation) + _cause(investigation), label="Overview")


def delivery_path(investigation: Investigation) -> str:
    """Return the verdict, the path and the cause in a sentence."""
    cause = investigation.cause
    said = (
        f'<p class="rk-said">Root cause: <code>{_text(cause.check)}</code>. '
        f"{_prose(cause.summary)}</p>"
        if cause
        else ""
    )
    return wrap(_head(investigation) + said, label="Delivery path")


def section(investigation: Investigation, chosen: Section) -> str:
    """Return the findings of one section of the guide with their evidence, without fixes."""
    found = [one for one in investigation.findings if one.section is chosen]
    bad = sum(one.status is Status.FAIL for one in found)
    said = f"{words.count(len(found), 'check')} in this section, {bad or 'none'} broken."
    body = f"<p>{said}</p>" + "".join(finding(one, fixes=False) for one in _worst_first(found))
    return wrap(body, label=escape(chosen.heading))


def fixes(investigation: Investigation, chosen: Section | None = None) -> str:
    """Return everything to paste, of one section or of all, or a sentence that there is none."""
    body = "".join(
        f"<h3><code>{_text(found.check)}</code> {_prose(found.summary)}</h3>" + _fixes(found)
        for found in words.mendable(investigation, chosen)
    )
    return wrap(body or f"<p>{escape(words.NOTHING_TO_MEND)}</p>", label="Fixes")


def findings(investigation: Investigation, hop: Hop | None = None) -> str:
    """Return all findings but the root cause's, or every finding of one hop, under their hops."""
    chosen = (
        [one for one in investigation.findings if hop is one.hop] if hop else _rest(investigation)
    )
    return wrap(grouped(chosen, title=""), label="Findings")


def gaps(investigation: Investigation) -> str:
    """Return what could not be collected, and what would make it collectable."""
    body = _gaps(investigation) or "<p>Everything that was asked for could be collected.</p>"
    return wrap(body, label="Not collected")


def grouped(chosen: Sequence[Finding], *, title: str) -> str:
    """Return findings under the names of their hops, without the style around them."""
    if not chosen:
        return ""
    parts = [f"<h3>{escape(title)}</h3>"] if title else []
    level = "h4" if title else "h3"
    for hop, here in words.by_hop(tuple(chosen)):
        name = words.HOP_NAMES[hop]
        parts.append(
            f'<{level}>{name} <span class="rk-dim">{escape(hop.sentence)}</span></{level}>'
        )
        parts.extend(finding(found) for found in here)
    return "".join(parts)


def finding(found: Finding, *, fixes: bool = True) -> str:
    """Return one finding that unfolds to its evidence and fixes; broken ones are open."""
    opened = found.status is Status.FAIL
    head = (
        f"{_mark(found.condition)}<strong><code>{_text(found.check)}</code></strong> "
        f'<span class="rk-state {words.LOOKS[found.condition]}">{_state(found)}</span> '
        f"<span>{_prose(found.summary)}</span>"
    )
    inside = (
        f'<p class="rk-dim">Healthy when: {_prose(found.title)}</p>'
        + (_fixes(found) if fixes else "")
        + _missing(found.missing)
        + "".join(_proof(proof) for proof in found.evidence)
        + _docs(found.docs)
    )
    return (
        f'<details{" open" if opened else ""} data-check="{_text(found.check)}">'
        f'<summary>{head}</summary><div class="rk-inside">{inside}</div></details>'
    )


def _rest(investigation: Investigation) -> list[Finding]:
    return [found for found in investigation.findings if found.check != investigation.root_cause]


def _head(investigation: Investigation) -> str:
    status = words.VERDICT_SIGNS[investigation.verdict]
    looked = " · ".join(
        f'<span class="rk-part">{escape(name)} <b>{escape(value)}</b></span>'
        for name, value in words.looked_at(investigation)
    )
    return (
        f"{_practice(investigation)}"
        f'<p class="rk-verdict">{_sign(status)}<strong class="{status}">'
        f"{investigation.verdict.capitalize()}</strong> "
        f"<span>{escape(words.verdict_sentence(investigation))}</span></p>"
        f'<p class="rk-target">{looked}</p>'
        f"{path.drawing(investigation)}{path.as_list(investigation)}{path.still(investigation)}"
    )


def _practice(investigation: Investigation) -> str:
    """Return the sign of the sandbox, as long as that is the source."""
    if not investigation.target.get("sandbox"):
        return ""
    return f'<p class="rk-practice" role="note">{escape(words.SANDBOX_SENTENCE)}</p>'


def _cause(investigation: Investigation) -> str:
    cause = investigation.cause
    if not cause:
        return ""
    evidence = "".join(_proof(proof) for proof in cause.evidence)
    return (
        f'<div class="rk-cause" role="group" aria-label="Root cause"><h3>'
        f"{_sign(cause.status)}Root cause: <code>{_text(cause.check)}</code></h3>"
        f'<p class="rk-said">{_prose(cause.summary)}</p>'
        + _since(investigation)
        + _fixes(cause)
        + (f"<details open><summary>Evidence</summary>{evidence}</details>" if evidence else "")
        + _docs(cause.docs)
        + "</div>"
    )


def _since(investigation: Investigation) -> str:
    said = words.onset_sentence(investigation)
    return f'<p class="rk-since">{_text(said[:1].upper() + said[1:])}</p>' if said else ""


def _fixes(found: Finding) -> str:
    """Return the first fix, and the others folded under their names."""
    fixes = found.fixes
    shown = "".join(_fix(fix, found) for fix in fixes[:1])
    if len(fixes) < 2:
        return shown
    names = ", ".join(dict.fromkeys(words.FIX_NAMES.get(fix.kind, fix.kind) for fix in fixes[1:]))
    more = "".join(_fix(fix, found) for fix in fixes[1:])
    return f"{shown}<details><summary>More: {_text(names)}</summary>{more}</details>"


def _fix(fix: Fix, found: Finding) -> str:
    said = words.tried_sentence(found, fix)
    tried = f'<div class="rk-proof">{_text(said[:1].upper() + said[1:])}.</div>' if said else ""
    kind = words.FIX_NAMES.get(fix.kind, fix.kind)
    onto = f' <span class="rk-dim">onto {_text(fix.target)}</span>' if fix.target else ""
    mind = f'<div class="rk-mind">Mind: {_text(fix.side_effect)}</div>' if fix.side_effect else ""
    name = f"Copy: {words.one_line(fix.title)}"
    # An advice is to be read; only what was written for a language is offered to be pasted.
    copy = (
        ""
        if fix.kind == "advice"
        else f'<button type="button" class="rk-copy" aria-label="{escape(name)}">Copy</button>'
    )
    return (
        f'<div class="rk-fix"><div class="rk-fix-head"><span><span class="rk-kind">'
        f"{_text(kind)}</span>{_text(fix.title)}{onto}</span>"
        f"{copy}</div>"
        f'<pre tabindex="0">{escape(fix.text)}</pre>{tried}{mind}{_risk(fix)}</div>'
    )


def _risk(fix: Fix) -> str:
    """Return what the fix does to access, and the commands that take it back, folded."""
    mark = f'<div class="rk-mind">Mind: {_text(words.risk_sentence(fix))}</div>' if fix.risk else ""
    if not fix.undo:
        return mark
    undo = f'<pre tabindex="0">{escape(fix.undo)}</pre>'
    return f"{mark}<details><summary>To take it back</summary>{undo}</details>"


def _proof(proof: Proof) -> str:
    asked = ", ".join(f"{key}={words.plain(value)}" for key, value in proof.parameters.items())
    window = words.span(proof.since, proof.until)
    table = data_table(proof.table) if proof.table else ""
    return (
        f"<p><code>{_text(proof.source)}</code>"
        f"{f' <code>({_text(asked)})</code>' if asked else ''}"
        f"{f' <span class=rk-dim>{_text(window)}</span>' if window else ''}</p>"
        f"{_values(proof.values)}{table}"
    )


def _values(values: Mapping[str, Any]) -> str:
    if not values:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{_text(key)}</th><td>{_text(words.plain(value))}</td></tr>'
        for key, value in values.items()
    )
    return f'<div class="rk-scroll" tabindex="0"><table><tbody>{rows}</tbody></table></div>'


def data_table(table: Table) -> str:
    """Return a table of evidence; what is beyond its first rows is counted."""
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in table.rows[:_MAX_ROWS]
    )
    rest = len(table.rows) - _MAX_ROWS
    more = f'<p class="rk-more">… and {words.count(rest, "more row")}</p>' if rest > 0 else ""
    return (
        f'<div class="rk-scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{more}"
    )


def _cell(value: str) -> str:
    """Return one cell; a short one stays on one line."""
    kind = ' class="rk-short"' if len(value) <= 20 else ""
    return f"<td{kind}>{_text(value)}</td>"


def _gaps(investigation: Investigation) -> str:
    if not investigation.not_collected:
        return ""
    items = "".join(
        f"<li><code>{_text(gap.fact)}</code>: {_text(gap.reason)}{_missing(gap.missing)}</li>"
        for gap in investigation.not_collected
    )
    return f"<h3>Not collected</h3><ul>{items}</ul>"


def _missing(names: Sequence[str]) -> str:
    if not names:
        return ""
    listed = ", ".join(f"<code>{_text(name)}</code>" for name in names)
    return f'<p class="rk-dim">Would answer it: {listed}</p>'


def _docs(links: Sequence[str]) -> str:
    """Return links for a person; anything but https stays text."""
    shown = [
        f'<a href="{_text(link)}" rel="noreferrer">{_text(link)}</a>'
        if link.startswith("https://")
        else _text(link)
        for link in links
    ]
    return f'<p class="rk-dim">Read more: {" · ".join(shown)}</p>' if shown else ""


def _mark(condition: Condition) -> str:
    look = words.LOOKS[condition]
    return f'<span class="rk-sign {look}" aria-hidden="true">{words.MARKS[condition]}</span>'


def _state(found: Finding) -> str:
    likely = ", likely" if found.status is Status.FAIL and not found.certain else ""
    return f"{found.condition}{likely}"


def _sign(status: Status) -> str:
    return f'<span class="rk-sign {status}" aria-hidden="true">{words.SIGNS[status]}</span>'


def _worst_first(found: Sequence[Finding]) -> list[Finding]:
    return [one for _, here in words.by_hop(tuple(found)) for one in here]


def _prose(value: object) -> str:
    """Return escaped text in which `quoted` words stand as code."""
    return _QUOTED.sub(r"<code>\1</code>", _text(value))


def _text(value: object) -> str:
    return escape(words.one_line(value))
