"""Content security policies as frameworks, servers and people write them."""

from __future__ import annotations

from field_case import Case
from field_write import COGNITO, HTML, PLANE, SPA, npm, page

_CLIENT = "https://client.rum.us-east-1.amazonaws.com"
_HOST = PLANE.removeprefix("https://")
_COGNITO = COGNITO.rstrip("/")


def _headers(*policies: str) -> str:
    return "\n".join([HTML, *(f"content-security-policy: {policy}" for policy in policies)])


def _bundled(name: str, report: str, connect: str, **more: object) -> Case:
    policy = f"default-src 'self'; script-src 'self'; connect-src {connect}; img-src 'self' data:"
    given: dict[str, object] = {"verdict": "broken", "root": ("csp-connect",), **more}
    return Case(
        name,
        report,
        page=SPA,
        headers=_headers(policy),
        source=npm(),
        **given,  # type: ignore[arg-type]
    )


_FINE: dict[str, object] = {
    "verdict": "unproven", "root": (None,), "find": {"csp-connect": "pass"}, "says": (),
}  # fmt: skip

CASES = (
    Case(
        "defaults-of-helmet",
        "the policy that helmet sends when nobody configures it",
        page=page(),
        headers=_headers(
            "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';"
            "frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';"
            "script-src-attr 'none';style-src 'self' https: 'unsafe-inline';"
            "upgrade-insecure-requests"
        ),
        verdict="broken",
        root=("csp-script",),
        find={"csp-script": "fail", "csp-connect": "fail"},
        says=("sha256-", "dataplane\\.rum\\.eu-west-1", "cognito-identity\\.eu-west-1"),
    ),
    Case(
        "unsafe-inline-and-not-the-host",
        "public code: 'unsafe-inline' lets the snippet run, and its script's host is not listed",
        page=page(),
        headers=_headers(
            f"default-src 'none'; script-src 'self' 'unsafe-inline'; connect-src 'self' {PLANE}"
            f" {_COGNITO}; img-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'self'"
        ),
        verdict="broken",
        root=("csp-script",),
        find={"csp-script": "fail", "csp-connect": "pass"},
        says=("client\\.rum\\.us-east-1",),
    ),
    Case(
        "host-of-the-wrong-region",
        "somebody replaced the region everywhere, in the client's own host as well",
        page=page(),
        headers=_headers(
            "script-src 'self' 'unsafe-inline' https://client.rum.eu-west-1.amazonaws.com;"
            f" connect-src 'self' {PLANE} {_COGNITO}"
        ),
        verdict="broken",
        root=("csp-script",),
        says=("client\\.rum\\.us-east-1",),
    ),
    Case(
        "nonce-of-a-middleware",
        "a middleware of Next.js gives its scripts a nonce; the snippet has none",
        page=page(),
        headers=_headers(
            "default-src 'self'; script-src 'self' 'nonce-bm9uY2Ugb2YgdG9kYXk=' 'strict-dynamic';"
            f" connect-src 'self' {PLANE} {_COGNITO}"
        ),
        verdict="broken",
        root=("csp-script",),
        find={"csp-script": "fail", "csp-connect": "pass"},
        says=("nonce",),
    ),
    Case(
        "two-policies",
        "nginx adds a policy to that of the application: both have to allow",
        page=page(),
        headers=_headers(
            f"script-src 'self' 'unsafe-inline' {_CLIENT}; connect-src 'self' {PLANE} {_COGNITO}",
            "default-src 'self' 'unsafe-inline'",
        ),
        verdict="broken",
        root=("csp-script",),
        find={"csp-script": "fail", "csp-connect": "fail"},
    ),
    Case(
        "meta-of-cordova",
        "the policy in the meta element of an Ionic or Cordova project",
        page=page(
            before='<meta http-equiv="Content-Security-Policy" content="default-src \'self\' data:'
            " gap: https://ssl.gstatic.com 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
            " media-src *; img-src 'self' data: content:;\">"
        ),
        headers=HTML,
        verdict="broken",
        root=("csp-script",),
        find={"csp-script": "fail", "csp-connect": "fail"},
    ),
    Case(
        "electron-with-a-scheme-of-its-own",
        "an Electron window whose policy lists its own scheme and https: for connections",
        page=SPA,
        headers=_headers(
            "default-src 'self' app:; script-src 'self' app:; connect-src app: https:"
        ),
        source=npm(),
        **_FINE,  # type: ignore[arg-type]
    ),
    _bundled(
        "hosts-without-a-scheme",
        "hosts without https:// are as good on a page of https",
        f"'self' {_HOST} {_COGNITO.removeprefix('https://')}",
        **_FINE,
    ),
    _bundled(
        "any-host-of-aws", "https://*.amazonaws.com", "'self' https://*.amazonaws.com", **_FINE
    ),
    _bundled(
        "star-within-a-host",
        "a star in the middle of a host is no source at all",
        "'self' https://dataplane.rum.*.amazonaws.com https://cognito-identity.*.amazonaws.com",
        says=("\\*",),
    ),
    _bundled(
        "only-the-hosts-of-rum",
        "*.rum covers the data plane and not the identity pool",
        "'self' https://*.rum.eu-west-1.amazonaws.com",
        says=("cognito-identity\\.eu-west-1",),
    ),
    _bundled(
        "comma-left-out-in-a-list",
        "a comma is missing in a tuple of Django's settings, so two strings became one",
        f"'self' {PLANE}{_COGNITO}",
        says=(f"{PLANE}", "(?i)two|without a space|run together"),
    ),
    _bundled(
        "commas-between-sources",
        "sources joined with commas: the header then holds two policies",
        f"'self', {PLANE}, {_COGNITO}",
        says=("(?i)comma",),
    ),
    _bundled(
        "keywords-without-quotes",
        "a list of YAML lost the quotes of 'self'; the hosts are there",
        f"self {PLANE} {_COGNITO}",
        **_FINE,
    ),
    _bundled(
        "path-of-the-monitor",
        "the data plane with the path of another monitor",
        f"'self' {PLANE}/appmonitors/0a1b2c3d-1111-4222-8333-445566778899 {_COGNITO}",
        find={"csp-connect": "fail"},
    ),
    _bundled(
        "fips-host-in-the-policy",
        "the policy lists the control plane, the client speaks to the data plane",
        f"'self' https://rum.eu-west-1.amazonaws.com {_COGNITO}",
        says=("dataplane\\.rum\\.eu-west-1",),
    ),
    _bundled(
        "variable-that-was-not-replaced",
        "a function of CloudFront sends a policy with a mark in it",
        "'self' https://dataplane.rum.${region}.amazonaws.com"
        " https://cognito-identity.${region}.amazonaws.com",
        says=("\\$\\{region\\}",),
    ),
    Case(
        "policy-of-another-directive-name",
        "connectSrc of a helmet configuration was written into the header as it is",
        page=SPA,
        headers=_headers(
            f"default-src 'self'; script-src 'self'; connectSrc 'self' {PLANE} {_COGNITO}"
        ),
        source=npm(),
        verdict="broken",
        root=("csp-connect",),
        says=("(?i)connectsrc",),
    ),
    Case(
        "reporting-only",
        "a policy on trial blocks nothing",
        page=page(),
        headers=f"{HTML}\ncontent-security-policy-report-only: default-src 'self'",
        verdict="unproven",
        root=(None,),
        find={"csp-script": "pass|skip|warn", "csp-connect": "pass|skip|warn"},
    ),
)
