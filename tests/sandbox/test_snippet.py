"""The loader is written from data, read back, and hashed as a browser and as the guide do."""

from __future__ import annotations

import pytest

from rumkit.sandbox.snippet import (
    Client,
    Source,
    guide_hash,
    read_snippet,
    script_hash,
    write_snippet,
)

GUIDE = (
    "(function(n,i,v,r,s,c,u,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c,u:u};window[n]="
    "function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');z.async=true;z.src=s;"
    "document.head.insertBefore(z,document.getElementsByTagName('script')[0]);})('cwr','00000000-"
    "0000-0000-0000-000000000000','1.0.0','us-west-2','https://client.rum.us-east-1.amazonaws.com"
    "/1.0.2/cwr.js',{sessionSampleRate:1,guestRoleArn:'arn:aws:iam::000000000000:role/RUM-Monitor-"
    "us-west-2-000000000000-00xx-Unauth',identityPoolId:'us-west-2:00000000-0000-0000-0000-"
    "000000000000',endpoint:'https://dataplane.rum.us-west-2.amazonaws.com',telemetries:['errors',"
    "'http','performance'],allowCookies:true});"
)


def test_the_guides_command_prints_the_guides_hash():
    assert guide_hash(GUIDE) == "'sha256-dhFqvDHwFpO34BJSlFlEdnhKI/jmMD2Yl50PvxjyLN0='"


def test_a_browser_computes_another_hash():
    assert script_hash(GUIDE) == "'sha256-+ReXRyw465AikdwbZimIH+KZRpNUPPXzzL4ce6Tnphc='"


def test_the_guides_snippet_is_read():
    client = read_snippet(GUIDE)
    assert client.region == "us-west-2"
    assert client.config["telemetries"] == ["errors", "http", "performance"]


VALUES = [0, 0.5, True, None, "it's", [], {}, [["http", {"addXRayTraceIdHeader": True}]]]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_read_as_it_was_written(value):
    client = Client("id", "eu-west-1", {"key": value})
    assert read_snippet(write_snippet(client)).config == {"key": value}


def test_a_regular_expression_is_kept_as_source():
    client = Client("id", "eu-west-1", {"pagesToInclude": [Source("/^\\/home/")]})
    assert read_snippet(write_snippet(client)).config["pagesToInclude"] == ["/^\\/home/"]


@pytest.mark.parametrize("text", ["", "<p>", "})('cwr', 'id', 'v', 'r', 'u', options)", "})('cwr'"])
def test_what_is_no_literal_call_is_no_snippet(text):
    assert read_snippet(text) is None
