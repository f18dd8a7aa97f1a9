"""A third gathering: what the first two did not hold, of every kind."""

from __future__ import annotations

import json

from field_case import QUIET, Case
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
)
from har_builder import MONITOR, POOL, SITE

_COGNITO = COGNITO.rstrip("/")
_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"
_NEW = f"new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {options()});\n"
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


def _served(name: str, report: str, *head: str, **more: object) -> Case:
    return Case(name, report, page=html(*head), headers=HTML, **more)  # type: ignore[arg-type]


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
        **QUIET,
    ),
    _file(
        "context-of-react",
        "public code: the settings stand in a context",
        "src/Monitoring.tsx",
        _CONTEXT,
        **QUIET,
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
    ),  # type: ignore[arg-type],
    _served(
        "base-before-the-script",
        "a base element sends relative addresses elsewhere",
        '<base href="https://cdn.shop.example/">',
        script(loader(url="cwr.js")),
        **QUIET,
    ),
    _served(
        "snippet-after-an-error",
        "an error in an earlier script stops that script alone",
        script("undefinedFunction();"),
        script(loader()),
        **QUIET,
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
        **QUIET,
    ),
    _served(
        "new-major-release",
        "3.x and no endpoint: the URL names a release that takes the Region",
        script(loader(url=CDN.replace("1.25.0", "3.x"))),
        **QUIET,
    ),
    Case(
        "snippet-of-the-console-as-text",
        "the snippet alone, out of a mail",
        page=loader(),
        page_name="snippet.txt",
        **QUIET,
    ),  # type: ignore[arg-type],
    Case(
        "page-of-markup-by-a-mail",
        "the snippet with its script element alone",
        page=script(loader()),
        page_name="snippet.html",
        **QUIET,
    ),  # type: ignore[arg-type],
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
