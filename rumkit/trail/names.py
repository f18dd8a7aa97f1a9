"""The CloudTrail events that rumkit reads, by kind.

`put-rum-events` and `cognito` are data events; `sts` and `changes` are management events.
Facts: "Logging CloudWatch API calls with AWS CloudTrail", the CloudTrail table of data events,
"Logging IAM and AWS STS API calls with AWS CloudTrail".
"""

from __future__ import annotations

from typing import Final

PUT_RUM_EVENTS: Final = "put-rum-events"
COGNITO: Final = "cognito"
STS: Final = "sts"
CHANGES: Final = "changes"
KINDS: Final = (PUT_RUM_EVENTS, COGNITO, STS, CHANGES)
ALL_KINDS: Final = frozenset(KINDS)
DATA_KINDS: Final = frozenset({PUT_RUM_EVENTS, COGNITO})

# What a person calls each kind.
WORDS: Final = {
    PUT_RUM_EVENTS: "PutRumEvents calls",
    COGNITO: "Cognito's calls of browsers",
    STS: "AssumeRoleWithWebIdentity calls",
    CHANGES: "configuration changes",
}

RUM_SOURCE: Final = "rum.amazonaws.com"
COGNITO_SOURCE: Final = "cognito-identity.amazonaws.com"
STS_SOURCE: Final = "sts.amazonaws.com"
IAM_SOURCE: Final = "iam.amazonaws.com"

# What the browser calls to get credentials, and what it calls with them.
PUT_NAMES: Final = ("PutRumEvents",)
COGNITO_NAMES: Final = ("GetId", "GetOpenIdToken", "GetCredentialsForIdentity")
STS_NAMES: Final = ("AssumeRoleWithWebIdentity",)

# Configuration changes that can stop or start delivery, by the service that records them.
CHANGE_NAMES: Final = {
    RUM_SOURCE: (
        "CreateAppMonitor",
        "UpdateAppMonitor",
        "DeleteAppMonitor",
        "PutResourcePolicy",
        "DeleteResourcePolicy",
    ),
    COGNITO_SOURCE: (
        "CreateIdentityPool",
        "UpdateIdentityPool",
        "DeleteIdentityPool",
        "SetIdentityPoolRoles",
    ),
    IAM_SOURCE: (
        "CreateRole",
        "UpdateRole",
        "DeleteRole",
        "UpdateAssumeRolePolicy",
        "PutRolePolicy",
        "DeleteRolePolicy",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "DeleteRolePermissionsBoundary",
        "CreatePolicyVersion",
        "SetDefaultPolicyVersion",
        "DeletePolicyVersion",
        "DeletePolicy",
    ),
}

# What each resource's changes are called, for the question which change a fault can come from.
MONITOR_CHANGES: Final = frozenset({"CreateAppMonitor", "UpdateAppMonitor", "DeleteAppMonitor"})
RESOURCE_POLICY_CHANGES: Final = frozenset({"PutResourcePolicy", "DeleteResourcePolicy"})
POOL_CHANGES: Final = frozenset(CHANGE_NAMES[COGNITO_SOURCE])
ROLE_CHANGES: Final = frozenset({"CreateRole", "UpdateRole", "DeleteRole"})
# Which role guests get is the pool's to say, and with it whose trust and permissions decide.
_WHOSE_ROLE: Final = ROLE_CHANGES | {"SetIdentityPoolRoles"}
TRUST_CHANGES: Final = _WHOSE_ROLE | {"UpdateAssumeRolePolicy"}
PERMISSION_CHANGES: Final = (
    frozenset(CHANGE_NAMES[IAM_SOURCE]) - TRUST_CHANGES | _WHOSE_ROLE | RESOURCE_POLICY_CHANGES
)

ANY_CHANGE: Final = frozenset(name for names in CHANGE_NAMES.values() for name in names)

# (source, name) -> kind. The source matters: PutResourcePolicy, for one, has many owners.
KIND_OF: Final[dict[tuple[str, str], str]] = {
    **{(RUM_SOURCE, name): PUT_RUM_EVENTS for name in PUT_NAMES},
    **{(COGNITO_SOURCE, name): COGNITO for name in COGNITO_NAMES},
    **{(STS_SOURCE, name): STS for name in STS_NAMES},
    **{(source, name): CHANGES for source, names in CHANGE_NAMES.items() for name in names},
}
# Of the names of calls, which differ between the kinds.
KIND_OF_NAME: Final = {name: kind for (_, name), kind in KIND_OF.items()}


def names_of(kinds: frozenset[str]) -> tuple[str, ...]:
    """Return the event names of some kinds, in a fixed order, each once."""
    names = (name for (_, name), kind in KIND_OF.items() if kind in kinds)
    return tuple(dict.fromkeys(names))


def sources_of(kinds: frozenset[str]) -> tuple[str, ...]:
    """Return the event sources of some kinds, in a fixed order, each once."""
    sources = (source for (source, _), kind in KIND_OF.items() if kind in kinds)
    return tuple(dict.fromkeys(sources))
