"""The checks: one folder per section of the guide, one file per check, in one explicit order.

Within a hop the order decides which of several failed checks is the cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks.beyond_the_guide import (
    client_version,
    configuration_drift,
    custom_events,
    monitor_domain,
    throttling,
)
from rumkit.checks.content_security_policy import csp_connect, csp_script
from rumkit.checks.events_not_sent import (
    client_enabled,
    client_script_loads,
    credentials_configured,
    events_arriving,
    session_event_limit,
    session_sample_rate,
    snippet_present,
)
from rumkit.checks.own import own_checks
from rumkit.checks.returns_403 import (
    endpoint_region,
    guest_role_permission,
    monitor_exists,
    put_events_denied,
    resource_policy,
    signing,
    stored_credentials,
)
from rumkit.checks.token_vending import (
    classic_flow,
    guest_role_trust,
    identity_pool,
    pool_guest_role,
    token_vending_failures,
)
from rumkit.checks.xray_tracing import xray_cors, xray_enabled, xray_header, xray_joined
from rumkit.model import Hop

if TYPE_CHECKING:
    from rumkit.checks.base import Check
    from rumkit.checks.names import CheckId

CHECKS = (
    snippet_present.CHECK,
    csp_script.CHECK,
    csp_connect.CHECK,
    client_script_loads.CHECK,
    client_version.CHECK,
    client_enabled.CHECK,
    session_sample_rate.CHECK,
    session_event_limit.CHECK,
    credentials_configured.CHECK,
    identity_pool.CHECK,
    classic_flow.CHECK,
    pool_guest_role.CHECK,
    guest_role_trust.CHECK,
    token_vending_failures.CHECK,
    endpoint_region.CHECK,
    stored_credentials.CHECK,
    guest_role_permission.CHECK,
    signing.CHECK,
    resource_policy.CHECK,
    put_events_denied.CHECK,
    monitor_exists.CHECK,
    monitor_domain.CHECK,
    events_arriving.CHECK,
    throttling.CHECK,
    custom_events.CHECK,
    configuration_drift.CHECK,
    xray_enabled.CHECK,
    xray_header.CHECK,
    xray_cors.CHECK,
    xray_joined.CHECK,
)


def all_checks() -> tuple[Check, ...]:
    """Return rumkit's checks with those of one's own, each of these last of its hop."""
    every = (*CHECKS, *own_checks())
    hops = list(Hop)
    return tuple(sorted(every, key=lambda check: hops.index(check.hop)))


def check_names() -> tuple[CheckId, ...]:
    """Return the names of all checks, those of one's own included."""
    return tuple(check.id for check in all_checks())
