"""A record of any shape becomes one row; nothing raises and nothing is lost uncounted."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
import random

import pytest
import trail_corpus as corpus
import trail_records as sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rumkit.trail.events import (
    COLUMNS,
    MESSAGE,
    TrailEvent,
    credential_id,
    frame,
    read_record,
    records_of,
)
from rumkit.trail.query import RowCollector
from rumkit.trail.shapes import UnreadFile

DENIED = corpus.denied_put(random.Random(1), "2026-03-02T06:00:00Z")
STS = corpus.sts_failure(random.Random(2), "2026-03-02T06:00:00Z")
COGNITO = corpus.cognito_failure(random.Random(3), "2026-03-02T06:00:00Z")


def row_of(record, **more) -> TrailEvent:
    row = read_record(record, **more)
    assert isinstance(row, TrailEvent)
    return row


def envelope(records):
    events = [{"id": "1", "timestamp": 1, "message": json.dumps(record)} for record in records]
    return {"messageType": "DATA_MESSAGE", "logGroup": "trail", "logEvents": events}


def subscription(records):
    packed = gzip.compress(json.dumps(envelope(records)).encode())
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}


SHAPES = {
    "a record": lambda r: r,
    "a trail file": lambda r: {"Records": [r]},
    "text of a trail file": lambda r: json.dumps({"Records": [r]}),
    "a gzipped trail file": lambda r: gzip.compress(json.dumps({"Records": [r]}).encode()),
    "bytes with a mark of order": lambda r: b"\xef\xbb\xbf" + json.dumps(r).encode(),
    "lines": lambda r: "\n" + json.dumps(r) + "\n\n",
    "an event of Event history": lambda r: {"EventId": "1", "CloudTrailEvent": json.dumps(r)},
    "an answer of Event history": lambda r: {"Events": [{"CloudTrailEvent": json.dumps(r)}]},
    "an EventBridge event": lambda r: {"version": "0", "source": "aws.rum", "detail": r},
    "a log event": lambda r: {"timestamp": 1, "message": json.dumps(r)},
    "an answer of FilterLogEvents": lambda r: {"events": [{"message": json.dumps(r)}]},
    "a subscription envelope": lambda r: envelope([r]),
    "a gzipped envelope": lambda r: gzip.compress(json.dumps(envelope([r])).encode()),
    "a Lambda subscription event": lambda r: subscription([r]),
    "an Insights row": lambda r: [
        {"field": "@message", "value": json.dumps(r)},
        {"field": "@ptr", "value": "x"},
    ],
    "an answer of Insights": lambda r: {
        "results": [[{"field": "@message", "value": json.dumps(r)}]]
    },
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("record", [DENIED, STS, COGNITO], ids=["put", "sts", "cognito"])
def test_a_record_reads_the_same_in_every_shape(shape, record):
    found = [read_record(each) for each in records_of(SHAPES[shape](record))]
    assert found == [row_of(record)]


def test_a_refused_call_names_its_monitor_by_arn_and_id():
    row = row_of(DENIED)
    assert (row.monitor_name, row.monitor_id) == (corpus.MONITOR, corpus.MONITOR_ID)


def test_a_refused_call_without_resources_names_its_monitor_by_its_message():
    record = DENIED | {"resources": None, "requestParameters": None}
    assert row_of(record).monitor_name == corpus.MONITOR


def test_a_known_pair_completes_the_monitor_of_a_call_that_has_only_the_id():
    record = DENIED | {"resources": [], "errorMessage": "refused"}
    row = row_of(record, monitors={"shop": corpus.MONITOR_ID})
    assert row.monitor_name == "shop"


def test_an_unknown_id_gets_no_name():
    record = DENIED | {"resources": [], "errorMessage": "refused"}
    assert not row_of(record, monitors={"shop": "another"}).monitor_name


@pytest.mark.parametrize(
    ("record", "flow"),
    [
        (DENIED, "basic"),
        (STS, "basic"),
        (
            STS | {"requestParameters": {"roleSessionName": "CognitoIdentityCredentials"}},
            "enhanced",
        ),
        (STS | {"requestParameters": {"roleSessionName": "deploy"}}, ""),
        (COGNITO, "basic"),
        (COGNITO | {"eventName": "GetCredentialsForIdentity"}, "enhanced"),
        (COGNITO | {"eventName": "GetId"}, ""),
    ],
)
def test_the_session_or_the_call_tells_the_flow(record, flow):
    assert row_of(record).flow == flow


def test_a_trust_failure_names_role_and_pool():
    row = row_of(STS)
    assert (row.role, row.identity_pool) == (corpus.ROLE, corpus.POOL)


def test_a_pool_call_names_the_pool_by_its_arn():
    assert row_of(COGNITO).identity_pool == corpus.POOL


def test_a_vended_key_and_its_use_have_one_credential_id():
    key = "ASIA" + "Q" * 16
    vending = COGNITO | {
        "eventName": "GetCredentialsForIdentity",
        "responseElements": {"credentials": {"accessKeyId": key, "sessionToken": "secret"}},
    }
    use = DENIED | {"userIdentity": DENIED["userIdentity"] | {"accessKeyId": key}}
    assert row_of(vending).credential_id == row_of(use).credential_id != ""


def test_no_column_holds_a_key_id_or_a_token():
    record = COGNITO | {
        "responseElements": {
            "credentials": {"accessKeyId": "ASIASECRETSECRET", "sessionToken": "T0ken"}
        }
    }
    text = repr(row_of(record))
    assert "ASIASECRETSECRET" not in text
    assert "T0ken" not in text


def test_a_credential_id_is_not_the_key():
    assert "ASIA" not in credential_id("ASIAEXAMPLEEXAMPLE")


@pytest.mark.parametrize(
    ("name", "source", "parameters", "words"),
    [
        (
            "DeleteRolePolicy",
            "iam",
            {"roleName": "r", "policyName": "p"},
            "inline policy p of r deleted",
        ),
        (
            "PutRolePolicy",
            "iam",
            {
                "roleName": "r",
                "policyName": "p",
                "policyDocument": '{"Statement":{"Effect":"Deny","Action":"rum:*","Resource":"*"}}',
            },
            "inline policy p of r set: Deny rum:* on *",
        ),
        (
            "UpdateIdentityPool",
            "cognito-identity",
            {"identityPoolId": "p", "allowClassicFlow": False},
            "identity pool p updated: allowClassicFlow=false",
        ),
        (
            "UpdateAppMonitor",
            "rum",
            {"Name": "shop", "AppMonitorConfiguration": {"SessionSampleRate": 0.0}},
            "app monitor shop updated: AppMonitorConfiguration.SessionSampleRate=0.0",
        ),
        ("DeleteAppMonitor", "rum", {"Name": "shop"}, "app monitor shop deleted"),
        ("PutRolePolicy", "iam", {"policyDocument": "{"}, "inline policy  of  set: (not JSON)"),
    ],
)
def test_a_change_says_what_changed(name, source, parameters, words):
    record = DENIED | {
        "eventName": name,
        "eventSource": f"{source}.amazonaws.com",
        "requestParameters": parameters,
    }
    assert row_of(record).changed == words


def test_another_service_s_call_of_the_same_name_is_no_change():
    record = DENIED | {
        "eventName": "PutResourcePolicy",
        "eventSource": "secretsmanager.amazonaws.com",
    }
    assert row_of(record).changed == ""


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, "not an object"),
        ({}, "no readable eventTime"),
        (DENIED | {"eventTime": "yesterday"}, "no readable eventTime"),
        (DENIED | {"eventName": None}, "no eventName"),
    ],
)
def test_a_record_that_is_no_event_says_why(record, reason):
    assert read_record(record) == UnreadFile(reason)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "not JSON"),
        (b"\x1f\x8bnot gzip", "not gzip"),
        ("[" * 100_000, "nested too deeply"),
        ({"awslogs": {"data": "%%%"}}, "not gzip"),
        (7, "not an object"),
    ],
)
def test_a_document_that_cannot_be_read_is_counted_with_a_reason(document, reason):
    collector = RowCollector(sample.query(), "test")
    collector.add(document)
    assert dict(collector.unread) == {reason: 1}


def test_broken_lines_are_counted_and_the_others_are_read():
    text = f"{json.dumps(DENIED)}\n{{broken\n{json.dumps(STS)}"
    collector = RowCollector(sample.query(), "test")
    collector.add(text)
    assert (len(collector.rows), dict(collector.unread)) == (2, {"not JSON": 1})


def test_an_event_delivered_twice_is_one_row():
    collector = RowCollector(sample.query(), "test")
    collector.add({"Records": [DENIED, DENIED | {"awsRegion": corpus.REGION}]})
    assert len(collector.rows) == 1


def test_events_without_an_id_are_all_kept():
    collector = RowCollector(sample.query(), "test")
    anonymous = {key: value for key, value in DENIED.items() if key != "eventID"}
    collector.add({"Records": [anonymous, anonymous]})
    assert len(collector.rows) == 2


def test_the_columns_are_the_fields_of_a_row():
    assert list(COLUMNS) == [field.name for field in dataclasses.fields(TrailEvent)]


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("", ""),
        ("AccessDenied", "denial"),
        ("AccessDeniedException", "denial"),
        ("Client.UnauthorizedOperation", "denial"),
        ("NotAuthorizedException", "denial"),
        ("VpceAccessDenied", "denial"),
        ("ResourceNotFoundException", "not-found"),
        ("NoSuchEntityException", "not-found"),
        ("ValidationException", "validation"),
        ("InvalidParameterException", "validation"),
        ("InvalidIdentityTokenException", "validation"),
        ("ThrottlingException", "throttled"),
        ("TooManyRequestsException", "throttled"),
        ("InternalServerException", "service-error"),
        ("InternalErrorException", "service-error"),
        ("ServiceUnavailable", "service-error"),
        ("Server.InternalError", "service-error"),
        ("ExpiredTokenException", "other"),
        ("InvalidSignatureException", "other"),
        ("UnrecognizedClientException", "other"),
        ("InvalidIdentityPoolConfigurationException", "other"),
        ("SomethingNewException", "other"),
    ],
)
def test_only_a_denial_is_a_denial(code, failure):
    assert row_of(DENIED | {"errorCode": code}).failure == failure


def test_a_role_s_session_tells_the_role_s_own_id():
    issuer = DENIED["userIdentity"]["sessionContext"]["sessionIssuer"] | {"principalId": "AROAOLD"}
    context = DENIED["userIdentity"]["sessionContext"] | {"sessionIssuer": issuer}
    record = DENIED | {"userIdentity": DENIED["userIdentity"] | {"sessionContext": context}}
    assert row_of(record).role_id == "AROAOLD"


@pytest.mark.parametrize("rows", [[], [row_of(DENIED), row_of(STS)]], ids=["empty", "two"])
def test_a_frame_has_the_documented_columns_and_dtypes(rows):
    made = frame(rows)
    assert {name: str(dtype) for name, dtype in made.dtypes.items()} == dict(COLUMNS)
    assert len(made) == len(rows)


def test_text_from_the_internet_is_bounded_and_can_be_encoded():
    row = row_of(DENIED | {"userAgent": "\ud800" + "x" * 10_000, "errorMessage": "y" * 10_000})
    assert len(row.user_agent) == 256
    assert len(row.error_message) == MESSAGE
    assert row.error_message.endswith("…")
    row.user_agent.encode()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def paths_of(value, path=()):
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from paths_of(inner, (*path, key))


@st.composite
def mutated(draw):
    """Return one of our records with something missing, null, of a wrong type or huge."""
    record = json.loads(
        json.dumps(draw(st.sampled_from([*sample.installation(), DENIED, STS, COGNITO])))
    )
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from([path for path in paths_of(record) if path] or [()]))
        if not path:
            break
        holder = record
        for key in path[:-1]:
            holder = holder[key]
        how = draw(st.sampled_from(["missing", "null", "other", "huge", "deep"]))
        if how == "missing" and isinstance(holder, dict):
            del holder[path[-1]]
        else:
            deep = json.loads("[" * 200 + "]" * 200)
            holder[path[-1]] = {"null": None, "huge": "A" * 100_000, "deep": deep}.get(
                how, draw(anything)
            )
    return record


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(record=mutated(), shape=st.sampled_from(sorted(SHAPES)))
def test_a_mutated_record_is_a_row_or_is_counted(record, shape):
    document = SHAPES[shape](record)
    found = [read_record(each) for each in records_of(document)]
    assert len(found) == 1
    if isinstance(found[0], TrailEvent):
        longest = max(
            len(value) for value in dataclasses.astuple(found[0]) if isinstance(value, str)
        )
        assert longest <= MESSAGE
        assert len(frame(found)) == 1
    else:
        assert found[0].reason


@settings(max_examples=100, deadline=None)
@given(document=anything | st.binary(max_size=50))
def test_no_document_at_all_raises(document):
    for record in records_of(document):
        read_record(record)
