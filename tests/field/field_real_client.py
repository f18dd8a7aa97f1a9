"""What the real client does when it is given something odd."""

from __future__ import annotations

from field_case import Case
from field_write import (
    CDN,
    HTML,
    LEFT_OUT,
    SPA,
    Code,
    html,
    loader,
    npm,
    options,
    page,
    script,
    vended,
    visit,
)
from har_builder import MONITOR, POOL, Har

from rumkit.client.csp.hashes import browser_hash

_OWN = (
    "const c = { accessKeyId: creds.id, secretAccessKey: creds.key, sessionToken: creds.token };\n"
    "cwr('setAwsCredentials', c);"
)
_NEW = f"new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {options()});\n"
_DATADOG = (
    "window.DD_RUM.onReady(function () { window.DD_RUM.init({ clientToken: 'pub0', applicationId:"
    f" '{MONITOR}', service: 'shop', sessionSampleRate: 100, sessionReplaySampleRate: 20,"
    " trackResources: true }); });"
)
_EXPIRED = "The security token included in the request is expired"


def _delivers(text: str = "", **headers: str) -> Har:
    return vended(visit(text, **headers)).put(wait=5).put(wait=5).wait(3)


def _refused_for_its_type() -> Har:
    har = Har(version="1.25.0").document(html=page(url="https://static.shop.example/cwr.js"))
    har.client(200, url="https://static.shop.example/cwr.js", mime="text/plain", net="")
    return har.wait(20).api()


def _second_script_blocked() -> Har:
    first, second = loader(), "cwr('addSessionAttributes', {plan: 'gold'});"
    policy = f"script-src {browser_hash(first)} {CDN}"
    return _delivers(html(script(first), script(second)), content_security_policy=policy)


def _own_credentials_expire() -> Har:
    text = html(script(loader(identityPoolId=LEFT_OUT)), script(_OWN))
    har = visit(text).put(wait=5).put(wait=5).wait(3600)
    return har.put(403, "ExpiredTokenException", _EXPIRED, wait=5).wait(9)


def _clock_is_wrong() -> Har:
    message = (
        "Signature expired: 20260301T080000Z is now earlier than 20260301T085510Z"
        " (20260301T090010Z - 5 min.)"
    )
    return vended(visit()).put(403, "InvalidSignatureException", message, wait=5).wait(9)


def _remote_configuration_is_gone() -> Har:
    text = html(
        script(
            loader()
            .replace("n,i,v,r,s,c,x,z)", "n,i,v,r,s,c,u,x,z)")
            .replace("c:c}", "c:c,u:u}")[:-2]
            + ", 'https://www.shop.example/rum.json');"
        )
    )
    har = visit(text).add("GET", "https://www.shop.example/rum.json", 404, reply="gone")
    return har.wait(15)


CASES = (
    Case(
        "interval-of-zero",
        "dispatchInterval: 0 sends nothing until the page is left",
        source=npm(dispatchInterval=0),
        verdict="unproven",
        root=(None,),
        find={"client-enabled": "warn"},
        says=("dispatchInterval is 0", "dispatchInterval: 5000"),
    ),
    Case(
        "no-telemetries",
        "aws-rum-web 881 has telemetries: [], where only session start and page view are sent",
        source=npm(telemetries=[]),
        verdict="unproven",
        root=(None,),
        find={"client-enabled": "warn"},
        says=("only session start and page view",),
    ),
    Case(
        "telemetries-left-out",
        "before 3.0 the client has no telemetries of its own",
        page=page(telemetries=LEFT_OUT),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"client-enabled": "warn"},
        says=("only session start and page view",),
    ),
    Case(
        "telemetries-left-out-of-3",
        "from 3.0 on there is a list by default",
        page=page(telemetries=LEFT_OUT, url=CDN.replace("1.25.0", "3.2.1")),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"client-enabled": "pass|unknown"},
        never=("has no telemetries",),
    ),
    Case(
        "command-before-the-snippet",
        "cwr() is called before the snippet defined it",
        page=html(script("cwr('recordPageView', '/home');"), script(loader())),
        headers=HTML,
        verdict="unproven|broken",
        says=("(?i)before the snippet",),
    ),
    Case(
        "refused-for-its-type",
        "a file host serves cwr.js as text/plain with nosniff",
        har=_refused_for_its_type,
        console=(
            (
                "Refused to execute script from 'https://static.shop.example/cwr.js' because its"
                " MIME type ('text/plain') is not executable, and strict MIME type checking is"
                " enabled."
            ),
        ),
        verdict="broken",
        root=("client-script-loads",),
        says=("(?i)content type|MIME",),
        never=("us-east-1 only",),
    ),
    Case(
        "second-script-blocked",
        "the policy holds the snippet's hash and not that of the commands after it",
        har=_second_script_blocked,
        console=(
            (
                "Executing inline script violates the following Content Security Policy directive"
                " 'script-src'. Either the 'unsafe-inline' keyword, a hash"
                " ('sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='), or a nonce is required."
            ),
        ),
        verdict="degraded",
        root=(None,),
        find={"csp-script": "warn", "events-arriving": "pass"},
        says=("addSessionAttributes", "script-src 'sha256-"),
    ),
    Case(
        "credentials-in-a-blocked-script",
        "the policy blocks the inline script that gives the client its credentials",
        page=html(script(loader(identityPoolId=LEFT_OUT)), script(_OWN)),
        headers=f"{HTML}\ncontent-security-policy: script-src"
        f" {browser_hash(loader(identityPoolId=LEFT_OUT))} {CDN}",
        verdict="broken",
        root=("csp-script",),
        says=("setAwsCredentials",),
    ),
    Case(
        "own-credentials-expire",
        "aws-rum-web 689 and others: credentials of the application that are not renewed",
        har=_own_credentials_expire,
        verdict="broken|degraded",
        root=("stored-credentials", "credentials-configured", None),
        says=("expired", "(?i)provider|function"),
        never=("cookieAttributes", "another app monitor", "clear the site's storage"),
    ),
    Case(
        "clock-is-wrong",
        "a computer whose clock is behind",
        har=_clock_is_wrong,
        verdict="broken",
        root=("signing",),
        find={"guest-role-permission": "pass|skip|unknown"},
        says=("clock",),
        never=("signing: true",),
    ),
    Case(
        "remote-configuration-is-gone",
        "the seventh argument names a file that is not there",
        har=_remote_configuration_is_gone,
        console=("Uncaught (in promise) Error: CWR: Failed to load remote config: 404",),
        verdict="broken",
        root=("client-script-loads", "snippet-present"),
        says=("remote config",),
    ),
    Case(
        "switched-off-after-the-start",
        "cwr('disable') stands after the snippet",
        page=html(script(f"{loader()}\ncwr('disable');")),
        headers=HTML,
        verdict="broken",
        root=("client-enabled",),
        says=("disable",),
    ),
    Case(
        "endpoint-without-scheme",
        "endpoint: 'dataplane.rum.eu-west-1.amazonaws.com' makes the constructor throw",
        source=npm(endpoint="dataplane.rum.eu-west-1.amazonaws.com"),
        verdict="broken",
        root=("snippet-present", "endpoint-region"),
        says=("https://dataplane.rum.eu-west-1.amazonaws.com",),
    ),
    Case(
        "patterns-as-texts",
        "pagesToInclude: ['/shop'] makes the constructor throw",
        source=npm(pagesToInclude=["/shop"]),
        verdict="broken",
        root=("client-enabled",),
        says=("regular expression",),
    ),
    Case(
        "telemetries-as-a-text",
        "telemetries: 'errors' makes the constructor throw",
        source=npm(telemetries="errors"),
        verdict="broken",
        root=("client-enabled",),
        says=("telemetries: \\['errors'\\]",),
    ),
    Case(
        "late-credentials-of-an-old-client",
        "setAwsCredentials after a sign-in, in a version that stops for good",
        page=html(
            script(loader(identityPoolId=LEFT_OUT, url=CDN.replace("1.25.0", "1.14.0"))),
            script("signIn().then((c) => cwr('setAwsCredentials', c));"),
        ),
        headers=HTML,
        verdict="unproven",
        find={"credentials-configured": "warn"},
        says=("5 seconds",),
    ),
    Case(
        "enhanced-flow-of-an-old-client",
        "1.14 without guestRoleArn never sends",
        page=page(url=CDN.replace("1.25.0", "1.14.0")),
        headers=HTML,
        verdict="broken",
        root=("client-version",),
        says=("1\\.15\\.0",),
    ),
    Case(
        "commented-out",
        "the snippet was taken out of work with a comment and forgotten",
        page=html(f"<!-- {script(loader())} -->"),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        find={"snippet-present": "fail", "client-script-loads": "unknown"},
        says=(r"in a comment \(line 5\)",),
        never=("another file reads it",),
    ),
    Case(
        "commented-out-beside-a-bundle",
        "the same beside a bundle, which may hold the client instead",
        page=SPA.replace("<head>", f"<head><!-- {script(loader())} -->"),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("in a comment", "bundle"),
    ),
    Case(
        "commented-out-beside-one-that-runs",
        "an old snippet in a comment, the new one below it",
        page=html(f"<!-- {script(loader(monitor='old'))} -->", script(loader())),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
        never=("in a comment", "'old'"),
    ),
    Case(
        "snippet-in-noscript",
        "pasted into <noscript>, beside the pixel of an advertiser",
        page=html(f"<noscript>{script(loader())}</noscript>"),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        says=("inside of <noscript>",),
    ),
    Case(
        "tutorial-that-shows-the-snippet",
        "a page of documentation prints the snippet for its readers",
        page=html(body=f"<pre>{script(loader()).replace('<', '&lt;')}</pre>"),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        says=("inside of <pre>, as text",),
    ),
    Case(
        "require-of-the-whole-package",
        "two public repositories: const AwsRum = require('aws-rum-web'); new AwsRum(…)",
        source=f"const AwsRum = require('aws-rum-web');\n{_NEW}",
        source_name="rum.js",
        verdict="broken",
        root=("snippet-present",),
        says=("is not a constructor", "import { AwsRum } from 'aws-rum-web'"),
    ),
    Case(
        "default-import",
        "import AwsRum from 'aws-rum-web', as with packages that have a default export",
        source=f"import AwsRum from 'aws-rum-web';\n{_NEW}",
        verdict="broken",
        root=("snippet-present",),
        says=("has no default export",),
    ),
    Case(
        "client-in-a-server",
        "aws-rum-web 577 and a sample application: the client in express's own file",
        source="const express = require('express');\nconst { AwsRum } = require('aws-rum-web');\n"
        f"{_NEW}express().listen(3000);\n",
        source_name="server.js",
        verdict="unproven|degraded",
        root=(None,),
        find={"snippet-present": "warn"},
        says=("Node.js",),
    ),
    Case(
        "another-agent-alone",
        "Datadog's agent has options of the same names; it is not RUM's client",
        page=html(script(_DATADOG)),
        headers=HTML,
        verdict="unproven|broken",
        find={"snippet-present": "unknown|fail", "session-sample-rate": "unknown"},
        never=("configuration of the client", "another file reads it"),
    ),
    Case(
        "monitor-of-terraform",
        "terraform-provider-aws 26430: the app monitor's resource given as the source",
        source='resource "aws_rum_app_monitor" "shop" {\n  name = "shop"\n'
        '  app_monitor_configuration {\n    telemetries = ["errors"]\n'
        f'    identity_pool_id = "{POOL}"\n    session_sample_rate = 0.1\n  }}\n}}\n',
        source_name="rum.tf",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("defines an app monitor",),
        never=("another file reads it",),
    ),
    Case(
        "compression-as-a-flag",
        "compressionStrategy: true, as some documents print it",
        source=npm(compressionStrategy=Code("true")),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
)
