"""The probe as a fact: what a guest with this configuration was answered a moment ago."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, cast

from rumkit.aws.partitions import data_plane_host
from rumkit.aws.probe import ProbePlan, walk
from rumkit.client.options import known_text
from rumkit.evidence.facts import fact
from rumkit.evidence.trail import TrailFacts
from rumkit.model import NotCollected

if TYPE_CHECKING:
    from rumkit.aws.probe import Flow, ProbeResult
    from rumkit.client.snippet import Snippet

_WALKED = frozenset({"enhanced", "basic", "unsigned"})


class ProbeFacts(TrailFacts):
    """What the opt-in probe saw; without `probe` nothing is sent."""

    @fact
    def probe(self) -> ProbeResult:
        """How far one marked event came on the way of a browser's events."""
        if not self.target.probe:
            raise NotCollected("probe", "no probe was asked for", missing=("input:probe",))
        plan = self.probe_plan
        # Everything else is read first, so that the probe's own event and refusals are never
        # taken for those of a visitor.
        for name in TrailFacts.names():
            with contextlib.suppress(Exception):
                getattr(self, name)
        return walk(plan, self.session)

    @fact
    def probe_plan(self) -> ProbePlan:
        """What a browser with this page's configuration, or the monitor's, does."""
        snippet = self.snippet_or_none()
        return self._plan_of_page(snippet) if snippet else self._plan_of_monitor()

    def _plan_of_page(self, snippet: Snippet) -> ProbePlan:
        flow, endpoint = self.flow, snippet.endpoint(self.behaviour)
        region, ident = snippet.signing_region, snippet.app_monitor_id
        if flow not in _WALKED:
            raise NotCollected(
                "probe", f"the probe cannot take this client's way to credentials ({flow})"
            )
        if not (isinstance(ident, str) and region and endpoint):
            raise NotCollected(
                "probe", "the snippet's app monitor id, region or endpoint is an expression"
            )
        version = snippet.app_version
        return ProbePlan(
            cast("Flow", flow),
            ident,
            region,
            endpoint,
            pool_id="" if flow == "unsigned" else self.pool_id,
            role_arn=known_text(snippet.setting("guestRoleArn")),
            alias=self.alias() or "",
            app_version=version if isinstance(version, str) else "1.0.0",
            referer=self._referer(),
        )

    def _referer(self) -> str:
        """Return what a browser tells other origins of this page by default: its origin."""
        seen = self.referer_context().get("aws:Referer")
        return seen[0] if isinstance(seen, tuple) and seen else ""

    def _plan_of_monitor(self) -> ProbePlan:
        """Plan for the snippet that the RUM console generates for this monitor."""
        monitor = self.monitor
        pool, role = (self.configured(key) for key in ("IdentityPoolId", "GuestRoleArn"))
        flow: Flow = "unsigned" if not pool else "basic" if role else "enhanced"
        return ProbePlan(
            flow,
            monitor.id,
            monitor.region,
            f"https://{data_plane_host(monitor.region)}",
            pool_id=str(pool or ""),
            role_arn=str(role or ""),
        )
