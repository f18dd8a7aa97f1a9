"""The one engine that makes HTML: templates of this package, in which every text is escaped.

Whatever stands in a text is shown as text. What a template puts in is made one line without hidden
characters first, unless it is `verbatim`. A text from outside is never a template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rumkit.show import needs, selection, words

if TYPE_CHECKING:
    from collections.abc import Callable

_UNSEEN = re.compile(
    r"\{#.*?#\}|(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])|(?P<between_words>\s*\n\s*)", re.DOTALL
)


class _Templates(PackageLoader):
    """Templates without their line breaks: those beside a tag vanish, others are a space.

    A break becomes a comment that holds it, so that an error still names its line.
    """

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool] | None]:
        """Return a template's text, its file, and whether it is still the same."""
        source, file, current = super().get_source(environment, template)
        if template.endswith((".html", ".svg")):
            source = _UNSEEN.sub(_unseen, source.strip())
        return source, file, current


def _unseen(match: re.Match[str]) -> str:
    """Return a comment with the same line breaks, after a space where they stood between words."""
    space = " " if match["between_words"] else ""
    return f"{space}{{#{match[0].count(chr(10)) * chr(10)}#}}"


def prose(text: object) -> Markup:
    """Return one escaped line in which `quoted` words stand as code."""
    line = str(escape(words.one_line(text)))
    return Markup(words.QUOTED.sub(r"<code>\1</code>", line))  # noqa: S704 - escaped just before


def _shown(value: Any) -> Any:
    """Return what a template made as it is, any other value as one line."""
    return value if isinstance(value, Markup) else words.one_line(value)


def _environment() -> Environment:
    """Return the engine with what all templates know."""
    made = Environment(
        loader=_Templates("rumkit.show"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        auto_reload=False,
    )
    made.globals |= {"words": words, "selection": selection, "in_page": False, "drawn": False}
    made.filters |= {
        "prose": prose,
        "verbatim": escape,
        "sentence": words.sentence,
        "fix_kind": words.fix_kind,
        "answer": needs.answer,
    }
    return made


ENVIRONMENT = _environment()
