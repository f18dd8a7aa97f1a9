"""Options that no client reads, and what was meant."""

from __future__ import annotations

from field_case import Case
from field_write import GOOD, HTML, LEFT_OUT, html, loader, npm, page, script, vended, visit
from har_builder import POOL, ROLE, Har

_API_NAMES = {
    "SessionSampleRate": 1,
    "IdentityPoolId": POOL,
    "Telemetries": ["errors"],
    "AllowCookies": True,
}


def _delivers_with(**given: object) -> Har:
    return vended(visit(page(**given))).put(wait=5).put(wait=5).wait(3)


CASES = (
    Case(
        "switches-as-texts",
        "options out of an environment are texts, and 'true' is true to the client",
        page=page(
            enableXRay="true", telemetries=["errors", ["http", {"addXRayTraceIdHeader": True}]]
        ),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"xray-enabled": "pass", "client-enabled": "pass"},
    ),
    Case(
        "switched-off-with-a-zero",
        "enableRumClient: 0 is as good as false",
        page=page(enableRumClient=0),
        headers=HTML,
        verdict="broken",
        root=("client-enabled",),
        find={"client-enabled": "fail"},
        says=("enableRumClient is 0",),
    ),
    Case(
        "quotes-of-a-word-processor",
        "the snippet came by way of a document, which curled the quotes of its first argument",
        page=page().replace("'cwr'", "\u2018cwr\u2019"),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        says=("does not parse",),
    ),
    Case(
        "snippet-of-layout-and-page",
        "the layout and the page both hold the snippet of the same monitor",
        page=html(script(loader()), script(loader())),
        headers=HTML,
        verdict="degraded|unproven",
        root=(None,),
        find={"snippet-present": "warn"},
        says=("2 times",),
    ),
    Case(
        "misspelt-and-not-filled",
        "a name of the API's with a stand-in behind it: neither may come back in a fix",
        page=page(
            endpoint=LEFT_OUT,
            Endpoint="YOUR_ENDPOINT",
            sessionSampleRate=LEFT_OUT,
            SessionSampleRate=0.5,
        ),
        headers=HTML,
        find={"client-version": "warn"},
        says=("Endpoint \\(endpoint is meant\\)", "sessionSampleRate: 0.5"),
        wrong=("YOUR_ENDPOINT",),
    ),
    Case(
        "option-that-came-later",
        "aws-rum-web 663: compressionStrategy with the client that the console's snippet loads",
        page=page(compressionStrategy={"enabled": True}),
        headers=HTML,
        verdict="degraded|unproven",
        root=(None, "client-version"),
        find={"client-version": "warn"},
        says=("ignores compressionStrategy: it does not know it yet", "/2.x/cwr.js"),
    ),
    Case(
        "telemetry-that-is-no-name",
        "telemetries: ['errors', withHttp && 'http'] where the constant is false",
        source=npm(telemetries=["errors", False]),
        verdict="unproven|degraded",
        find={"client-enabled": "warn"},
        says=("ignores false in telemetries",),
    ),
    Case(
        "rate-with-a-slip",
        "aws-rum-web 713: sessionSalmpleRate",
        source=npm(sessionSampleRate=LEFT_OUT, sessionSalmpleRate=0.5),
        verdict="unproven",
        root=(None,),
        find={"client-version": "warn", "session-sample-rate": "pass|unknown|warn"},
        says=("sessionSalmpleRate", "sessionSampleRate: 0.5"),
    ),
    Case(
        "limit-in-capitals",
        "aws-rum-web 713: SessionEventLimit",
        source=npm(SessionEventLimit=0),
        verdict="unproven",
        root=(None,),
        find={"client-version": "warn"},
        says=("SessionEventLimit", "sessionEventLimit: 0"),
    ),
    Case(
        "pool-with-a-small-letter",
        "aws-rum-web 713: identityPoolid",
        source=npm(identityPoolId=LEFT_OUT, identityPoolid=POOL),
        verdict="broken",
        root=("credentials-configured",),
        says=("identityPoolid", f"identityPoolId: '{POOL}'"),
        never=("create-identity-pool",),
    ),
    Case(
        "pool-misspelt-and-of-the-wrong-kind",
        "IdentityPoolID with the id of a user pool",
        source=npm(identityPoolId=LEFT_OUT, IdentityPoolID="eu-west-1_AbCdEf123"),
        verdict="broken",
        root=("credentials-configured",),
        says=("IdentityPoolID",),
        wrong=("eu-west-1_AbCdEf123",),
    ),
    Case(
        "rate-under-another-name",
        "sessionSamplingRate, as other agents call it",
        page=page(sessionSampleRate=LEFT_OUT, sessionSamplingRate=0.1),
        headers=HTML,
        verdict="unproven",
        find={"client-version": "warn"},
        says=("sessionSamplingRate", "sessionSampleRate: 0.1"),
    ),
    Case(
        "telemetry-in-the-singular",
        "telemetry: […]",
        source=npm(telemetries=LEFT_OUT, telemetry=["errors", "http"]),
        verdict="unproven",
        find={"client-version": "warn"},
        says=("telemetries: \\['errors', 'http'\\]",),
    ),
    Case(
        "telemetries-that-do-not-exist",
        "public code: 'resource' among the telemetries, others write 'error' and 'https'",
        source=npm(telemetries=["performance", "error", "https", "resource"]),
        verdict="unproven",
        root=(None,),
        find={"client-enabled": "warn"},
        says=(
            "'error'",
            "'https'",
            "'resource'",
            "telemetries: \\['performance', 'errors', 'http'",
        ),
    ),
    Case(
        "header-option-with-a-small-letter",
        "aws-rum-web 713: addXrayTraceIdHeader inside the http telemetry",
        source=npm(
            enableXRay=True,
            telemetries=[
                "errors",
                ["http", {"recordAllRequests": True, "addXrayTraceIdHeader": True}],
            ],
        ),
        verdict="unproven",
        find={"xray-header": "fail|warn"},
        says=("addXrayTraceIdHeader", "addXRayTraceIdHeader: true"),
    ),
    Case(
        "options-of-other-agents",
        "generated advice: cookieDomain, disableXsrfCookie",
        source=npm(cookieDomain=".shop.example", disableXsrfCookie=False),
        verdict="unproven",
        root=(None,),
        find={"client-version": "pass|unknown|warn", "snippet-present": "pass"},
    ),
    Case(
        "names-of-the-api",
        "public code: AppMonitorConfiguration of GetAppMonitor handed to the client as it is",
        source=npm(
            config="",
            **dict.fromkeys(GOOD, LEFT_OUT),
            **_API_NAMES,
        ),
        verdict="broken",
        root=("credentials-configured",),
        says=("IdentityPoolId", f"identityPoolId: '{POOL}'"),
    ),
    Case(
        "role-in-capitals",
        "guestRoleARN",
        source=npm(guestRoleARN=ROLE),
        verdict="unproven",
        root=(None,),
        find={"client-version": "warn"},
        says=("guestRoleARN",),
    ),
    Case(
        "xray-with-a-small-letter",
        "enableXray: true",
        source=npm(enableXRay=LEFT_OUT, enableXray=True),
        verdict="unproven",
        root=(None,),
        find={"client-version": "warn"},
        says=("enableXRay: true",),
    ),
    Case(
        "page-in-the-singular",
        "pageToInclude: a list of patterns that nobody reads",
        source=npm(pageToInclude=["/shop/"]),
        verdict="unproven",
        find={"client-version": "warn"},
        says=("pagesToInclude",),
    ),
    Case(
        "misspelt-and-arriving",
        "an option is misspelt, and events arrive all the same",
        har=lambda: _delivers_with(SessionEventLimit=0),
        verdict="degraded",
        root=(None,),
        find={"client-version": "warn", "events-arriving": "pass"},
        says=("sessionEventLimit: 0",),
    ),
    Case(
        "endpoint-under-another-name",
        "dataPlaneEndpoint",
        source=npm(
            endpoint=LEFT_OUT, dataPlaneEndpoint="https://dataplane.rum.eu-west-1.amazonaws.com"
        ),
        verdict="unproven",
        find={"client-version": "warn"},
        says=("endpoint: 'https://dataplane\\.rum\\.eu-west-1",),
    ),
)
