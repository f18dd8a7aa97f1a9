"""Answers of Cognito that only the client's own messages tell of, where no request was recorded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.har.author import Author
from rumkit.client.har.conversation import Call, Kind, Vending
from rumkit.client.har.redact import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.client.har.console import Console

# The client repeats AWS's type and message; of STS it says nothing that AWS said.
_REFUSAL = re.compile(
    r"CWR: Failed to retrieve"
    r" (?P<what>Cognito OpenId token|credentials for Cognito|Cognito identity)[^:]{0,30}:"
    r" (?:Error: )?(?P<type>[A-Z][A-Za-z]{3,60}Exception): (?P<message>.{1,300})"
)
# The pool that AWS names, or what stands in its place.
_POOL = re.compile(r"IdentityPool '([^']{1,100})'|'([^']{0,100})' at 'identityPoolId'")
_KINDS = {
    "Cognito OpenId token": Kind.GET_OPEN_ID_TOKEN,
    "Cognito identity": Kind.GET_ID,
    "credentials for Cognito": Kind.GET_CREDENTIALS,
}


def told_refusals(console: Console) -> Iterator[Call]:
    """Yield the calls of which a console says in AWS's own words that Cognito refused them."""
    asked = (each.host for each in console.failed_requests if each.host.startswith("cognito-"))
    host = next(asked, "Cognito")
    for index, said in enumerate(console.client, 1):
        match = _REFUSAL.search(said.text)
        if match is None:
            continue
        named = _POOL.search(match["message"])
        pool = printable(named[1] or repr(named[2])) if named else ""
        there = f"cognito-identity.{pool.partition(':')[0]}.amazonaws.com" if ":" in pool else ""
        yield Call(
            index=index,
            kind=_KINDS[match["what"]],
            method="POST",
            url=f"https://{host}/" if host != "Cognito" else "",
            host=there or host,
            vending=Vending(identity_pool_id=pool) if pool else None,
            path="/",
            status=500 if match["type"].startswith("Internal") else 400,
            error_type=match["type"],
            error_message=match["message"],
            author=Author.AWS,
        )
