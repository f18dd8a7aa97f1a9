"""Bundled clients: page, source, lock files and recordings of applications built with a bundler."""

from __future__ import annotations

import json

from field_case import Case
from field_write import HTML, LEFT_OUT, SPA, Code, bundled, html, npm, vended
from har_builder import DENIED, NOT_CLASSIC, NOT_JWT, Har

_CSP = "content-security-policy: default-src 'self'; script-src 'self'; connect-src 'self' {}"
_PLANE = "https://dataplane.rum.eu-west-1.amazonaws.com"
_COGNITO = "https://cognito-identity.eu-west-1.amazonaws.com"
_NO_LOADER = ("AwsRumClient=\\{q", "as the first script")
_OWN_APP = json.dumps({"name": "shop", "dependencies": {"aws-rum-web": "^1.12.0"}})


def _locked(version: str) -> str:
    packages = {"node_modules/aws-rum-web": {"version": version, "resolved": "https://npm.example"}}
    return json.dumps({"name": "shop", "lockfileVersion": 3, "packages": packages})


def _yarn(version: str) -> str:
    return f'# yarn lockfile v1\n\n\naws-rum-web@^1.12.0:\n  version "{version}"\n  resolved "x"\n'


def _pnpm(version: str) -> str:
    return (
        f"lockfileVersion: '9.0'\n\npackages:\n\n  aws-rum-web@{version}:\n    resolution: {{}}\n"
    )


def _project(lock: str, text: str, wanted: str = _OWN_APP) -> dict[str, str]:
    return {"package.json": wanted, lock: text}


def _delivers() -> Har:
    return vended(bundled()).put(wait=5).put(wait=5).wait(3)


def _refused() -> Har:
    message = DENIED.format(session="CognitoIdentityCredentials")
    return vended(bundled()).put(403, "AccessDeniedException", message, wait=5).wait(9)


def _classic_flow_off() -> Har:
    har = Har(version="1.12.0", stated="1.12.0", installed="arw-module").document(html=SPA)
    har.get_id().open_id_token(400, "InvalidParameterException", NOT_CLASSIC)
    return har.sts(400, "InvalidIdentityToken", NOT_JWT, token="undefined").wait(12)


def _silent() -> Har:
    return bundled().wait(30).api().wait(2)


CASES = (
    Case(
        "policy-lacks-cognito",
        "bbc/simorgh 10089: the policy let the client load and kept its events in",
        page=SPA,
        headers=f"{HTML}\n{_CSP.format(_PLANE)}",
        source=npm(),
        verdict="broken",
        root=("csp-connect",),
        find={"snippet-present": "pass", "csp-script": "skip"},
        says=("cognito-identity.eu-west-1",),
        never=_NO_LOADER,
    ),
    Case(
        "policy-names-both-hosts",
        "the same page with the host of the identity pool in the policy",
        page=SPA,
        headers=f"{HTML}\n{_CSP.format(f'{_PLANE} {_COGNITO}')}",
        source=npm(),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "pass", "snippet-present": "pass"},
        never=_NO_LOADER,
    ),
    Case(
        "policy-of-another-region",
        "a template's policy names us-east-1, the monitor lives in eu-west-1",
        page=SPA,
        headers=f"{HTML}\n{_CSP.format(_PLANE.replace('eu-west-1', 'us-east-1'))}"
        " https://cognito-identity.us-east-1.amazonaws.com",
        source=npm(),
        verdict="broken",
        root=("csp-connect",),
        says=("dataplane.rum.eu-west-1",),
    ),
    Case(
        "release-without-its-entry",
        "aws-rum-web 371: 1.13.2 cannot be imported",
        source=npm(),
        source_name="src/rum.ts",
        files=_project("package-lock.json", _locked("1.13.2")),
        verdict="broken",
        root=("client-version",),
        says=("1\\.13\\.2", "npm install aws-rum-web"),
    ),
    Case(
        "release-that-throws",
        "aws-rum-web 381: 1.13.3 throws when it is loaded",
        source=npm(),
        source_name="src/rum.ts",
        files=_project("yarn.lock", _yarn("1.13.3")),
        verdict="broken",
        root=("client-version",),
        says=("1\\.13\\.3",),
    ),
    Case(
        "region-ignored-by-3-2-0",
        "aws-rum-web 881: without endpoint 3.2.0 sends to us-west-2 whatever the region",
        source=npm(region="eu-west-2", endpoint=LEFT_OUT, identityPoolId=LEFT_OUT, signing=False),
        source_name="src/rum.ts",
        files=_project("pnpm-lock.yaml", _pnpm("3.2.0"), _OWN_APP.replace("^1.12.0", "^3.0.0")),
        verdict="broken",
        root=("endpoint-region",),
        says=("us-west-2", "https://dataplane.rum.eu-west-2.amazonaws.com"),
    ),
    Case(
        "region-honoured-by-3-2-1",
        "the fix of it: 3.2.1 takes the region",
        source=npm(region="eu-west-2", endpoint=LEFT_OUT, identityPoolId=LEFT_OUT, signing=False),
        source_name="src/rum.ts",
        files=_project("package-lock.json", _locked("3.2.1")),
        verdict="unproven",
        root=(None,),
        find={"endpoint-region": "pass|unknown", "client-version": "pass|unknown"},
        never=("sent to us-west-2",),
    ),
    Case(
        "range-that-may-be-either",
        "package.json asks for ^3.1.0 and no lock file tells which release was built",
        source=npm(region="eu-west-2", endpoint=LEFT_OUT, identityPoolId=LEFT_OUT, signing=False),
        source_name="src/rum.ts",
        files={"package.json": json.dumps({"dependencies": {"aws-rum-web": "^3.1.0"}})},
        verdict="unproven",
        root=(None,),
        find={"endpoint-region": "warn"},
        says=("us-west-2", "https://dataplane.rum.eu-west-2.amazonaws.com"),
    ),
    Case(
        "range-that-is-old-enough",
        "package.json asks for ^2.1.0, whose releases take the region",
        source=npm(region="eu-west-2", endpoint=LEFT_OUT, identityPoolId=LEFT_OUT, signing=False),
        source_name="src/rum.ts",
        files={"package.json": json.dumps({"dependencies": {"aws-rum-web": "^2.1.0"}})},
        verdict="unproven",
        root=(None,),
        find={"endpoint-region": "unknown"},
        never=("us-west-2",),
    ),
    Case(
        "policy-and-unknown-hosts",
        "the page's policy lets it connect to itself alone, and the source names no host",
        page=SPA,
        headers=f"{HTML}\n{_CSP.format('')}",
        source=npm(
            region=Code("process.env.REGION"),
            endpoint=Code("process.env.RUM_ENDPOINT"),
            identityPoolId=Code("process.env.POOL"),
        ),
        verdict="unproven|broken",
        find={"csp-connect": "unknown|fail"},
    ),
    Case(
        "bundle-delivers",
        "a Vite application whose events arrive; nothing of the client is in its HTML",
        har=_delivers,
        verdict="healthy|degraded",
        root=(None,),
        find={"snippet-present": "pass", "events-arriving": "pass", "csp-script": "pass|skip"},
        never=_NO_LOADER,
    ),
    Case(
        "bundle-is-refused",
        "the role of a bundled client lacks the permission, as AWS's answer says",
        har=_refused,
        verdict="broken",
        root=("guest-role-permission",),
        find={"snippet-present": "pass"},
        says=("rum:PutRumEvents", "RUM-Monitor-shop-Unauth"),
        never=_NO_LOADER,
    ),
    Case(
        "classic-flow-off",
        "aws-rum-web 345: the basic flow is off; the console's stack names StsClient.js",
        har=_classic_flow_off,
        console=(
            (
                "Uncaught (in promise) Error: CWR: Failed to retrieve credentials from STS:"
                " TypeError: Cannot read properties of undefined (reading 'split')"
            ),
            "    at StsClient.eval (StsClient.js?0019:98:1)",
        ),
        verdict="broken",
        root=("classic-flow",),
        find={"snippet-present": "pass", "guest-role-trust": "pass|skip|unknown"},
        never=_NO_LOADER,
    ),
    Case(
        "html-of-a-next-application",
        "the HTML of a Next.js build names chunks alone",
        page=html(
            '<link rel="preload" as="script" href="/_next/static/chunks/webpack-1a2b.js">',
            body='<div id="__next"></div><script src="/_next/static/chunks/main-3c4d.js" defer>'
            '</script><script>self.__next_f=self.__next_f||[];self.__next_f.push([1,"x"])</script>',
        ),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        never=_NO_LOADER,
    ),
    Case(
        "silent-bundle",
        "a recording of a bundled application in which nothing of the client is seen",
        har=_silent,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        never=_NO_LOADER,
    ),
    Case(
        "slim-with-a-pool",
        "the slim build takes no identity pool and does not sign by itself",
        source=npm(package="@aws-rum/web-slim"),
        verdict="unproven",
        find={"credentials-configured": "skip|unknown|warn", "signing": "unknown|warn|fail"},
        says=("(?i)slim",),
    ),
    Case(
        "package-file-as-source",
        "only the project's lock file is at hand",
        page=npm(config="rumConfig", before="import { rumConfig } from './config';"),
        page_name="web/src/monitoring.ts",
        files={"web/package.json": _OWN_APP, "web/package-lock.json": _locked("1.13.2")},
        verdict="broken",
        root=("client-version",),
    ),
    Case(
        "dynamic-import",
        "import('aws-rum-web').then(…) inside an entry file",
        source="import('aws-rum-web').then(({ AwsRum }) => {\n"
        f"  new AwsRum('{Code('6f2d9c1a-0b3e-4c5d-8e7f-112233445566')}', '1.0.0', 'eu-west-1', {{\n"
        "    endpoint: 'https://dataplane.rum.eu-west-1.amazonaws.com',\n"
        "    telemetries: ['errors'], signing: false });\n});\n",
        source_name="main.js",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass|unknown", "credentials-configured": "skip"},
    ),
)
