"""The wire protocols: what botocore writes is read, and what is written botocore reads."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.wire import cbor
from rumkit.sandbox.wire.read import Http, Incoming, read_request
from rumkit.sandbox.wire.write import ModelMismatch, write_error, write_reply

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary()
    | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_cbor_reads_what_it_wrote(value):
    assert cbor.loads(cbor.dumps(value)) == value


@given(st.binary(max_size=200))
def test_cbor_refuses_or_reads_any_bytes(data):
    with contextlib.suppress(ValueError):
        cbor.loads(data)


def test_cbor_reads_a_moment_and_open_lists():
    assert cbor.loads(bytes.fromhex("c11a514b67b0")) == datetime(2013, 3, 21, 20, 4, tzinfo=UTC)
    assert cbor.loads(bytes.fromhex("9f0102ff")) == [1, 2]


def test_a_reply_that_the_model_does_not_allow_is_a_defect():
    incoming = Incoming("rum", "GetAppMonitor", "rest")
    with pytest.raises(ModelMismatch):
        write_reply(incoming, {"AppMonitor": {"Name": 1}}, "id")
    with pytest.raises(ModelMismatch):
        write_reply(incoming, {"Unheard": "of"}, "id")


def test_a_query_error_is_xml():
    error = AwsError("InvalidIdentityToken", "not <valid>", status=400)
    body = write_error("sts", "query", error, "id").body
    assert b"<Code>InvalidIdentityToken</Code><Message>not &lt;valid&gt;</Message>" in body


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/nowhere", b"", "UnknownOperationException"),
        ("/appmonitors/x", b"{", "SerializationException"),
        ("/appmonitors/x", b"[]", "SerializationException"),
        ("/appmonitors/x", b"{}", "ValidationException"),
        ("/appmonitors/x/", b'{"BatchId": 5}', "ValidationException"),
    ],
)
def test_a_bad_request_is_a_proper_error(path, body, code):
    with pytest.raises(AwsError) as caught:
        read_request("rum", Http("POST", path, "", {}, body))
    assert caught.value.code == code
