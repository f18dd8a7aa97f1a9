"""The guard of every client that rumkit makes: what is not named is refused before it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.model import ReadRefused

if TYPE_CHECKING:
    from collections.abc import Callable


def let_only(client: Any, allowed: Callable[[str, str], bool], words: str) -> None:
    """Let a client call what `allowed(service, operation)` admits, in whatever form it is asked.

    Anything else raises ReadRefused, which begins with `words`. Calls, pages, waiters and signed
    addresses all pass this event; the guard comes before what a caller's session has registered.
    """

    def refuse_others(model: Any, **_: object) -> None:
        service = model.service_model.service_name
        if not allowed(service, model.name):
            raise ReadRefused(f"{words} {service}:{model.name}.")

    client.meta.events.register_first("provide-client-params.*.*", refuse_others)
