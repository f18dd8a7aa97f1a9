"""Which kind of policy denied a call, as AWS's own message ends.

Source: IAM user guide, "Access denied error messages". Since 2025 an explicit deny may be followed
by the policy's ARN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Layer = Literal["identity", "resource", "boundary", "session", "organisation", "endpoint", "trust"]
_LAYERS: Final[dict[str, Layer]] = {
    "identity-based policy": "identity",
    "resource-based policy": "resource",
    "permissions boundary": "boundary",
    "session policy": "session",
    "service control policy": "organisation",
    "resource control policy": "organisation",
    "vpc endpoint policy": "endpoint",
    "role trust policy": "trust",
}
_CLAUSE: Final = re.compile(
    rf"(?:because no|with an explicit deny in an?) ({'|'.join(_LAYERS)})"
    r"(?: allows the [\w:*]{1,120} action|: (arn:[\w:/.+=,@-]{1,400}))?",
    re.IGNORECASE,
)

_USER: Final = re.compile(r"User: arn:\S{1,80}:assumed-role/([\w+=,.@-]{1,64})/\S{1,128}")
_RESOURCE: Final = re.compile(
    r"on resource: arn:[\w-]{1,20}:\w{1,20}:([\w-]{1,20}):(\d{12}):(\S{1,300})"
)


@dataclass(frozen=True)
class Denial:
    """What denied a call: `words` are AWS's own, `policy` is an ARN or empty.

    `explicit` tells a Deny that matched from the lack of an Allow.
    """

    layer: Layer
    words: str
    explicit: bool
    policy: str = ""

    @property
    def name(self) -> str:
        """Return the policy's name or id, the end of its ARN; empty where AWS names none."""
        return self.policy.rpartition("/")[2]


def denial_of(message: str) -> Denial | None:
    """Return what AWS's message says of the policy that denied; None where it says nothing."""
    match = _CLAUSE.search(message)
    if match is None:
        return None
    return Denial(
        _LAYERS[match[1].lower()],
        match[0].rstrip("."),
        explicit="explicit deny" in match[0].lower(),
        policy=(match[2] or "").rstrip(".,"),
    )


def in_short(message: str) -> str:
    """Return AWS's message with the names of role and resource in place of their ARNs.

    What it says last, which policy denied, is then not what a narrow screen cuts off.
    """
    return _RESOURCE.sub(r"on \3 (\1, account \2)", _USER.sub(r"\1", message))
