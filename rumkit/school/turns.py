"""The wrong turns that learners take, each with its own answer: what it does, and why it won't do.

Some of them even work. They are not accepted then: what they cost is what the course is about.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from rumkit.school import site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ROLE = "RUM-Monitor-shop-web-Unauth"
_MONITOR = "shop-web"


class PracticeSite:
    """The practice site and its account as they are now, each part read when it is asked for.

    `before` is the same when the exercise began, None at that moment itself.
    """

    def __init__(self, before: PracticeSite | None = None) -> None:
        self.before = before

    @cached_property
    def html(self) -> str:
        """The page's HTML without white space."""
        return "".join(site.page().html.split())

    @cached_property
    def policy(self) -> dict[str, tuple[str, ...]]:
        """The content security policy's directives with their sources."""
        parts = (part.split() for part in site.page().policy.split(";"))
        return {words[0].lower(): tuple(words[1:]) for words in parts if words}

    @cached_property
    def monitor(self) -> dict[str, Any]:
        """The monitor's configuration."""
        reply = _client("rum").get_app_monitor(Name=_MONITOR)
        configuration: dict[str, Any] = reply["AppMonitor"].get("AppMonitorConfiguration", {})
        return configuration

    @cached_property
    def permissions(self) -> tuple[dict[str, Any], ...]:
        """The statements of the guest role's inline policies that allow something."""
        iam = _client("iam")
        names = iam.list_role_policies(RoleName=_ROLE)["PolicyNames"]
        read = (iam.get_role_policy(RoleName=_ROLE, PolicyName=name) for name in names)
        return tuple(_allowing(each["PolicyDocument"] for each in read))

    @cached_property
    def trust(self) -> tuple[dict[str, Any], ...]:
        """The statements of the guest role's trust policy that allow something."""
        role = _client("iam").get_role(RoleName=_ROLE)["Role"]
        return tuple(_allowing([role["AssumeRolePolicyDocument"]]))

    @cached_property
    def resource_policy(self) -> tuple[dict[str, Any], ...]:
        """The statements of the monitor's resource policy that allow something."""
        from botocore.exceptions import ClientError

        try:
            text = _client("rum").get_resource_policy(Name=_MONITOR)["PolicyDocument"]
        except ClientError:
            return ()
        return tuple(_allowing([json.loads(text)]))

    @cached_property
    def pool(self) -> dict[str, Any]:
        """The identity pool that the monitor names."""
        name = str(self.monitor.get("IdentityPoolId", ""))
        cognito = _client("cognito-identity")
        pool: dict[str, Any] = cognito.describe_identity_pool(IdentityPoolId=name)
        return pool

    def option(self, name: str) -> str:
        """Return what the page's configuration gives an option, up to a comma or bracket."""
        match = re.search(rf"\b{name}:([^,}}\]]+)", self.html)
        return match[1] if match else ""


@dataclass(frozen=True)
class Turn:
    """A wrong turn: how it shows, and what is said of it.

    `numbers` are the exercises in which it may be taken.
    """

    numbers: tuple[int, ...]
    shows: Callable[[PracticeSite], bool]
    says: str


def taken(number: int, place: PracticeSite) -> tuple[Turn, ...]:
    """Return the wrong turns that show in an exercise."""
    return tuple(turn for turn in TURNS if number in turn.numbers and _shows(turn, place))


def _shows(turn: Turn, place: PracticeSite) -> bool:
    """Tell whether a turn shows; what is gone altogether is seen by the investigation."""
    from botocore.exceptions import ClientError

    try:
        return turn.shows(place)
    except (ClientError, KeyError):
        return False


def _client(service: str) -> Any:
    import boto3

    session: Any = boto3.Session()
    return session.client(service)


def _allowing(documents: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for document in documents:
        statements = document.get("Statement", [])
        for each in statements if isinstance(statements, list) else [statements]:
            if each.get("Effect") == "Allow":
                yield each


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _rate(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


def _script(place: PracticeSite) -> tuple[str, ...]:
    return place.policy.get("script-src", place.policy.get("default-src", ()))


def _hashed(sources: Iterable[str]) -> bool:
    return any(re.match(r"'(?:sha\d+|nonce)-", each) for each in sources)


def _unsafe_inline(place: PracticeSite) -> bool:
    return "'unsafe-inline'" in _script(place) and not _hashed(_script(place))


def _ignored_inline(place: PracticeSite) -> bool:
    return "'unsafe-inline'" in _script(place) and _hashed(_script(place))


def _connect_all(place: PracticeSite) -> bool:
    sources = place.policy.get("connect-src", place.policy.get("default-src", ()))
    wide = {"*", "https:", "https://*", "https://*.amazonaws.com", "*.amazonaws.com"}
    return bool(wide.intersection(sources))


def _every_monitor(place: PracticeSite) -> bool:
    resources = (name for each in place.permissions for name in _listed(each.get("Resource", "")))
    return any("*" in name or "?" in name for name in resources)


def _every_action(place: PracticeSite) -> bool:
    actions = (name for each in place.permissions for name in _listed(each.get("Action", "")))
    return any("*" in name for name in actions)


def _by_id(place: PracticeSite) -> bool:
    resources = [name for each in place.permissions for name in _listed(each.get("Resource", ""))]
    return any(re.search(r"appmonitor/[0-9a-f]{8}-", name) for name in resources)


def _any_identity(place: PracticeSite) -> bool:
    ours = [s for s in place.trust if "cognito-identity" in json.dumps(s.get("Principal"))]
    return any(":amr" not in json.dumps(each.get("Condition", {})) for each in ours)


def _signed_in(place: PracticeSite) -> bool:
    # `unauthenticated` holds the word too.
    return any('"authenticated"' in json.dumps(s.get("Condition", {})) for s in place.trust)


def _unconditional(place: PracticeSite) -> bool:
    return any(not each.get("Condition") for each in place.resource_policy)


def _bare_origin(place: PracticeSite) -> bool:
    return bool(re.search(r'"https://www\.shop\.example/?"', json.dumps(place.resource_policy)))


def _no_policy(place: PracticeSite) -> bool:
    return not place.policy


TURNS: Final = (
    Turn(
        (2,),
        lambda place: (
            place.before is not None
            and place.monitor != place.before.monitor
            and _rate(place.option("sessionSampleRate")) == 0
        ),
        "The monitor's setting was changed, and the page was not. Browsers do what the deployed"
        " page tells them; the monitor's setting only feeds the snippet that the console makes.",
    ),
    Turn(
        (2,),
        lambda place: 0 < _rate(place.option("sessionSampleRate")) < 1,
        "A part of the sessions is recorded. That works, and is not accepted: nobody asked for a"
        " sample, and with few visitors it looks like the silence of before. 1 records every one.",
    ),
    Turn(
        (3,),
        lambda place: "guestRoleArn:" in place.html and "identityPoolId:" not in place.html,
        "The client was given a role and no identity pool: there is still nobody to ask for the"
        " token with which the role is had.",
    ),
    Turn(
        (4,),
        lambda place: not place.pool.get("AllowUnauthenticatedIdentities"),
        "The pool admits no guests any more: update-identity-pool replaces the whole pool, and"
        " what is not given again is switched off.",
    ),
    Turn(
        (5, 12),
        _signed_in,
        "The role trusts people who signed in. The visitors of a shop are guests.",
    ),
    Turn(
        (5, 12),
        _any_identity,
        "The role's trust says nothing of the kind of identity. That works, and is not accepted:"
        " amr keeps a role for guests to guests.",
    ),
    Turn(
        (6, 13),
        _every_monitor,
        "The resource holds a wildcard: every guest may send to more than this monitor. That"
        " works, and is not accepted: name the one ARN.",
    ),
    Turn(
        (6,),
        _every_action,
        "The action holds a wildcard: every guest may do more than send events. That works, and is"
        " not accepted: rum:PutRumEvents is all that a client needs.",
    ),
    Turn(
        (6,),
        _by_id,
        "The ARN ends in the monitor's id. Requests carry the id, and ARNs the name: such a policy"
        " looks right and allows nothing.",
    ),
    Turn(
        (7,),
        lambda place: (
            "dataplane.rum.eu-west-1" in place.html and "'us-west-2'" in place.html
        ),
        "The requests go to the right host now, and are still signed for another region.",
    ),
    Turn(
        (7,),
        lambda place: (
            "dataplane.rum.us-west-2" in place.html and "'us-west-2'" not in place.html
        ),
        "The requests are signed for the right region now, and still go to another host.",
    ),
    Turn(
        (8, 9, 12),
        _no_policy,
        "The policy is gone. That works, and is not accepted: security wanted one, and a page"
        " without it runs whatever somebody manages to put on it.",
    ),
    Turn(
        (8, 12),
        _unsafe_inline,
        "'unsafe-inline' lets the snippet run, and every other script that somebody manages to put"
        " on the page. That works, and is not accepted: a hash allows the one text.",
    ),
    Turn(
        (8, 12),
        _ignored_inline,
        "'unsafe-inline' stands beside a hash or a nonce, and browsers then ignore it.",
    ),
    Turn(
        (8, 12),
        lambda place: any(each.startswith("sha256-") for each in _script(place)),
        "A hash stands without its single quotes: it is taken for the name of a host.",
    ),
    Turn(
        (9,),
        _connect_all,
        "The page may now talk to everybody, so that a stolen basket can go anywhere. That works,"
        " and is not accepted: connect-src names the hosts that this client calls.",
    ),
    Turn(
        (9,),
        lambda place: "sts.eu-central-1" in json.dumps(place.policy)
        and "cognito-identity.eu-central-1" not in json.dumps(place.policy),
        "STS was added, which the enhanced flow never calls. Which host does it ask first?",
    ),
    Turn(
        (10,),
        _unconditional,
        "The resource policy has no condition: whoever knows the monitor's id may send, and each"
        " event is billed. That works, and is not accepted.",
    ),
    Turn(
        (10,),
        _bare_origin,
        "The condition compares with the bare origin. What is sent ends in a path, were it but a"
        " slash, so it needs a * at its end.",
    ),
    Turn(
        (11,),
        lambda place: "enableXRay:false" in place.html,
        "The header is asked for, and tracing is off: enableXRay begins the trace. The guide's text"
        " leaves that out.",
    ),
    Turn(
        (14,),
        lambda place: re.search(r"<body[^>]*><script>", place.html) is not None
        and "AwsRumClient" in place.html.partition("<body")[2],
        "The snippet is the first script now, and still stands in the body. The loader looks for"
        " the first script in another place.",
    ),
)  # fmt: skip
