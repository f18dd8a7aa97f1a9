"""What is wrong with an installation as it is written, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem
from rumkit.client.source.placeholders import is_sample_id, placeholder_in
from rumkit.client.source.placement import insertion_problem
from rumkit.client.source.reading import bare_placeholder
from rumkit.client.source.shapes import shape_problems
from rumkit.client.source.uuids import is_region, is_uuid
from rumkit.client.values import Expression, Value, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.client.page import Page
    from rumkit.client.snippet import Snippet

INITIALIZE = Problem(
    "initialize-command",
    "cwr('initialize', ...) is no command of the client: the configuration goes into the "
    "loader's arguments",
)
_MAX_DEPTH = 6
_TEXTS = frozenset(["app_monitor_id", "app_version", "region", "client_url", "endpoint"])


def problems_of(snippet: Snippet, page: Page) -> list[Problem]:
    """Return the problems of one installation, the gravest first."""
    found = list(_placeholders(snippet))
    found += _id_problems(snippet, found)
    found += _region_problems(snippet, found)
    found += shape_problems(snippet)
    if any(c.name in {"initialize", "init"} for c in snippet.commands):
        found.append(INITIALIZE)
    placed = insertion_problem(snippet, page)
    return [*found, placed] if placed else found


def _placeholders(snippet: Snippet) -> Iterator[Problem]:
    named: dict[str, Value] = {
        "namespace": snippet.namespace,
        "app_monitor_id": snippet.app_monitor_id,
        "app_version": snippet.app_version,
        "region": snippet.region,
        "client_url": snippet.client_url,
        "remote_config_url": snippet.remote_config_url,
        **snippet.config,
    }
    for field, value in named.items():
        left = _first_placeholder(value, 0) or _bracketed(field, value)
        if left:
            message = f"{field} still holds the placeholder {left}"
            yield Problem("placeholder", message, field)


def _first_placeholder(value: Value, depth: int) -> str | None:
    if isinstance(value, str):
        return placeholder_in(value)
    if isinstance(value, Expression):
        return bare_placeholder(value)
    if depth > _MAX_DEPTH or not isinstance(value, list | dict):
        return None
    items = list(value.values() if isinstance(value, dict) else value)[:100]
    return next((p for p in (_first_placeholder(i, depth + 1) for i in items) if p), None)


def _bracketed(field: str, value: Value) -> str | None:
    """Return the guide's own [region] when it stands without quotes where a text belongs."""
    if field not in _TEXTS or not isinstance(value, list) or len(value) != 1:
        return None
    only = value[0]
    return f"[{only.source[:60]}]" if isinstance(only, Expression) else None


def _id_problems(snippet: Snippet, found: list[Problem]) -> Iterator[Problem]:
    monitor = snippet.app_monitor_id
    if any(p.field == "app_monitor_id" for p in found) or isinstance(monitor, Expression):
        return
    if snippet.problem("no-queue"):
        return
    if not isinstance(monitor, str):
        yield Problem("not-uuid", f"the app monitor id is {written(monitor)}", "app_monitor_id")
    elif is_sample_id(monitor):
        message = f"the app monitor id {monitor} is the one printed in the documentation"
        yield Problem("sample-id", message, "app_monitor_id")
    elif not is_uuid(monitor):
        message = f"the app monitor id {monitor[:80]!r} is not a UUID"
        yield Problem("not-uuid", message, "app_monitor_id")


def _region_problems(snippet: Snippet, found: list[Problem]) -> Iterator[Problem]:
    region = snippet.region
    if any(p.field == "region" for p in found) or not isinstance(region, str):
        return
    if not is_region(region):
        message = f"the region argument {region[:80]!r} does not have the form of an AWS Region"
        yield Problem("not-a-region", message, "region")
