"""A last gathering, to see how many of fresh inputs are answered rightly at once."""

from __future__ import annotations

import base64
import json

from field_case import QUIET, Case, console_case, har_case
from field_write import (
    CDN,
    COGNITO,
    HTML,
    PLANE,
    PUT,
    SPA,
    html,
    loader,
    npm,
    options,
    page,
    script,
    vended,
    visit,
)
from har_builder import DENIED, MONITOR, OTHER_MONITOR, POOL, SESSION, SITE, Har

_COGNITO = COGNITO.rstrip("/")
_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"
_NEW = f"new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {options()});\n"


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **(QUIET | more))  # type: ignore[arg-type]


def _renewed() -> Har:
    har = vended(visit()).put(wait=5)
    har.put(403, "ExpiredTokenException", "The security token included in the request is expired",
            wait=3600)  # fmt: skip
    return vended(har).put(wait=2).wait(3)


def _unsigned_and_policy() -> Har:
    har = visit(page(signing=False))
    har.put(403, "AccessDeniedException", "User: anonymous is not authorized to perform:"
            " rum:PutRumEvents", signed=False, wait=5)  # fmt: skip
    return har.wait(5)


def _own_proxy_500() -> Har:
    har = vended(visit(page(endpoint="https://www.shop.example/rum")))
    headers = {"content-type": "text/plain", "server": "nginx"}
    return har.put(502, host="www.shop.example", path=f"/rum/appmonitors/{MONITOR}",
                   headers=headers, text="Bad Gateway", wait=5).wait(9)  # fmt: skip


def _cached_client_of_a_worker() -> Har:
    har = Har(version="1.25.0", stated="1.25.0").document(html=page())
    har.client(worker=True)
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _safari() -> Har:
    har = Har(exporter="safari", version="1.25.0", stated="1.25.0").document(html=page())
    vended(har.client())
    return har.put(403, "AccessDeniedException",
                   DENIED.format(session="CognitoIdentityCredentials"), wait=5).wait(5)  # fmt: skip


def _cookie(**changed: object) -> str:
    value = {"sessionId": SESSION, "record": True, "eventCount": 4} | changed
    return base64.b64encode(json.dumps(value).encode()).decode()


CASES = (
    _file(
        "provider-of-solid",
        "Solid's onMount starts the client",
        "src/App.tsx",
        f"import {{ onMount }} from 'solid-js';\n{_IMPORT}export default () => {{\n"
        f"  onMount(() => {{ {_NEW} }});\n  return <main />;\n}};\n",
    ),
    _file(
        "controller-of-stimulus",
        "a controller of Stimulus connects",
        "rum_controller.js",
        "import { Controller } from '@hotwired/stimulus';\n"
        + _IMPORT
        + f"export default class extends Controller {{\n  connect() {{ this.rum = {_NEW} }}\n}}\n",
    ),
    _file(
        "module-of-angular",
        "main.ts of Angular constructs before it bootstraps",
        "src/main.ts",
        f"{_IMPORT}import {{ bootstrapApplication }} from '@angular/platform-browser';\n"
        f"export const rum = {_NEW}bootstrapApplication(AppComponent);\n",
    ),
    _file(
        "worker-beside-the-page",
        "a page's entry that starts a worker and the client",
        "src/main.ts",
        f"{_IMPORT}const worker = new Worker(new URL('./w.ts', import.meta.url));\n"
        f"worker.onmessage = () => {{}};\n{_NEW}",
    ),
    _file(
        "renderer-of-electron",
        "the renderer of Electron",
        "src/renderer.ts",
        f"import {{ ipcRenderer }} from 'electron';\n{_IMPORT}{_NEW}ipcRenderer.send('up');\n",
    ),
    _file(
        "native-with-a-platform",
        "Expo starts the client on the web alone",
        "App.tsx",
        f"import {{ Platform }} from 'react-native';\n{_IMPORT}"
        f"if (Platform.OS === 'web') {{ {_NEW} }}\n",
    ),
    _file(
        "layout-with-metadata-and-a-component",
        "a server layout that renders a client component",
        "app/layout.tsx",
        "import type { Metadata } from 'next';\nimport { Rum } from './rum';\n"
        "export const metadata: Metadata = { title: 'Shop' };\n"
        "export default function Root({ children }) { return <html><body><Rum />{children}</body>"
        "</html>; }\n",
        find={"snippet-present": "unknown"},
    ),
    _file(
        "instrumentation-of-next",
        "instrumentation-client.ts runs in the browser",
        "instrumentation-client.ts",
        f"{_IMPORT}{_NEW}",
    ),
    _file(
        "spread-over-defaults",
        "defaults of a file and what differs here",
        "src/rum.ts",
        "import { defaults } from './defaults';\n"
        + _IMPORT
        + f"new AwsRum('{MONITOR}', '1', 'eu-west-1', {{ ...defaults, sessionSampleRate: 1 }});\n",
    ),
    _file(
        "script-component-of-next",
        "next/script with an id and the text in braces",
        "app/rum.tsx",
        "import Script from 'next/script';\nexport default () => (\n"
        "  <Script id='rum' strategy='beforeInteractive'>{`" + loader() + "`}</Script>\n);\n",
    ),
    _file(
        "head-of-gatsby",
        "the Head API of Gatsby",
        "src/pages/index.js",
        "export const Head = () => <script dangerouslySetInnerHTML={{ __html: `"
        + loader()
        + "` }} />;\n",
    ),
    Case(
        "policy-of-rails-with-a-condition",
        "a policy that development widens",
        page="Rails.application.config.content_security_policy do |policy|\n"
        f"  policy.default_src :self\n  policy.connect_src :self, '{PLANE}', '{_COGNITO}'\n"
        "  policy.connect_src :self, :https if Rails.env.development?\nend\n",
        page_name="content_security_policy.rb",
        source=npm(),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "pass|unknown"},
    ),
    Case(
        "policy-of-spatie",
        "a policy of Laravel",
        page="<?php\nclass Shop extends Policy {\n"
        "  public function configure() {\n"
        "    $this->addDirective(Directive::DEFAULT, Keyword::SELF)\n"
        f"      ->addDirective(Directive::CONNECT, [Keyword::SELF, '{PLANE}']); // Csp\n  }}\n}}\n",
        page_name="ShopPolicy.php",
        source=npm(),
        verdict="broken",
        root=("csp-connect",),
    ),
    Case(
        "policy-of-sveltekit",
        "the configuration of SvelteKit",
        page="export default { kit: { csp: { directives: {\n  'script-src': ['self'],\n"
        f"  'connect-src': ['self', '{PLANE}', '{_COGNITO}'] }} }} }};\n",
        page_name="svelte.config.js",
        source=npm(),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "pass"},
    ),
    Case(
        "policy-of-firebase",
        "firebase.json lists headers",
        page=json.dumps(
            {
                "hosting": {
                    "headers": [
                        {
                            "source": "**",
                            "headers": [
                                {"key": "Content-Security-Policy", "value": "default-src 'self'"}
                            ],
                        }
                    ]
                }
            }
        ),
        page_name="firebase.json",
        source=npm(),
        verdict="broken",
        root=("csp-connect",),
        says=("default-src",),
    ),
    Case(
        "policy-of-static-web-apps",
        "staticwebapp.config.json names the header",
        page=json.dumps(
            {"globalHeaders": {"content-security-policy": f"connect-src 'self' {PLANE} {_COGNITO}"}}
        ),
        page_name="staticwebapp.config.json",
        source=npm(),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "pass"},
    ),
    Case(
        "headers-of-httpie",
        "HTTPie prints the headers",
        page=SPA,
        headers="HTTP/1.1 200 OK\nContent-Type: text/html\n"
        f"Content-Security-Policy: connect-src 'self' {PLANE}\n",
        source=npm(),
        verdict="broken",
        root=("csp-connect",),
    ),
    console_case(
        "violation-as-an-event",
        "an event of securitypolicyviolation, as a listener logged it",
        json.dumps(
            {
                "blockedURI": PUT,
                "effectiveDirective": "connect-src",
                "violatedDirective": "connect-src",
                "disposition": "enforce",
                "originalPolicy": "connect-src 'self'",
            }
        ),
        verdict="broken",
        root=("csp-connect",),
    ),
    console_case(
        "event-of-sentry",
        "an event of Sentry with its breadcrumbs",
        json.dumps(
            {
                "exception": {"values": [{"type": "Error", "value": "x"}]},
                "breadcrumbs": {
                    "values": [
                        {
                            "category": "xhr",
                            "data": {"method": "POST", "url": PUT, "status_code": 404},
                        }
                    ]
                },
            }
        ),
        verdict="broken",
        find={"events-arriving": "fail"},
    ),
    console_case(
        "rejections-of-react",
        "React's overlay of an unhandled rejection",
        "Unhandled Rejection (Error): CWR: Failed to retrieve credentials for Cognito identity:"
        " Error: NotAuthorizedException: Unauthenticated access is not supported for this"
        " identity pool.",
        verdict="broken",
        root=("identity-pool",),
    ),
    console_case(
        "cors-of-the-script",
        "the script with crossorigin from a host without CORS",
        f"Access to script at 'https://cdn.shop.example/cwr.js' from origin '{SITE}' has been"
        " blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the"
        " requested resource.",
        "GET https://cdn.shop.example/cwr.js net::ERR_FAILED",
        verdict="broken",
        root=("client-script-loads",),
    ),
    console_case(
        "healthy-console",
        "a console of a visit on which all goes well",
        "Download the React DevTools for a better development experience",
        "[HMR] Waiting for update signal from WDS...",
        verdict="unproven",
        root=(None,),
    ),
    har_case(
        "credentials-that-were-renewed",
        "one batch was lost while the credentials ran out",
        _renewed,
        verdict="degraded",
        root=(None, "stored-credentials"),
    ),
    har_case(
        "unsigned-without-a-policy",
        "unsigned events, and nothing lets them in",
        _unsigned_and_policy,
        verdict="broken",
        root=("resource-policy", "signing"),
    ),
    har_case(
        "proxy-that-is-down",
        "the site's own proxy answers 502",
        _own_proxy_500,
        verdict="broken",
        root=("endpoint-region", "events-arriving"),
    ),
    har_case(
        "script-out-of-a-worker",
        "a service worker keeps the script",
        _cached_client_of_a_worker,
        verdict="healthy|degraded",
        root=(None,),
    ),
    har_case(
        "export-of-safari",
        "Safari's export of a refusal",
        _safari,
        verdict="broken",
        root=("guest-role-permission",),
    ),
    Case(
        "storage-of-chrome-rows",
        "a cookie out of the table of Chrome's panel",
        files={
            "cookies.txt": f"cwr_s\t{_cookie(record=False)}\twww.shop.example\t/\t"
            "2026-03-01T10:00:00.000Z\t170\t\t✓\tStrict\t\t\tMedium\n"
        },
        given={"storage": "cookies.txt"},
        verdict="broken|unproven|degraded",
        says=("(?i)sampl",),
    ),
    Case(
        "frame-of-another-monitor",
        "a page with a frame: each has a snippet of its own",
        page=html(script(loader()), '<iframe src="/widget.html"></iframe>'),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
    Case(
        "page-with-an-old-client",
        "an old client and a pool without a role",
        page=page(url=CDN.replace("1.25.0", "1.12.0")),
        headers=HTML,
        verdict="broken",
        root=("client-version",),
    ),
    Case(
        "two-environments-in-one-file",
        "staging and production are chosen by the host",
        page=_IMPORT + f"const id = location.hostname === 'www.shop.example' ? '{MONITOR}' :"
        f" '{OTHER_MONITOR}';\nnew AwsRum(id, '1', 'eu-west-1', {options(identityPoolId=POOL)});\n",
        page_name="rum.ts",
        verdict="unproven",
        root=(None,),
    ),
)
