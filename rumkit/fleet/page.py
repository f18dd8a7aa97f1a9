"""The fleet on one page: monitors by hops, the worst first, searched without a server."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from rumkit.fleet.rows import ORDER, Row, State
from rumkit.model import Condition, Hop
from rumkit.report_export import POLICY
from rumkit.show import style, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.fleet.run import Run

LOOKS: Final = {
    State.FAILED: "fail",
    State.BROKEN: "fail",
    State.UNPROVEN: "unknown",
    State.DEGRADED: "warn",
    State.ACCEPTED: "configured",
    State.HEALTHY: "pass",
}
SIGNS: Final = {
    State.FAILED: "⚠",
    State.BROKEN: "✗",
    State.UNPROVEN: "?",
    State.DEGRADED: "!",
    State.ACCEPTED: "○",
    State.HEALTHY: "✓",
}
WORDS: Final = {
    State.FAILED: "not looked at",
    State.BROKEN: "broken",
    State.UNPROVEN: "unproven",
    State.DEGRADED: "degraded",
    State.ACCEPTED: "accepted",
    State.HEALTHY: "healthy",
}
_HEADINGS: Final = (
    "State", "Monitor", "Account", *(words.HOP_NAMES[hop] for hop in Hop), "What is the matter",
    "Since", "Since the last run", "Arrival", "Owner",
)  # fmt: skip
# Fixed widths let a browser lay a thousand rows out without reading them all first.
_WIDTHS: Final = ("8em", "13em", "10em", *("6.2em",) * 6, "24em", "9em", "7em", "135px", "9em")
_WIDTH, _HEIGHT = 120, 22
_CSS: Final = """
:root{color-scheme:light dark}
body{margin:0;background:#fff}
@media(prefers-color-scheme:dark){body{background:#161a1e}}
main.rk{max-width:none;padding:1em 1.2em 4em}
.rk.rk h1{font-size:24px;margin:.2em 0}
.rf-tools{display:none;gap:.6em;flex-wrap:wrap;align-items:center;margin:.8em 0}
.rk-js .rf-tools{display:flex}
.rf-tools input,.rf-tools select{font:inherit;padding:.3em .5em;color:var(--rk-fg);
background:var(--rk-bg);border:1px solid var(--rk-dim);border-radius:5px}
.rf-tools input{min-width:18em}
.rk.rk td,.rk.rk th{min-width:0;padding:.25em .5em}
.rk.rk table.rf{table-layout:fixed;width:100%;min-width:1480px}
.rf thead th{position:sticky;top:0;background:var(--rk-bg)!important}
.rk.rk td[title]{text-align:center;font-weight:700}.rk.rk td.rf-state{font-weight:600}
.rk.rk td.fail{color:var(--rk-fail)}.rk.rk td.warn{color:var(--rk-warn)}
.rk.rk td.pass{color:var(--rk-pass)}.rk.rk td:is(.unknown,.configured){color:var(--rk-unknown)}
.rk.rk td:is(.unreached,.skip){color:var(--rk-skip)}
.rf svg{display:block}.rf polyline{fill:none;stroke:currentColor;stroke-width:1.3}
.rf-scroll{overflow-x:auto}
.rf-first tbody tr:nth-child(n+80){display:none}
"""
# What fits a screen is laid out first, the rest once that is shown; without script all at once.
_FIRST: Final = "document.documentElement.classList.add('rk-js','rf-first')"
# Nothing is read before somebody searches; then only the rows' `hidden` changes.
_SCRIPT: Final = """
(function(){
addEventListener('load',function(){setTimeout(function(){
document.documentElement.classList.remove('rf-first')},50)});
var rows,texts;
var search=document.getElementById('rf-search'),state=document.getElementById('rf-state'),
owner=document.getElementById('rf-owner'),change=document.getElementById('rf-change'),
shown=document.getElementById('rf-shown');
function read(){rows=[].slice.call(document.querySelectorAll('tbody tr'));
texts=rows.map(function(row){return row.textContent.toLowerCase()})}
function apply(){
if(!rows)read();
var words=search.value.toLowerCase().split(/\\s+/).filter(Boolean),count=0;
rows.forEach(function(row,at){
var fits=(!state.value||row.dataset.state===state.value)&&
(!owner.value||row.dataset.owner===owner.value)&&
(!change.value||row.dataset.change===change.value)&&
words.every(function(word){return texts[at].indexOf(word)>=0});
row.hidden=!fits;if(fits)count++});
shown.textContent=count+' of '+rows.length+' shown'}
[search,state,owner,change].forEach(function(each){each.addEventListener('input',apply)})})();
"""


def render(run: Run, *, up: str) -> str:
    """Return the page; `up` leads from its folder to the root that the rows' files are under."""
    body = (
        f"<h1>App monitors: {escape(headline(run.rows))}</h1>"
        f'<p class="rk-target">{escape(run.time)} UTC, run {escape(run.run)}, '
        f"{run.seconds:.0f} s</p>{_notes(run)}{_tools(run.rows)}"
        '<div class="rf-scroll" tabindex="0" role="region" aria-label="Monitors">'
        f'<table class="rf"><thead><tr>{_head()}</tr></thead>'
        f"<tbody>{''.join(_row(row, up) for row in run.rows)}</tbody></table></div>"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>App monitors: {escape(headline(run.rows))}</title>"
        f"<style>{style.CSS}{_CSS}</style><script>{_FIRST}</script></head>"
        f'\n<body><main class="rk">{body}</main><script>{_SCRIPT}</script></body></html>\n'
    )


def headline(rows: Sequence[Row]) -> str:
    """Return how many monitors are in which state, the worst first."""
    counts = Counter(row.state for row in rows)
    told = [f"{counts[state]} {WORDS[state]}" for state in ORDER if counts[state]]
    return ", ".join(told) or "there are none"


def _notes(run: Run) -> str:
    notes = [*([run.stopped] if run.stopped else []), *run.notes]
    return "".join(f'<p class="warn">{escape(words.one_line(note))}</p>' for note in notes)


def _tools(rows: Sequence[Row]) -> str:
    states = [(str(s), WORDS[s]) for s in ORDER if any(row.state == s for row in rows)]
    owners = sorted({row.owner for row in rows if row.owner})
    changes = sorted({row.change for row in rows})
    return (
        '<div class="rf-tools"><label>Search <input id="rf-search" type="search"></label>'
        f"{_select('state', 'State', states)}"
        f"{_select('change', 'Since the last run', [(each, each) for each in changes])}"
        f"{_select('owner', 'Owner', [(each, each) for each in owners])}"
        f'<output id="rf-shown">{len(rows)} of {len(rows)} shown</output></div>'
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<option value="{_text(value)}">{_text(text)}</option>' for value, text in options
    )
    everything = f'<option value="">all</option>{items}'
    return f'<label>{label} <select id="rf-{name}">{everything}</select></label>'


def _head() -> str:
    return "".join(
        f'<th scope="col" style="width:{width}">{escape(text)}</th>'
        for text, width in zip(_HEADINGS, _WIDTHS, strict=True)
    )


def _row(row: Row, up: str) -> str:
    state = State(row.state)
    cells = (
        f'<td class="rf-state {LOOKS[state]}">{SIGNS[state]} {WORDS[state]}</td>',
        f'<th scope="row">{_linked(row, up)}</th>',
        f"<td>{_place(row)}</td>",
        *(_hop(row, hop) for hop in Hop),
        f"<td>{_cause(row)}</td>",
        f'<td class="rk-time">{_text(row.began[:16].replace("T", " "))}</td>',
        f"<td>{_text(row.change)}{_times(row)}</td>",
        f"<td>{_arrival(row)}</td>",
        f"<td>{_text(row.owner)}</td>",
    )
    return (
        f'<tr data-state="{state}" data-owner="{_text(row.owner)}" '
        f'data-change="{_text(row.change)}">{"".join(cells)}</tr>\n'
    )


def _place(row: Row) -> str:
    number, region = _text(row.account), _text(row.region)
    return f'{_text(row.place)}<br><span class="rk-dim">{number}<br>{region}</span>'


def _text(value: str) -> str:
    return escape(words.one_line(value))


def _linked(row: Row, up: str) -> str:
    """Return the monitor's name, linked to its report where there is one."""
    name = _text(row.name)
    if not row.report:
        return name
    return f'<a href="{escape(up + quote(row.report, safe="/="))}">{name}</a>'


def _hop(row: Row, hop: Hop) -> str:
    try:
        condition = Condition(row.hops.get(str(hop), ""))
    except ValueError:
        return '<td class="unknown" title="not looked at">?</td>'
    look, sign = words.LOOKS[condition], words.MARKS[condition]
    return f'<td class="{look}" title="{escape(str(condition))}">{sign}</td>'


def _cause(row: Row) -> str:
    told = [f"<b>{_text(row.cause)}</b>" if row.cause else "", _text(row.matter[:300])]
    taken = [f"{bad.check}: {bad.accepted}" for bad in row.findings if bad.accepted]
    told += [f"<i>accepted: {_text('; '.join(taken))}</i>" if taken else ""]
    told += [f'<span class="warn">{_text(row.note)}</span>' if row.note else ""]
    return "<br>".join(part for part in told if part)


def _times(row: Row) -> str:
    return f", {row.spells} times" if row.spells > 1 and not row.good else ""


def _arrival(row: Row) -> str:
    """Return the events over the window as a line, the number in words beside it."""
    if not row.arrival:
        return '<span class="rk-dim">not known</span>'
    most = max(row.arrival) or 1
    step = _WIDTH / max(1, len(row.arrival) - 1)
    points = " ".join(
        f"{at * step:.0f},{_HEIGHT - 1 - value / most * (_HEIGHT - 3):.0f}"
        for at, value in enumerate(row.arrival)
    )
    events = _text(f"{row.arrived} events")
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{events}">'
        f'<polyline points="{points}"/></svg><span class="rk-dim">{events}</span>'
    )
