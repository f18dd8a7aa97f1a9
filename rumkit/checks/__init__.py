"""The checks: one file per section of the guide, in one explicit order.

Within a hop the order decides which of several failed checks is the cause.
"""

from __future__ import annotations

from rumkit.checks import (
    content_security_policy,
    credentials,
    ingest,
    page,
    returns_403,
    session,
    token_vending,
    xray,
)

CHECKS = (
    *page.SNIPPET_CHECKS,
    *content_security_policy.CHECKS,
    *page.CHECKS,
    *session.CHECKS,
    *credentials.CHECKS,
    *token_vending.CHECKS,
    *returns_403.CHECKS,
    *ingest.CHECKS,
    *xray.CHECKS,
)
