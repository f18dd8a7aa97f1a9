"""Ids of the wrong kind: what each is, and what the client then does."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from rumkit.aws_names import (
    is_account,
    is_identity_pool_id,
    is_region,
    is_region_like,
    is_role_arn,
    is_user_pool_id,
    is_uuid,
    known_regions,
)
from rumkit.client.snippet import Problem
from rumkit.client.source.spelling import closest
from rumkit.client.values import Expression, Undefined, Value, written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rumkit.client.snippet import Snippet

_SAMPLE_ID = re.compile(r"0{8}-0{4}-0{4}-0{4}-0{11}[01]")
_NAME = re.compile(r"(?!\.)[\w.#-]{1,255}")
_CUT_UUID = re.compile(r"[0-9a-fA-F-]{20,}")
_VERSION = re.compile(r"v?\d{1,5}(?:\.|$)")
_ZONE = re.compile(r"([a-z-]+-\d)[a-z]")
_ENDPOINT_REGION = re.compile(r"https?://dataplane\.rum\.([a-z0-9-]+)\.amazonaws\.com(?:[:/].*)?")
# Terraform's id and name of a monitor, and the reference of the CDK's CfnAppMonitor, are its name;
# so is the id of Pulumi's AppMonitor, which has no `Cfn` before it.
_NAME_ATTRIBUTE = re.compile(
    r"(?P<terraform>\baws_rum_app_monitor\.[\w-]{1,80}(?:\[[^\]\n]{0,40}\])?\.(?:id|name)\b)"
    r"|\b(?:this\.)?\w{0,40}[aA]ppMonitor\w{0,40}\.ref\b"
)
_MADE = re.compile(r"(Cfn)?AppMonitor(?:\(|\.Builder)")
_GIVEN_TO = re.compile(
    r"(?<!\w)(\w{1,60})\s{0,5}(?::[^=\n]{0,60})?=\s{0,5}(?:new\s{1,5})?(?:\w{1,40}\.){0,4}$"
)
_BEFORE = 200
_MAX_MADE = 20
_SWAPPED = frozenset(("app_monitor_id", "identityPoolId"))
_ENDPOINT_PATH = re.compile(r"amazonaws\.com(?::\d+)?(/[^?#/][^?#]*)")
# Hosts of RUM itself that are none of its data planes, as the control plane's.
_OTHER_RUM_HOST = re.compile(
    r"https?://((?:[a-z0-9-]+\.){0,3}rum\.(?:[a-z0-9-]+\.)?amazonaws\.com)(?:[:/].*)?"
)
_NO_HOST = "a host that does not exist"


def identifier_problems(
    snippet: Snippet, known: Collection[str], text: str = ""
) -> Iterator[Problem]:
    """Yield what is wrong with the ids, the Region and the order of the arguments.

    `known` are the fields whose problem is known already, `text` is that of the whole file.
    """
    shifted = _shifted(snippet)
    if shifted:
        yield shifted
    fields = {
        "app_monitor_id": (snippet.app_monitor_id, _monitor_id),
        "region": (snippet.region, _region),
        "identityPoolId": (snippet.config.get("identityPoolId", ""), _pool_id),
        "guestRoleArn": (snippet.config.get("guestRoleArn", ""), _role_arn),
        "endpoint": (snippet.config.get("endpoint", ""), _endpoint),
    }
    swapped = _swapped(snippet.app_monitor_id, fields["identityPoolId"][0])
    for field, (value, evaluate) in fields.items():
        if field in known or (shifted and field in {"app_monitor_id", "region"}):
            continue
        if isinstance(value, Expression):
            wrong = _handed_out(value, text) if field == "app_monitor_id" else None
        else:
            wrong = evaluate(value)
        if wrong:
            code, message = wrong
            yield Problem(code, f"{message}{swapped if field in _SWAPPED else ''}", field)


def _swapped(monitor: Value, pool: Value) -> str:
    texts = isinstance(monitor, str) and isinstance(pool, str)
    if texts and is_identity_pool_id(str(monitor)) and is_uuid(str(pool)):
        return ". The two ids likely stand in each other's place: swap them"
    return ""


def _handed_out(value: Expression, text: str) -> tuple[str, str] | None:
    """Tell when infrastructure code hands out a monitor's name, by the attribute that it reads."""
    attribute, right = "", "attrId (attr_id in Python)"
    if match := _NAME_ATTRIBUTE.search(value.source):
        attribute = match[0]
        right = "app_monitor_id" if match["terraform"] else right
    for made in itertools.islice(_MADE.finditer(text), 0 if match else _MAX_MADE):
        names = r"ref\b|getRef\(\)" if made[1] else r"(?:id|name)\b"
        holder = _GIVEN_TO.search(text[max(0, made.start() - _BEFORE) : made.start()])
        if holder and (match := re.search(rf"\b{holder[1]}\.(?:{names})", value.source)):
            attribute = match[0]
            right = right if made[1] else "appMonitorId (app_monitor_id in Python)"
    if not attribute:
        return None
    message = (
        f"the app monitor id is {attribute}, which is the monitor's name; its id is {right}: RUM"
        " refuses each batch"
    )
    return "monitor-name-as-id", message


def _monitor_id(value: Value) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "not-uuid", f"the app monitor id is {written(value)}"
    shown = f"the app monitor id {value[:80]!r}"
    if _SAMPLE_ID.fullmatch(value):
        return "sample-id", f"the app monitor id {value} is the one printed in the documentation"
    if is_uuid(value):
        return None
    if value.startswith("arn:"):
        return (
            "arn-as-id",
            f"{shown} is an ARN; the id is the monitor's UUID: RUM refuses each batch",
        )
    if is_identity_pool_id(value) or is_user_pool_id(value):
        kind = "identity" if is_identity_pool_id(value) else "user"
        return "pool-as-id", f"{shown} is the id of a {kind} pool: RUM refuses each batch"
    if is_account(value):
        message = f"{shown} has the form of an AWS account's id: RUM refuses each batch"
        return "account-as-id", message
    if _CUT_UUID.fullmatch(value) or not _NAME.fullmatch(value):
        return "not-uuid", f"{shown} is not a UUID"
    message = (
        f"{shown} is not a UUID; it looks like the monitor's name. The client does not check it: it"
        " starts, gets credentials, and RUM refuses each batch"
    )
    return "monitor-name-as-id", message


def _region(value: Value) -> tuple[str, str] | None:
    if isinstance(value, Undefined):
        return None
    if not isinstance(value, str):
        return "not-a-region", f"the region argument is {written(value)}"
    shown = f"the region argument {value[:80]!r}"
    if is_region(value):
        return None
    if is_identity_pool_id(value) or is_user_pool_id(value):
        return "pool-as-region", f"{shown} is the id of a pool, where the name of a Region belongs"
    zone = _ZONE.fullmatch(value)
    if zone and is_region(zone[1]):
        return "zone-as-region", f"{shown} is an Availability Zone; its Region is {zone[1]}"
    if is_region_like(value) or closest(value, known_regions(), 2):
        return "unknown-region", f"{shown} is not a Region that exists{_meant(value)}"
    return "not-a-region", f"{shown} does not have the form of an AWS Region"


def _meant(region: str) -> str:
    close = closest(region, known_regions(), 2)[:3]
    return f" (is {' or '.join(close)} meant?)" if close else ""


def _pool_id(value: Value) -> tuple[str, str] | None:
    if not isinstance(value, str) or not value:
        return None
    host = f"cognito-identity.{value.partition(':')[0][:60]}.amazonaws.com"
    shown = f"identityPoolId {value[:80]!r}"
    if is_identity_pool_id(value):
        region, _, ident = value.partition(":")
        if _SAMPLE_ID.fullmatch(ident):
            return "sample-id", f"{shown} is the one printed in the documentation"
        if is_region(region):
            return None
        close = _meant(region)
        return "unknown-region", f"{shown} names a Region that does not exist{close}"
    asks = f": the client asks {host}, {_NO_HOST}"
    if is_user_pool_id(value):
        what = "is the id of a user pool, not of an identity pool (region:uuid)"
        return "user-pool-as-pool", f"{shown} {what}{asks}"
    if is_uuid(value):
        what = "lacks the Region and the colon before the UUID"
        return "uuid-as-pool", f"{shown} {what}{asks}"
    if value.startswith("arn:"):
        return "arn-as-pool", f"{shown} is an ARN; the id is region:uuid{asks}"
    return "not-a-pool", f"{shown} does not have the form region:uuid of an identity pool's id"


def _role_arn(value: Value) -> tuple[str, str] | None:
    if not isinstance(value, str) or not value or is_role_arn(value):
        return None
    message = (
        f"guestRoleArn {value[:100]!r} is not the ARN of an IAM role"
        " (arn:aws:iam::account:role/name): STS refuses it"
    )
    return "not-a-role-arn", message


def _endpoint(value: Value) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return None
    if match := _ENDPOINT_REGION.fullmatch(value):
        wrong = f"the endpoint names the Region {match[1][:40]!r}, which does not exist"
        if not is_region(match[1]):
            return "unknown-region", f"{wrong}{_meant(match[1])}"
        if path := _ENDPOINT_PATH.search(value):
            what = f"the endpoint ends in the path {path[1][:80]!r}, to which the client adds"
            return "endpoint-path", f"{what} /appmonitors/ID: the data plane knows no such address"
        if value.startswith("http:"):
            what = "the endpoint is one of http, where AWS answers nothing"
            return "endpoint-http", f"{what}, and a page of https may not even ask"
        return None
    if other := _OTHER_RUM_HOST.fullmatch(value):
        what = f"the endpoint {other[1]} is not RUM's data plane (dataplane.rum.REGION.amazonaws"
        return "not-the-data-plane", f"{what}.com): RUM takes no events there"
    return None


def _shifted(snippet: Snippet) -> Problem | None:
    """Return the problem of arguments that all stand one place too early or too late."""
    name, monitor = snippet.namespace, snippet.app_monitor_id
    version, region = snippet.app_version, snippet.region
    message = ""
    if snippet.kind == "loader" and _uuid(name) and not _uuid(monitor):
        message = "the first argument, the namespace, is missing: the app monitor id stands there"
    elif _uuid(version) and not _uuid(monitor):
        message = f"the app monitor id stands second; {written(monitor)} stands in its place"
    elif _region_name(version) and isinstance(region, str) and _VERSION.match(region):
        return Problem(
            "arguments-shifted",
            f"the version {written(region)} and the Region {written(version)} stand in each"
            " other's place",
            "region",
        )
    elif _region_name(version) and not _region_name(region) and not isinstance(region, Expression):
        what = "the id of a pool" if isinstance(region, str) and ":" in region else written(region)
        message = (
            f"the application version is missing: the Region {written(version)} stands in its"
            f" place, and {what} where the Region belongs"
        )
    if not message:
        return None
    wrong = "app_monitor_id" if _region_name(region) else "region"
    return Problem("arguments-shifted", f"the arguments are shifted by one: {message}", wrong)


def _uuid(value: Value) -> bool:
    return isinstance(value, str) and is_uuid(value)


def _region_name(value: Value) -> bool:
    return isinstance(value, str) and is_region(value)
