"""A third gathering: what the first two did not hold, of every kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from field_case import Case
from field_write import (
    CDN,
    COGNITO,
    GOOD,
    HTML,
    PLANE,
    SPA,
    html,
    js,
    loader,
    npm,
    options,
    page,
    script,
    vended,
    visit,
)
from har_builder import DENIED, MONITOR, POOL, ROLE, SITE, Har

if TYPE_CHECKING:
    from collections.abc import Callable

_PUT = f"{PLANE}/appmonitors/{MONITOR}"
_COGNITO = COGNITO.rstrip("/")
_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"
_NEW = f"new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {options()});\n"
_QUIET: dict[str, object] = {
    "verdict": "unproven", "root": (None,), "find": {"snippet-present": "pass|unknown"},
    "never": ("cannot start", "as the first script"),
}  # fmt: skip
_FINE: dict[str, object] = {
    "verdict": "unproven", "root": (None,), "find": {"csp-connect": "pass"},
}  # fmt: skip
_NO_POOL: dict[str, object] = {
    "verdict": "broken", "root": ("csp-connect",), "says": ("cognito-identity\\.eu-west-1",),
}  # fmt: skip


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **more)  # type: ignore[arg-type]


def _policy(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, source=npm(), **more)  # type: ignore[arg-type]


def _console(name: str, report: str, *lines: str, **more: object) -> Case:
    return Case(
        name,
        report,
        files={"console.txt": "\n".join(lines) + "\n"},
        given={"console": "console.txt"},
        **more,  # type: ignore[arg-type]
    )


def _har(name: str, report: str, har: Callable[[], Har], **more: object) -> Case:
    return Case(name, report, har=har, **more)  # type: ignore[arg-type]


def _served(name: str, report: str, *head: str, **more: object) -> Case:
    return Case(name, report, page=html(*head), headers=HTML, **more)  # type: ignore[arg-type]


def _other_region() -> Har:
    har = Har(version="1.25.0", stated="1.25.0", region="us-west-2").document(html=page())
    vended(har.client())
    message = "Credential should be scoped to a valid Region, not 'eu-west-1'."
    return har.put(403, "InvalidSignatureException", message, wait=5, scope="eu-west-1").wait(5)


def _two_origins() -> Har:
    har = vended(visit()).put(wait=5)
    har.document("https://pay.partner.example/checkout", html="<html><body>Pay</body></html>")
    return har.wait(20)


def _role_elsewhere() -> Har:
    har = Har(version="1.25.0", stated="1.25.0").document(html=page(guestRoleArn=ROLE)).client()
    har.get_id().open_id_token()
    har.sts(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    return har.wait(15).api()


def _beacons_only() -> Har:
    har = vended(visit()).wait(2)
    return har.beacon().wait(1)


def _service_answers() -> Har:
    har = vended(visit())
    for _ in range(4):
        har.put(503, "ServiceUnavailableException", "Service Unavailable", wait=4)
    return har.wait(4)


def _late_identity() -> Har:
    return visit().wait(3).get_id(429, "TooManyRequestsException", "Rate exceeded").wait(15).api()


def _playwright(**changed: object) -> Har:
    har = Har(exporter="playwright", version="1.25.0", stated="1.25.0").document(html=page())
    vended(har.client())
    message = DENIED.format(session="CognitoIdentityCredentials")
    return har.put(403, "AccessDeniedException", message, wait=5).wait(5)


def _firefox() -> Har:
    har = Har(exporter="firefox", version="1.25.0", stated="1.25.0").document(html=page())
    return vended(har.client()).put(wait=5).put(wait=5).wait(3)


_JAVA = (
    "String policy = \"default-src 'self'; \"\n    + \"connect-src 'self' \"\n"
    f'    + "{PLANE} "\n    + "{_COGNITO}; "\n    + "img-src \'self\'";\n'
    'response.setHeader("Content-Security-Policy", policy);\n'
)
_PYTHON = (
    "CSP = (\n    \"default-src 'self'; \"\n    \"connect-src 'self' \"\n"
    f'    "{PLANE} "\n    "{_COGNITO}; "\n    "img-src *"\n)\n'
    'response.headers["Content-Security-Policy"] = CSP  # RUM\n'
)
_CONTEXT = f"""import React, {{ createContext }} from 'react';
import {{ AwsRum, AwsRumConfig }} from 'aws-rum-web';
export const Monitoring = createContext<{{ id: string; config: AwsRumConfig; rum?: AwsRum }}>({{
  id: import.meta.env.VITE_RUM_ID!, config: {js(GOOD)} }});
export const Provider: React.FC<React.PropsWithChildren> = (props) => {{
  const context = React.useContext(Monitoring);
  React.useEffect(() => {{
    if (!context.rum) context.rum = new AwsRum(context.id, '1.0.0', 'eu-west-1', context.config);
  }}, []);
  return <Monitoring.Provider value={{context}}>{{props.children}}</Monitoring.Provider>;
}};
"""

CASES = (
    _file(
        "init-of-a-default-import",
        "generated advice: a default import with init",
        "src/rum.js",
        "import CWRum from 'aws-rum-web';\nCWRum.init({\n  sessionSampleRate: 0.1,\n"
        f"  identityPoolId: '{POOL}', telemetries: ['errors'], domain: 'shop.example' }});\n",
        verdict="broken",
        root=("snippet-present",),
        says=(r"new AwsRum\(",),
    ),
    _file(
        "event-with-three-arguments",
        "public code: cwr('recordEvent', name, data)",
        "rum.js",
        f"{loader()}\nwindow.cwr('recordEvent', 'traffic_source', {{ from: 'ad' }});\n",
        verdict="unproven|degraded",
        root=(None,),
        find={"custom-events": "warn|fail"},
        says=("type",),
    ),
    _file(
        "event-of-the-right-shape",
        "the same as the client wants it",
        "rum.js",
        f"{loader()}\ncwr('recordEvent', {{ type: 'traffic', data: {{ from: 'ad' }} }});\n",
        **_QUIET,
    ),
    _file(
        "context-of-react",
        "public code: the settings stand in a context",
        "src/Monitoring.tsx",
        _CONTEXT,
        **_QUIET,
    ),
    _file(
        "types-of-the-environment",
        "a file of types names the variables",
        "src/vite-env.d.ts",
        "interface ImportMetaEnv {\n  readonly VITE_RUM_APP_MONITOR_ID?: string;\n}\n",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
    ),
    _file(
        "article-with-code",
        "public code: a page shows the source in a component for code",
        "src/Article.tsx",
        "export default () => <CodeSnippet language='typescript' text={`\n"
        f"{_IMPORT}{_NEW}`}} />;\n",
        verdict="unproven",
        root=(None,),
    ),
    _policy(
        "policy-of-java-strings",
        "public code: strings of Java that are added",
        "Csp.java",
        _JAVA,
        **_FINE,
    ),
    _policy(
        "policy-of-java-that-lacks-a-host",
        "the same without the identity pool's host",
        "Csp.java",
        _JAVA.replace(f'    + "{_COGNITO}; "\n', '    + "; "\n'),
        **_NO_POOL,
    ),
    _policy(
        "policy-of-python-strings",
        "strings of Python that stand side by side",
        "csp.py",
        _PYTHON,
        **_FINE,
    ),
    _policy(
        "policy-of-python-that-lacks-a-host",
        "the same without the identity pool's host",
        "csp.py",
        _PYTHON.replace(f'    "{_COGNITO}; "\n', '    "; "\n'),
        **_NO_POOL,
    ),
    _policy(
        "policy-of-lambda-at-edge",
        "a function of Lambda@Edge sets the header",
        "edge.js",
        "exports.handler = async (event) => {\n  const { response } = event.Records[0].cf;\n"
        "  response.headers['content-security-policy'] = [{ key: 'Content-Security-Policy',\n"
        f"    value: \"default-src 'self'; connect-src 'self' {PLANE}\" }}];\n"
        "  return response;\n};\n",
        **_NO_POOL,
    ),
    _policy(
        "policy-of-a-cloudfront-function",
        "a function of CloudFront builds it from a list",
        "headers.js",
        "function handler(event) {\n  var csp = [\"default-src 'self'\",\n"
        f"    \"connect-src 'self' {PLANE} {_COGNITO}\"].join('; ');\n"
        "  event.response.headers['content-security-policy'] = { value: csp };\n"
        "  return event.response;\n}\n",
        **_FINE,
    ),
    _policy(
        "policy-of-cloudformation",
        "a template that fills in its own Region",
        "template.yaml",
        "ContentSecurityPolicy:\n  ContentSecurityPolicy: !Sub \"default-src 'self';"
        " connect-src 'self' https://dataplane.rum.${AWS::Region}.amazonaws.com"
        ' https://cognito-identity.${AWS::Region}.amazonaws.com"\n  Override: true\n',
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "unknown|pass"},
    ),
    _policy(
        "policy-of-traefik",
        "labels of a container set the header",
        "docker-compose.yml",
        'labels:\n  - "traefik.http.middlewares.csp.headers.contentSecurityPolicy=default-src'
        f" 'self'; connect-src 'self' {PLANE}\"\n",
        **_NO_POOL,
    ),
    _policy(
        "policy-of-flask-talisman",
        "a dictionary of Python",
        "app.py",
        "csp = {\n    'default-src': \"'self'\",\n"
        f"    'connect-src': [\"'self'\", '{PLANE}'],\n}}\n"
        "Talisman(app, content_security_policy=csp)  # rum\n",
        **_NO_POOL,
    ),
    _policy(
        "policy-of-caddy",
        "a header of a Caddyfile",
        "Caddyfile",
        "shop.example {\n  header {\n    Content-Security-Policy \"default-src 'self';"
        f" connect-src 'self' {PLANE}\"\n  }}\n}}\n",
        **_NO_POOL,
    ),
    Case(
        "policy-in-two-places",
        "a header that allows, and a meta element that does not",
        page=html(
            '<meta http-equiv="Content-Security-Policy" content="connect-src \'self\'">',
            script(loader()),
        ),
        headers=f"{HTML}\ncontent-security-policy: connect-src *",
        verdict="broken",
        root=("csp-connect",),
        says=("meta",),
    ),
    Case(
        "headers-as-json-lines",
        "headers as a browser's copy button gives them",
        page=SPA,
        headers=json.dumps(
            [{"name": "Content-Security-Policy", "value": f"connect-src 'self' {PLANE}"}]
        ),
        source=npm(),
        **_NO_POOL,
    ),  # type: ignore[arg-type]
    _served(
        "base-before-the-script",
        "a base element sends relative addresses elsewhere",
        '<base href="https://cdn.shop.example/">',
        script(loader(url="cwr.js")),
        **_QUIET,
    ),
    _served(
        "snippet-after-an-error",
        "an error in an earlier script stops that script alone",
        script("undefinedFunction();"),
        script(loader()),
        **_QUIET,
    ),
    _served(
        "snippet-twice-with-two-names",
        "two monitors under two names of the function",
        script(loader()),
        script(loader(monitor="0a1b2c3d-1111-4222-8333-445566778899").replace("'cwr'", "'cwr2'")),
        verdict="broken|degraded|unproven",
        says=("2 (?:clients|monitors)",),
    ),
    _served(
        "data-layer-before-it",
        "a page whose consent mode is set before the snippet",
        script(
            "window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}"
            "gtag('consent','default',{analytics_storage:'denied'});"
        ),
        script(loader()),
        **_QUIET,
    ),
    _served(
        "new-major-release",
        "3.x and no endpoint: the URL names a release that takes the Region",
        script(loader(url=CDN.replace("1.25.0", "3.x"))),
        **_QUIET,
    ),
    _console(
        "cypress-log",
        "Cypress prints a request row",
        f"(fetch) POST 403 {_PUT}",
        verdict="broken",
        root=("put-events-denied",),
    ),
    _console(
        "edge-devtools",
        "Edge's wording of a blocked request",
        f"POST {_PUT} net::ERR_BLOCKED_BY_ADMINISTRATOR",
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
    ),
    _console(
        "brave-shields",
        "Brave's shields stop the script",
        f"GET {CDN} net::ERR_BLOCKED_BY_CLIENT",
        verdict="broken",
        root=("client-script-loads",),
    ),
    _console(
        "firefox-strict",
        "Firefox's strict protection stops the script",
        f"The resource at \u201c{CDN}\u201d was blocked because content blocking is enabled.",
        f"Loading failed for the <script> with source \u201c{CDN}\u201d.",
        verdict="broken",
        root=("client-script-loads",),
    ),
    _console(
        "duckduckgo",
        "a content blocker of Safari",
        f"[Error] Content blocker prevented frame displaying {SITE}/ from loading a resource"
        f" from {_PUT}",
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
    ),
    _console(
        "sdk-of-the-site",
        "another client's words: nothing of RUM",
        "[Datadog] RUM: Application ID is not configured, no RUM data will be collected.",
        verdict="unproven",
        root=(None,),
    ),
    _console(
        "debug-of-the-client",
        "the client's own lines with debug: true, and all goes well",
        "[aws-rum-web:Dispatch] Dispatching 4 events",
        verdict="unproven|healthy",
        root=(None,),
    ),
    _console(
        "unsampled",
        "the client says that the session is not sampled",
        "[aws-rum-web:SessionManager] Session is NOT sampled",
        verdict="broken|unproven|degraded",
        find={"session-sample-rate": "fail|warn"},
    ),
    _har(
        "signed-for-another-region",
        "the endpoint of another Region than the argument",
        _other_region,
        verdict="broken",
        root=("endpoint-region",),
    ),
    _har(
        "on-to-another-site",
        "the visitor goes on to a partner's site, which has no client",
        _two_origins,
        verdict="healthy|degraded",
        root=(None,),
    ),
    _har(
        "role-that-does-not-trust",
        "STS refuses the role",
        _role_elsewhere,
        verdict="broken",
        root=("guest-role-trust",),
    ),
    _har(
        "beacons-alone",
        "a short visit: what was recorded left with a beacon",
        _beacons_only,
        verdict="healthy|degraded|unproven",
        root=(None,),
    ),
    _har(
        "service-unavailable",
        "the data plane answers 503 for a while",
        _service_answers,
        verdict="broken",
        root=("events-arriving",),
    ),
    _har(
        "cognito-is-throttled",
        "Cognito takes no more requests",
        _late_identity,
        verdict="broken",
        root=("throttling", "token-vending-failures"),
    ),
    _har(
        "test-of-playwright",
        "recordHar of a test",
        _playwright,
        verdict="broken",
        root=("guest-role-permission",),
    ),
    _har(
        "export-of-firefox",
        "Firefox's own export of a good visit",
        _firefox,
        verdict="healthy|degraded",
        root=(None,),
    ),
    Case(
        "snippet-of-the-console-as-text",
        "the snippet alone, out of a mail",
        page=loader(),
        page_name="snippet.txt",
        **_QUIET,
    ),  # type: ignore[arg-type]
    Case(
        "page-of-markup-by-a-mail",
        "the snippet with its script element alone",
        page=script(loader()),
        page_name="snippet.html",
        **_QUIET,
    ),  # type: ignore[arg-type]
    Case(
        "policy-report-and-page",
        "a report of the policy beside the page",
        page=page(),
        files={
            "console.txt": json.dumps(
                {
                    "csp-report": {
                        "document-uri": f"{SITE}/",
                        "effective-directive": "script-src-elem",
                        "violated-directive": "script-src-elem",
                        "blocked-uri": "inline",
                        "original-policy": "script-src 'self'",
                        "disposition": "enforce",
                    }
                }
            )
        },
        given={"console": "console.txt"},
        verdict="broken",
        root=("csp-script",),
    ),
)
