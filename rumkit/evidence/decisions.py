"""Facts that follow from others without a call: what IAM decides for this client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit.aws.policy import decide
from rumkit.aws.policy.types import ABSENT, Policies, PolicyDocument
from rumkit.aws.rum_requests import (
    BASIC_SESSION,
    ENHANCED_SESSION,
    UNLISTED,
    new_guest,
    put_rum_events_request,
    web_identity_request,
)
from rumkit.client.options import known_text
from rumkit.evidence.account import AccountFacts
from rumkit.evidence.facts import fact, or_none
from rumkit.target import iso

if TYPE_CHECKING:
    from rumkit.aws.policy.types import Decision, KeyValue, Request
    from rumkit.aws.roles import NamedPolicy

_ORIGIN_ONLY = frozenset(
    {"", "strict-origin-when-cross-origin", "origin-when-cross-origin", "origin", "strict-origin"}
)
_AWS_OWNED = ":iam::aws:policy/"


class DecisionFacts(AccountFacts):
    """Decisions of the policy evaluator over the account's policies."""

    @fact
    def trust_request(self) -> Request:
        """The call that turns a guest's token into the guest role's credentials."""
        return web_identity_request(
            self.pool_id,
            self.guest_role.arn,
            enhanced=self.flow_or_default() == "enhanced",
            context=self.moment_context() | new_guest(self.pool_id),
        )

    @fact
    def trust_policies(self) -> Policies:
        """The guest role's trust policy."""
        role = self.guest_role
        return Policies(trust=PolicyDocument(role.name, role.trust))

    @fact
    def trust_decision(self) -> Decision:
        """Whether the guest role may be assumed by a guest of this pool."""
        return decide(self.trust_request, self.trust_policies)

    @fact
    def permission_request(self) -> Request:
        """PutRumEvents on this monitor, signed with the guest role's credentials."""
        enhanced = self.flow_or_default() == "enhanced"
        return put_rum_events_request(
            self.monitor_arn,
            role_arn=self.guest_role_arn,
            session_name=ENHANCED_SESSION if enhanced else BASIC_SESSION,
            pool_id=self.pool_id,
            tags=self.guest_role.tags,
            monitor_tags=self.monitor.tags,
            alias=self.alias(),
            monitor_id=self.monitor.id,
            context=self.referer_context() | self.moment_context() | self._new_session(),
        )

    @fact
    def permission_policies(self) -> Policies:
        """Every readable policy that bears on that call."""
        boundary = self.guest_role_boundary
        return Policies(
            identity=tuple(map(_document, self.guest_role_policies.policies)),
            boundary=_document(boundary) if boundary else None,
            resource=self._resource_document(),
            unknown=("identity",) if self.guest_role_policies.unread else (),
        )

    @fact
    def permission_decision(self) -> Decision:
        """Whether the guest role may call PutRumEvents on this monitor."""
        return decide(self.permission_request, self.permission_policies)

    @fact
    def anonymous_request(self) -> Request:
        """PutRumEvents on this monitor, unsigned."""
        return put_rum_events_request(
            self.monitor_arn,
            monitor_tags=self.monitor.tags,
            alias=self.alias(),
            monitor_id=self.monitor.id,
            context=self.referer_context() | self.moment_context(),
        )

    @fact
    def anonymous_policies(self) -> Policies:
        """The monitor's resource policy, which alone admits unsigned calls."""
        return Policies(resource=self._resource_document())

    @fact
    def anonymous_decision(self) -> Decision:
        """Whether an unsigned PutRumEvents is admitted."""
        return decide(self.anonymous_request, self.anonymous_policies)

    def unlisted_decision(self, *, unsigned: bool = False) -> Decision:
        """Return what is decided for a visitor whose address and network no policy lists."""
        request = self.anonymous_request if unsigned else self.permission_request
        policies = self.anonymous_policies if unsigned else self.permission_policies
        return decide(replace(request, context={**request.context, **UNLISTED}), policies)

    def moment_context(self) -> dict[str, KeyValue]:
        """Return the end of the window as policies are asked about it: who comes now."""
        until = self.target.window.until
        return {
            "aws:CurrentTime": (iso(until),),
            "aws:EpochTime": (str(int(until.timestamp())),),
        }

    def _new_session(self) -> dict[str, KeyValue]:
        """Return what a guest's session has that is made at the end of the window."""
        issued = (iso(self.target.window.until),)
        return new_guest(self.pool_id) | {"aws:TokenIssueTime": issued}

    def _resource_document(self) -> PolicyDocument | None:
        document = self.resource_policy
        return None if document is None else PolicyDocument(f"of {self.monitor.name}", document)

    def referer_context(self) -> dict[str, KeyValue]:
        """Return what browsers send as Referer from this page to another origin.

        By default (strict-origin-when-cross-origin) that is the page's origin alone; a page with
        another Referrer-Policy leaves it untold.
        """
        page = or_none(lambda: self.page)
        if page is None:
            return {}
        parts = urlsplit(page.url)
        policy = ",".join(page.header("referrer-policy")).rpartition(",")[2].strip().lower()
        if parts.scheme != "https" or not parts.hostname:
            return {}
        if policy in {"no-referrer", "same-origin"}:
            return {"aws:Referer": ABSENT}
        if policy in _ORIGIN_ONLY:
            return {"aws:Referer": (f"{parts.scheme}://{parts.netloc}/",)}
        return {}

    def alias(self) -> str | None:
        """Return the alias that the client sends, None when it sends none."""
        snippet = self.snippet_or_none()
        return (known_text(snippet.setting("alias")) or None) if snippet else None

    def admits_anyone(self) -> bool:
        """Tell whether the monitor is known to admit this client's calls unsigned."""
        return or_none(lambda: self.anonymous_decision.outcome) == "allowed"


def _document(policy: NamedPolicy) -> PolicyDocument:
    return PolicyDocument(policy.name, policy.document, editable=_AWS_OWNED not in policy.arn)
