"""The wire protocols: what botocore writes is read, and what is written botocore reads."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.wire.read import Http, Incoming, read_request
from rumkit.sandbox.wire.write import ModelMismatch, write_error, write_reply


@given(st.binary(max_size=200))
def test_a_form_of_any_bytes_is_read_or_refused_properly(data):
    with contextlib.suppress(AwsError):
        read_request("iam", Http("POST", "/", "", {}, data))


def test_a_protocol_that_the_sandbox_does_not_speak_is_an_unknown_operation():
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    cbor = Http("POST", path, "", {"smithy-protocol": "rpc-v2-cbor"}, b"\xa0")
    with pytest.raises(AwsError, match="UnknownOperationException"):
        read_request("cloudwatch", cbor)


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
