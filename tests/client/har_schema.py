"""Evaluates invented recordings, with the page and the files beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from har_builder import DENIED, MONITOR, POOL, REGION, Har

from rumkit.checks import CHECKS
from rumkit.client.recording import read_recording
from rumkit.client.visit import Visit, recorded_snippets
from rumkit.evidence.given import evidence_of
from rumkit.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rumkit.client.recording import Recording
    from rumkit.client.snippet import Snippet
    from rumkit.model import Outcome

SYMPTOMS = {"token-vending-failures", "put-events-denied", "events-arriving"}
ENHANCED = DENIED.format(session="CognitoIdentityCredentials")
PLANE = f"https://dataplane.rum.{REGION}.amazonaws.com/appmonitors/{MONITOR}"
CDN = "https://client.rum.us-east-1.amazonaws.com/2.x/cwr.js"
REFUSED = 'Refused to {} because it violates the following Content Security Policy directive: "{}".'


def snippet(**options: Any) -> str:
    """Return a page with a snippet; an option of None is left out."""
    config = {"identityPoolId": POOL, "endpoint": f"https://dataplane.rum.{REGION}.amazonaws.com"}
    config |= {"allowCookies": True, **options}
    listed = ",".join(f"{k}: {_js(v)}" for k, v in config.items() if v is not None)
    loader = (
        "(function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};"
        "window[n]=function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');"
        "z.async=true;z.src=s;document.head.insertBefore(z,document.head."
        "getElementsByTagName('script')[0]);})"
    )
    call = f"('cwr','{MONITOR}','1.0.0','{REGION}','{CDN}',{{{listed}}});"
    return f"<!doctype html><html><head><script>{loader}{call}</script></head><body></body></html>"


def _js(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def evaluated(har: Har, folder: Path) -> Mapping[str, Outcome]:
    return observe(read_recording(har.write(folder)))


def observe(recording: Recording, snippets: tuple[Snippet, ...] = ()) -> Mapping[str, Outcome]:
    """Return what the recording's witness of every check answers, by the check's id."""
    visit = Visit(recording, snippets or recorded_snippets(recording))
    evidence = evidence_of(recording=recording, visit=visit)
    asked = ((check.id, check.observed) for check in CHECKS if check.observed)
    answers = ((name, observed(evidence)) for name, observed in asked)
    return {name: answer for name, answer in answers if answer is not None}


def causes(answers: Mapping[str, Outcome]) -> list[str]:
    """Return the failed checks that are no symptoms."""
    return [c for c, v in answers.items() if v.status is Status.FAIL and c not in SYMPTOMS]


def started(version: str = "2.1.0", exporter: str = "chrome", **more: Any) -> Har:
    return Har(exporter, version=version).document(**more).client()
