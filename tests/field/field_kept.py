"""What was kept of CloudTrail's records: commands' answers, a few fields, counts, others' calls."""

from __future__ import annotations

import json
from typing import Any

from field_case import Case
from field_records import DAY, GUEST, LACKS, REFUSED, SESSION, cognito, record, sts
from field_trail import _table as table
from field_write import page
from har_builder import MONITOR, POOL

_RECORDS = [record(n) for n in range(3)]
_ACCEPTED = [
    {name: value for name, value in record(n).items() if not name.startswith("error")}
    for n in (5, 6)
]
_OTHERS = "444455556666"
_ACTION = "rum:PutRumEvents"


def _kept(name: str, report: str, text: str, **more: Any) -> Case:
    given: dict[str, Any] = {
        "page": page(), "verdict": "broken", "root": ("guest-role-permission",),
        "find": {"put-events-denied": "fail"}, **more,
    }  # fmt: skip
    file = "result.csv" if text.startswith("error") else "records.json"
    return Case(name, report, files={file: text}, given={"trail": file}, plain=DAY, **given)


def _records(*records: dict[str, Any]) -> str:
    return json.dumps({"Records": records}, indent=2)


def _lake(one: dict[str, Any]) -> list[dict[str, str]]:
    """Return a row of CloudTrail Lake: a list of names with their values."""
    caller = f"{{type=AssumedRole, principalid=AROAEXAMPLE:x, arn={SESSION}}}"
    named = {
        "eventTime": one["eventTime"].replace("T", " ").replace("Z", ".000"),
        **{each: one[each] for each in ("eventSource", "eventName", "errorCode", "errorMessage")},
        "userIdentity": caller,
        "requestParameters": f"{{id={MONITOR}}}",
    }
    return [{name: value} for name, value in named.items()]


def _few(one: dict[str, Any], **names: str) -> str:
    return json.dumps({**{to: one[name] for to, name in names.items()}, "arn": SESSION})


_OWN = {each: each for each in ("eventTime", "eventName", "errorCode", "errorMessage")}
_COUNTS = {"errorCode": "AccessDenied", "errorMessage": LACKS, "count(*)": 412}
_ELSEWHERE = REFUSED.replace("111122223333", _OTHERS)
_OF_ANOTHER_ACCOUNT = [
    record(
        n,
        f"{_ELSEWHERE}because no identity-based policy allows the rum:PutRumEvents action",
        recipientAccountId=_OTHERS,
        requestParameters={"id": "0a1b2c3d-9999-4222-8333-445566778899"},
    )
    for n in range(2)
]
_PIPELINE = sts(
    "AccessDenied",
    "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    requestParameters={
        "roleArn": "arn:aws:iam::111122223333:role/deploy",
        "roleSessionName": "pipeline",
    },
    userIdentity={
        "type": "WebIdentityUser",
        "userName": "repo:shop/web",
        "identityProvider": "arn:aws:iam::111122223333:oidc-provider/token.pipelines.example",
    },
)
_SWITCHED_OFF = record(
    eventSource="cognito-identity.amazonaws.com",
    eventName="UpdateIdentityPool",
    errorCode=None,
    errorMessage=None,
    requestParameters={"identityPoolId": POOL, "allowUnauthenticatedIdentities": False},
    managementEvent=True,
)
_NO_GUESTS = "Unauthenticated access is not supported for this identity pool."

CASES = (
    _kept(
        "answer-of-lake",
        "aws cloudtrail get-query-results",
        json.dumps({"QueryStatus": "FINISHED", "QueryResultRows": [*map(_lake, _RECORDS)]}),
        says=(f"{GUEST} may not call",),
    ),
    _kept(
        "few-fields-alone",
        "lines of jq that keep a few fields, which name no service and no monitor's id",
        "\n".join(_few(one, **_OWN) for one in _RECORDS),
        page="",
        says=(f"{GUEST} may not call", "no identity-based policy allows"),
    ),
    _kept(
        "few-fields-beside-a-page",
        "the same beside a page, whose monitor none of them names by its id: whose is not told",
        "\n".join(_few(one, **_OWN) for one in _RECORDS),
        verdict="unproven",
        root=(None,),
        find={"put-events-denied": "unknown"},
        says=("calls that do not name it so can be told apart with its name",),
    ),
    _kept(
        "counts-of-errors",
        "Logs Insights' stats count(*) by errorCode, errorMessage: there is no call in it",
        table([_COUNTS]),
        verdict="unproven",
        root=(None,),
        find={"put-events-denied": "unknown"},
        says=("a table whose rows name no call .* export @timestamp and @message",),
    ),
    _kept(
        "calls-of-another-account",
        "an organisation's trail holds the denied calls of another account's monitor",
        _records(*_OF_ANOTHER_ACCOUNT),
        verdict="unproven",
        root=(None,),
        find={"put-events-denied": "unknown|pass"},
        never=(_OTHERS,),
    ),
    _kept(
        "ours-among-those-of-another-account",
        "the same with ours among them",
        _records(*_OF_ANOTHER_ACCOUNT, *_RECORDS),
        says=(GUEST, "3 PutRumEvents calls failed"),
        never=(_OTHERS,),
    ),
    _kept(
        "endpoint-policy",
        "IAM, access denied messages: the policy of a VPC endpoint",
        _records(
            record(message=f"{REFUSED}because no VPC endpoint policy allows the {_ACTION} action")
        ),
        root=("put-events-denied",),
        says=("policy of the VPC endpoint",),
        never=("put-role-policy",),
    ),
    _kept(
        "domain-refused",
        "the one published report of a domain that is not on the list",
        _records(
            record(message="domain shop.test does not match", errorCode="ValidationException")
        ),
        root=("monitor-domain",),
        find={"monitor-domain": "fail"},
    ),
    _kept(
        "monitor-that-is-gone",
        "RUM knows no such monitor",
        _records(
            record(
                message=f"AppMonitor with id {MONITOR} not found",
                errorCode="ResourceNotFoundException",
            )
        ),
        root=("monitor-exists",),
        find={"monitor-exists": "fail"},
    ),
    _kept(
        "calls-of-a-pipeline",
        "a pipeline's own web identity is refused, which is no guest's",
        _records(_PIPELINE),
        verdict="unproven",
        root=(None,),
        find={"token-vending-failures": "unknown|pass"},
    ),
    _kept(
        "switched-off-and-refused",
        "the change of the pool, and the refusals after it",
        _records(
            _SWITCHED_OFF,
            *(
                cognito(
                    "GetId",
                    "NotAuthorizedException",
                    _NO_GUESTS,
                    eventTime=f"2026-03-01T09:0{n}:00Z",
                    eventID=f"50000000-0000-4000-8000-00000000000{n}",
                )
                for n in (1, 2)
            ),
        ),
        root=("identity-pool",),
        find={"identity-pool": "fail"},
        says=("AllowUnauthenticatedIdentities",),
    ),
    _kept(
        "denied-in-the-morning",
        "denied first, and accepted since",
        _records(*_RECORDS, *_ACCEPTED),
        verdict="unproven|degraded",
        root=(None,),
        find={"put-events-denied": "warn"},
        says=("Later ones succeeded",),
    ),
)
