"""What a trail's event selectors record, and the selectors that would record what is missing.

Facts: the CloudTrail user guide, "Logging data events" and "Logging management events"; basic
selectors know data events of S3, Lambda and DynamoDB only, so that RUM and Cognito need
advanced ones; PutEventSelectors replaces all selectors of a trail.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rumkit.commands import aws_command
from rumkit.trail.names import (
    CHANGES,
    COGNITO,
    COGNITO_NAMES,
    COGNITO_SOURCE,
    IAM_SOURCE,
    PUT_NAMES,
    PUT_RUM_EVENTS,
    RUM_SOURCE,
    STS,
    STS_NAMES,
    STS_SOURCE,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rumkit.model import Fix

RESOURCE_TYPES: Final = {
    PUT_RUM_EVENTS: "AWS::RUM::AppMonitor",
    COGNITO: "AWS::Cognito::IdentityPool",
}
PRICE_NOTE: Final = (
    "Data events cost USD 0.10 per 100,000 delivered to a trail (price as of 2025; see "
    "https://aws.amazon.com/cloudtrail/pricing/), and their storage. The web client makes one "
    "PutRumEvents each 5 seconds of activity at most, and two or three Cognito calls per visitor "
    "and hour."
)


def _call(source: str, name: str, *, data: str = "", read_only: bool = False) -> dict[str, str]:
    """Return what selectors see of a call; `data` is the resource type of a data event."""
    category = {"eventCategory": "Data", "resources.type": data}
    return {
        **(category if data else {"eventCategory": "Management"}),
        "readOnly": str(read_only).lower(),
        "eventName": name,
        "eventSource": source,
        "eventType": "AwsApiCall",
    }


# Calls of each kind. STS failures are reads to CloudTrail, changes are writes.
_PROTOTYPES: Final[Mapping[str, Sequence[Mapping[str, str]]]] = {
    PUT_RUM_EVENTS: [
        _call(RUM_SOURCE, name, data=RESOURCE_TYPES[PUT_RUM_EVENTS]) for name in PUT_NAMES
    ],
    COGNITO: [_call(COGNITO_SOURCE, name, data=RESOURCE_TYPES[COGNITO]) for name in COGNITO_NAMES],
    STS: [_call(STS_SOURCE, name, read_only=True) for name in STS_NAMES],
    CHANGES: [
        _call(RUM_SOURCE, "UpdateAppMonitor"),
        _call(COGNITO_SOURCE, "UpdateIdentityPool"),
        _call(IAM_SOURCE, "PutRolePolicy"),
    ],
}


@dataclass(frozen=True)
class Recorded:
    """The kinds that selectors record, and those of which they record only some resources."""

    kinds: frozenset[str] = frozenset()
    partly: frozenset[str] = frozenset()


def recorded_by(
    selectors: Mapping[str, Any], arns: Mapping[str, Sequence[str]] | None = None
) -> Recorded:
    """Return what a GetEventSelectors or GetEventDataStore answer records.

    `arns` names the resources that matter, by kind: what selectors say of others is left aside.
    Without them a selector that names resources records some of its kind.
    """
    advanced = _advanced(selectors)
    verdicts = {
        kind: _kind(advanced, _of_resources(prototypes, (arns or {}).get(kind, ())))
        for kind, prototypes in _PROTOTYPES.items()
    }
    return Recorded(
        frozenset(kind for kind, verdict in verdicts.items() if verdict != "no"),
        frozenset(kind for kind, verdict in verdicts.items() if verdict == "partly"),
    )


def _advanced(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the selectors of an answer as advanced ones."""
    return [
        *(answer.get("AdvancedEventSelectors") or as_advanced(answer.get("EventSelectors") or []))
    ]


def _of_resources(
    prototypes: Sequence[Mapping[str, str]], arns: Sequence[str]
) -> Sequence[Mapping[str, str]]:
    """Return the calls as made on each of some resources; as they are where none is named."""
    return [{**event, "resources.ARN": arn} for event in prototypes for arn in arns] or prototypes


def _kind(selectors: Sequence[Mapping[str, Any]], prototypes: Sequence[Mapping[str, str]]) -> str:
    verdicts = {_event(selectors, prototype) for prototype in prototypes}
    if verdicts == {"yes"}:
        return "yes"
    return "no" if verdicts == {"no"} else "partly"


def _event(selectors: Sequence[Mapping[str, Any]], event: Mapping[str, str]) -> str:
    verdicts = {_selector(selector, event) for selector in selectors}
    return next((verdict for verdict in ("yes", "partly") if verdict in verdicts), "no")


def _selector(selector: Mapping[str, Any], event: Mapping[str, str]) -> str:
    """Return whether one advanced selector takes an event: all its fields must."""
    verdict = "yes"
    for field in selector.get("FieldSelectors", []):
        value = event.get(str(field.get("Field")))
        if value is None:
            # The ARN or the caller decides: some events are taken, which ones we can't tell.
            verdict = "partly"
        elif not _field(field, value):
            return "no"
    return verdict


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "Equals": str.__eq__,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}


def _field(field: Mapping[str, Any], value: str) -> bool:
    """Return whether a field selector takes a value: any of the positive, none of the negative."""
    taken, refused = (
        [
            test(value, str(each))
            for name, test in _OPERATORS.items()
            for each in field.get(f"{prefix}{name}") or []
        ]
        for prefix in ("", "Not")
    )
    return not any(refused) and (not taken or any(taken))


def as_advanced(basic: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return basic event selectors as the advanced ones that record the same."""
    advanced: list[dict[str, Any]] = []
    for selector in basic:
        read_write = _read_write(str(selector.get("ReadWriteType", "All")))
        if selector.get("IncludeManagementEvents", True):
            fields = [_equals("eventCategory", "Management"), *read_write]
            excluded = list(selector.get("ExcludeManagementEventSources") or [])
            if excluded:
                fields.append({"Field": "eventSource", "NotEquals": excluded})
            advanced.append({"Name": "Management events", "FieldSelectors": fields})
        advanced += [
            _data(resource, read_write) for resource in selector.get("DataResources") or []
        ]
    return advanced


def _data(resource: Mapping[str, Any], read_write: list[dict[str, Any]]) -> dict[str, Any]:
    kind = str(resource.get("Type"))
    fields = [_equals("eventCategory", "Data"), _equals("resources.type", kind), *read_write]
    values = [str(value) for value in resource.get("Values") or []]
    # "arn:aws:s3" and its like mean every resource of the kind.
    if values and not any(value.count(":") <= 2 for value in values):
        fields.append({"Field": "resources.ARN", "StartsWith": values})
    return {"Name": f"Data events of {kind}", "FieldSelectors": fields}


def _read_write(kind: str) -> list[dict[str, Any]]:
    if kind == "All":
        return []
    return [_equals("readOnly", "true" if kind == "ReadOnly" else "false")]


def _equals(field: str, value: str) -> dict[str, Any]:
    return {"Field": field, "Equals": [value]}


def selectors_for(kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Return the advanced event selectors that record some kinds."""
    types = [RESOURCE_TYPES[kind] for kind in kinds if kind in RESOURCE_TYPES]
    selectors = [_data({"Type": each}, []) for each in types]
    if {STS, CHANGES} & set(kinds):
        fields = [_equals("eventCategory", "Management")]
        selectors.append({"Name": "Management events", "FieldSelectors": fields})
    return selectors


def setting_fix(
    trail_arn: str, region: str, present: Mapping[str, Any], kinds: Sequence[str]
) -> Fix:
    """Return the command that makes a trail record some kinds beside what it records now."""
    selectors = [*_advanced(present), *selectors_for(kinds)]
    words = ["aws", "cloudtrail", "put-event-selectors", "--region", region]
    words += ["--trail-name", trail_arn, "--advanced-event-selectors"]
    return aws_command(
        f"Record {', '.join(kinds)} in this trail",
        [*words, json.dumps(selectors, separators=(",", ":"), default=str)],
        side_effect=f"Replaces the trail's selectors; the present ones are included. {PRICE_NOTE}",
        target=trail_arn,
    )
