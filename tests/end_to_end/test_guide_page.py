"""The guide's own snippet under the guide's own header, both as printed."""

from __future__ import annotations

import json

import pytest
from harness import NOBODY, run  # type: ignore[import-not-found]

SNIPPET = (
    "(function(n,i,v,r,s,c,u,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c,u:u};window[n]="
    "function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');z.async=true;z.src=s;"
    "document.head.insertBefore(z,document.getElementsByTagName('script')[0]);})('cwr','00000000-"
    "0000-0000-0000-000000000000','1.0.0','us-west-2','https://client.rum.us-east-1.amazonaws.com/"
    "1.0.2/cwr.js',{sessionSampleRate:1,guestRoleArn:'arn:aws:iam::000000000000:role/RUM-Monitor-"
    "us-west-2-000000000000-00xx-Unauth',identityPoolId:'us-west-2:00000000-0000-0000-0000-"
    "000000000000',endpoint:'https://dataplane.rum.us-west-2.amazonaws.com',telemetries:['errors',"
    "'http','performance'],allowCookies:true});"
)
PRINTED = "dhFqvDHwFpO34BJSlFlEdnhKI/jmMD2Yl50PvxjyLN0="
COMPUTED = "+ReXRyw465AikdwbZimIH+KZRpNUPPXzzL4ce6Tnphc="
CONNECT = (
    "connect-src https://dataplane.rum.us-west-2.amazonaws.com"
    " https://cognito-identity.us-west-2.amazonaws.com https://sts.us-west-2.amazonaws.com"
)


@pytest.mark.parametrize("quote", ["'", ""], ids=["with quotes", "as the guide prints it"])
def test_the_guides_hash_is_recognised_and_the_browsers_one_given(healthy, tmp_path, quote):
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><html><head><script>{SNIPPET}</script></head><body></body>")
    header = (
        f"Content-Security-Policy: script-src {quote}sha256-{PRINTED}{quote}"
        f" https://client.rum.us-east-1.amazonaws.com; {CONNECT}"
    )
    (tmp_path / "page.html.headers").write_text(header + "\n")
    done = run(healthy, "rumkit", "investigate", "--page", str(page), "--json", **NOBODY)
    found = {each["check"]: each for each in json.loads(done.stdout)["findings"]}
    script = found["csp-script"]
    assert done.returncode == 1
    assert script["status"] == "fail"
    assert PRINTED in script["summary"]
    assert "guide" in script["summary"] or "command" in script["summary"]
    assert any(f"'sha256-{COMPUTED}'" in fix["text"] for fix in script["fixes"])
    assert found["csp-connect"]["status"] == "pass"
