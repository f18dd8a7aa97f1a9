"""Finds RUM installations in HTML, JavaScript and TypeScript; parsers load when one is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.client.values import RegExp
from rumkit.secret import hide_secrets, without_secrets

if TYPE_CHECKING:
    from rumkit.client.page import Page
    from rumkit.client.snippet import Snippet
    from rumkit.client.source.configuration import Configuration


def page_starters(page: Page) -> tuple[str, ...]:
    """Name the tag managers that a page loads: any of them may bring the client in later."""
    from rumkit.client.source import starters

    return starters.page_starters(page)


def find_configurations(source: str | Page) -> list[Configuration]:
    """Return the client's configuration in a text that constructs no client; never raises."""
    from rumkit.client.source.configuration import find_all

    return [] if find_snippets(source) else find_all(source)


def outside_of_unrun(page: Page) -> tuple[Page, str]:
    """Return a page without comments and samples, and where in them it names the client."""
    from rumkit.client.source.unrun import outside

    return outside(page)


def mention_of(source: str | Page) -> tuple[int, str] | None:
    """Return the line, and its text, on which a text names the client; None when it never does.

    For texts in which no installation and no configuration can be read.
    """
    from rumkit.client.source.configuration import mention

    mentioned = mention(source if isinstance(source, str) else source.html)
    return mentioned and (mentioned[0], hide_secrets(mentioned[1]))


def find_snippets(source: str | Page) -> list[Snippet]:
    """Return the installations of a page, or of HTML, JavaScript or TypeScript text.

    Never raises on any text; work is bounded whatever the text is.
    """
    from rumkit.client.source.installations import find

    # A pattern for pages is no secret, and has to stay one.
    return [without_secrets(each, keep=(RegExp,)) for each in find(source)]
