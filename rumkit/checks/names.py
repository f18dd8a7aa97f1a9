"""The checks' ids, each a constant, so that a misspelt id fails at import."""

from __future__ import annotations

from typing import Final, NewType

CheckId = NewType("CheckId", str)

SNIPPET_PRESENT: Final = CheckId("snippet-present")
CLIENT_SCRIPT_LOADS: Final = CheckId("client-script-loads")
CSP_SCRIPT: Final = CheckId("csp-script")
CSP_CONNECT: Final = CheckId("csp-connect")
CLIENT_VERSION: Final = CheckId("client-version")
CLIENT_ENABLED: Final = CheckId("client-enabled")
SESSION_SAMPLE_RATE: Final = CheckId("session-sample-rate")
SESSION_EVENT_LIMIT: Final = CheckId("session-event-limit")
CREDENTIALS_CONFIGURED: Final = CheckId("credentials-configured")
IDENTITY_POOL: Final = CheckId("identity-pool")
CLASSIC_FLOW: Final = CheckId("classic-flow")
GUEST_ROLE_TRUST: Final = CheckId("guest-role-trust")
POOL_GUEST_ROLE: Final = CheckId("pool-guest-role")
TOKEN_VENDING_FAILURES: Final = CheckId("token-vending-failures")
ENDPOINT_REGION: Final = CheckId("endpoint-region")
STORED_CREDENTIALS: Final = CheckId("stored-credentials")
GUEST_ROLE_PERMISSION: Final = CheckId("guest-role-permission")
SIGNING: Final = CheckId("signing")
RESOURCE_POLICY: Final = CheckId("resource-policy")
PUT_EVENTS_DENIED: Final = CheckId("put-events-denied")
MONITOR_EXISTS: Final = CheckId("monitor-exists")
MONITOR_DOMAIN: Final = CheckId("monitor-domain")
EVENTS_ARRIVING: Final = CheckId("events-arriving")
THROTTLING: Final = CheckId("throttling")
CUSTOM_EVENTS: Final = CheckId("custom-events")
CONFIGURATION_DRIFT: Final = CheckId("configuration-drift")
XRAY_ENABLED: Final = CheckId("xray-enabled")
XRAY_HEADER: Final = CheckId("xray-header")
XRAY_CORS: Final = CheckId("xray-cors")
XRAY_JOINED: Final = CheckId("xray-joined")

# Every id above, without the import of what the checks read.
CHECK_IDS: Final = tuple(
    value for name, value in dict(globals()).items() if name.isupper() and isinstance(value, str)
)
