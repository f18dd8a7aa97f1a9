"""The public names as one HTML page, from their docstrings, offline; `make docs` calls it."""

from __future__ import annotations

import inspect
import sys
from html import escape
from pathlib import Path
from types import FunctionType
from typing import Any

import rumkit
from rumkit.checks import CHECKS
from rumkit.frames import TABLES
from rumkit.inputs import INPUTS
from rumkit.trail.queries import QUERIES

ROOT = Path(__file__).parents[2]
_CSS = """
:root{color-scheme:light dark}
body{font:15px/1.55 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.2rem}
pre,code{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{overflow-x:auto;border-left:3px solid #7f8a94;padding:.2rem .8rem}
table{border-collapse:collapse}
th,td{text-align:left;vertical-align:top;
padding:.2rem .8rem .2rem 0;border-bottom:1px solid #7f8a94}
"""


def page() -> str:
    """Return the page."""
    names = "".join(f'<a href="#{name}"><code>{name}</code></a> ' for name in rumkit.__all__)
    parts = [
        f"<h1>rumkit {rumkit.__version__}</h1><p>{escape(inspect.getdoc(rumkit) or '')}</p>",
        f"<p>{names}</p>",
        *(_name(name) for name in rumkit.__all__),
        "<h2>What is asked for</h2>",
        _table(["name", "default", "meaning"], [(i.name, i.default, i.help) for i in INPUTS]),
        "<h2>Tables</h2>",
        *(_columns(name, "", described) for name, described in TABLES.items()),
        "<h2>Named queries</h2>",
        *(_columns(each.name, each.question, each.columns) for each in QUERIES),
        "<h2>Checks</h2>",
        _table(["name", "hop", "healthy when"], [(c.id, c.hop, c.title) for c in CHECKS]),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        f"<title>rumkit {rumkit.__version__}</title><style>{_CSS}</style></head><body>"
        f"{''.join(parts)}</body></html>\n"
    )


def _name(name: str) -> str:
    value = getattr(rumkit, name)
    return f'<h2 id="{name}"><code>{escape(_signature(name, value))}</code></h2>{_doc(value)}' + (
        "".join(_member(member, held) for member, held in _members(value))
        if inspect.isclass(value)
        else ""
    )


def _signature(name: str, value: Any) -> str:
    if inspect.isclass(value):
        return f"class {name}"
    return f"{name}{inspect.signature(value)}"


def _members(value: type) -> list[tuple[str, Any]]:
    """Return what a class defines itself and documents."""
    return [
        (name, held)
        for name, held in vars(value).items()
        if not name.startswith("_")
        and inspect.getdoc(held)
        and isinstance(held, property | FunctionType | staticmethod)
    ]


def _member(name: str, held: Any) -> str:
    shown = (
        name if isinstance(held, property) else _signature(name, getattr(held, "__func__", held))
    )
    return f"<h3><code>{escape(shown)}</code></h3>{_doc(held)}"


def _doc(value: Any) -> str:
    """Return a docstring: paragraphs, and what is indented or an example as it stands."""
    parts = []
    for block in (inspect.getdoc(value) or "").split("\n\n"):
        literal = block.startswith((">>>", "    "))
        tag = "pre" if literal else "p"
        parts.append(f"<{tag}>{escape(block)}</{tag}>")
    return "".join(parts)


def _columns(name: str, question: str, described: Any) -> str:
    rows = [(column, dtype, meaning) for column, (dtype, meaning) in described.items()]
    return f"<h3><code>{name}</code></h3><p>{escape(question)}</p>" + _table(
        ["column", "dtype", "meaning"], rows
    )


def _table(heads: list[str], rows: list[Any]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def main() -> int:
    """Write the page and print its path."""
    target = ROOT / "build" / "api.html"
    target.parent.mkdir(exist_ok=True)
    target.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{target.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
