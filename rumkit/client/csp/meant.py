"""What in a policy was meant for a host and does not cover it, and the slip that made it so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.csp.parse import KNOWN_DIRECTIVES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rumkit.client.csp.parse import Directive, Policy, SourceExpression
    from rumkit.client.csp.result import PolicyResult

_AWS_HOST = re.compile(r"([a-z-]+(?:\.rum)?\.)([a-z0-9-]+)\.amazonaws\.com")
_BLANK = re.compile(r"\$\{|\{\{|<[A-Za-z]|\[[A-Za-z]|\$[A-Z_]{3}|%[A-Z_]{3}")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MAX_SHOWN = 200
_MAX_TOLD = 3


def meant_for(
    hosts: Iterable[str],
    blocked: Iterable[PolicyResult],
    policies: Sequence[Policy],
    chain: tuple[str, ...],
) -> tuple[str, ...]:
    """Return a sentence for each slip in the policies that block.

    `chain` are the directives that govern, in their order. A source is meant for a host of AWS
    when it names the service, and for any other when it names the host.
    """
    services = {(m[1] if (m := _AWS_HOST.fullmatch(host)) else host): host for host in hosts}
    texts = {block.policy for result in blocked for block in result.blocks}
    carriers = {policy.carrier_index for policy in policies if policy.text in texts}
    slips: dict[str, list[str]] = {}
    for policy in policies:
        if policy.carrier_index in carriers and not policy.report_only:
            for what, why in _slips(policy, services, chain):
                slips.setdefault(why, []).append(what)
    return tuple(
        why.replace("…", " and ".join(dict.fromkeys(what)), 1) for why, what in slips.items()
    )[:_MAX_TOLD]


def _slips(
    policy: Policy, services: Mapping[str, str], chain: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield what is written, and a sentence with an ellipsis in its place."""
    governing = policy.directive(*chain)
    for directive in policy.directives:
        named = any(service in directive.text for service in services)
        if named and directive is not governing and (why := _ignored(directive, policy, chain)):
            yield _shown(directive.text.split()[0]), why
    if governing is None:
        return
    for source in governing.sources:
        service = next((name for name in services if name in source.text), "")
        if service and (why := _why(source, service, services[service])):
            yield _shown(source.text), f"{governing.name} holds …: {why}."


def _ignored(directive: Directive, policy: Policy, chain: tuple[str, ...]) -> str:
    """Say why a directive that names a service is of no use; empty when it is another's."""
    if directive.status == "bad-name" and policy.start and directive.start == 0:
        return (
            "A comma stands before …. It ends the policy, so that what follows is no source of"
            " anything: spaces belong between sources."
        )
    if directive.status == "unknown":
        dashed = _CAPITAL.sub("-", directive.text.split()[0]).lower()
        meant = f" ({dashed} is meant)" if dashed in KNOWN_DIRECTIVES else ""
        return f"A browser knows no directive …{meant}."
    if directive.status == "duplicate" and directive.name in chain:
        return "The policy has … twice, and a browser takes the first."
    return ""


def _why(source: SourceExpression, service: str, host: str) -> str:
    """Return why a source that names a service does not cover its host; empty when it may."""
    text = source.text
    if text.count("://") > 1:
        return "two sources run together, which a space has to separate"
    if _BLANK.search(text):
        return "a placeholder is left in it"
    if f"{service}*" in text:
        return "a star stands only at the beginning of a host"
    if text[:1] in {"'", '"'}:
        return "a host stands there without quotes"
    if source.kind != "host":
        return ""
    if source.host == host:
        return "that path lets no other through; leave the path out" if source.path else ""
    found, wanted = _AWS_HOST.fullmatch(source.host), _AWS_HOST.fullmatch(host)
    return f"that is the host of {found[2]}, not of {wanted[2]}" if found and wanted else ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}...")
