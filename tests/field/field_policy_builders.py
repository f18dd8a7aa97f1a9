"""Policies that a framework builds or a server's code puts together, beside the client's source."""

from __future__ import annotations

from field_case import Case
from field_write import COGNITO, PLANE, npm, page

_CLIENT = "https://client.rum.us-east-1.amazonaws.com"
_COGNITO = COGNITO.rstrip("/")
_LACKS: dict[str, object] = {
    "verdict": "broken", "root": ("csp-connect",), "find": {"csp-connect": "fail"},
    "says": ("cognito-identity\\.eu-west-1",), "never": ("may not connect to https://dataplane",),
}  # fmt: skip
_FREE: dict[str, object] = {
    "verdict": "unproven", "root": (None,), "find": {"csp-connect": "pass|unknown"},
}  # fmt: skip


def _file(name: str, report: str, file: str, text: str, **given: object) -> Case:
    return Case(name, report, page=text, page_name=file, source=npm(), **given)  # type: ignore[arg-type]


def _escapades(connect: str, kind: str = "") -> str:
    return f"""app.UseSecurityHeaders(new HeaderPolicyCollection()
    .AddFrameOptionsDeny()
    .AddContentSecurityPolicy{kind}(builder =>
    {{
        builder.AddDefaultSrc().Self();
        builder.AddScriptSrc().Self().WithNonce();
        builder.AddConnectSrc().Self(){connect};
        builder.AddImgSrc().Self().Data();
    }}));
"""


def _nwebsec(connect: str) -> str:
    return f"""app.UseCsp(options => options
    .DefaultSources(s => s.Self())
    .ScriptSources(s => s.Self().CustomSources("{_CLIENT}"))
    .ConnectSources(s => s.Self().CustomSources({connect}))
    .ImageSources(s => s.Self().CustomSources("data:")));
"""


def _stack(more: str) -> str:
    return f"""class Frontend(Stack):
    def _headers(self) -> str:
        return (
            "default-src 'self'; "
            "script-src 'self' 'unsafe-inline' {_CLIENT}; "
            "connect-src 'self' "
            f"https://dataplane.rum.{{self.region}}.amazonaws.com"
            {more}
            "img-src 'self' data:; "
            "object-src 'none'"
        )
"""


def _django(name: str, *connect: str) -> str:
    sources = ", ".join(["CSP.SELF", *(f'"{each}"' for each in connect)])
    return f"""{name} = {{
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "connect-src": [{sources}],
}}
"""


_FASTIFY = """import helmet from '@fastify/helmet'
export default async function (app) {
  await app.register(helmet{})
  app.get('/', (request, reply) => reply.sendFile('index.html'))
}
"""
_COMPUTED = f"""function policy(hashes) {{
  return [
    `default-src 'self'`,
    `script-src 'self' ${{hashes.join(' ')}} {_CLIENT}`,
    `connect-src 'self' {PLANE} https://*.db.example`,
    `object-src 'none'`,
  ].join('; ');
}}
"""
_LISTS = f"""function handler(event) {{
  var headers = event.response.headers;
  headers['content-security-policy'] = {{
    value: [
      "default-src 'self' 'unsafe-inline';",
      ['connect-src', "'self'", '{PLANE}', 'https://api.shop.example'].join(' '),
    ].join(' '),
  }};
  return event.response;
}}
"""
_HINTS = f"""const ANALYTICS = ['https://ping.stats.example', '{_CLIENT}', '{PLANE}'];
export default () => ANALYTICS.map(origin => `<link rel="preconnect" href="${{origin}}">`);
"""
_WHITELIST = f"""<csp_whitelist>
  <policies>
    <policy id="connect-src"><values>
      <value id="rum" type="host">{PLANE.removeprefix("https://")}</value>
    </values></policy>
  </policies>
</csp_whitelist>
"""

CASES = (
    _file(
        "builder-of-net",
        "documentation of NetEscapades: AddConnectSrc().Self().From(…)",
        "Program.cs",
        _escapades(f'.From("{PLANE}")'),
        **_LACKS,
    ),
    _file(
        "builder-of-net-with-both",
        "the same with the pool's host",
        "Program.cs",
        _escapades(f'.From("{PLANE}").From("{_COGNITO}")'),
        **_FREE,
    ),
    _file(
        "builder-of-net-with-settings",
        "the same with a host that the settings hold",
        "Program.cs",
        _escapades('.From($"https://dataplane.rum.{region}.amazonaws.com").From(settings.Pool)'),
        **_FREE,
    ),
    _file(
        "builder-of-net-on-trial",
        "the same as a policy that only reports",
        "Program.cs",
        _escapades(f'.From("{PLANE}")', "ReportOnly"),
        **_FREE,
    ),
    _file(
        "sources-of-nwebsec",
        "documentation of NWebsec: ConnectSources(s => s.Self().CustomSources(…))",
        "Startup.cs",
        _nwebsec(f'"{PLANE}"'),
        **_LACKS,
    ),
    _file(
        "sources-of-nwebsec-with-both",
        "the same with the pool's host",
        "Startup.cs",
        _nwebsec(f'"{PLANE}", "{_COGNITO}"'),
        **_FREE,
    ),
    _file(
        "sources-of-nwebsec-on-trial",
        "the same as a policy that only reports",
        "Startup.cs",
        _nwebsec(f'"{PLANE}"').replace("UseCsp(", "UseCspReportOnly("),
        **_FREE,
    ),
    _file(
        "formatted-strings-side-by-side",
        "public code: a stack of Python joins texts, and the Region is filled in",
        "stack.py",
        _stack('f" https://cognito-identity.{self.region}.amazonaws.com; "'),
        **_FREE,
    ),
    _file(
        "filled-host-is-no-other-host",
        "public code: the Region is filled in, and Cognito's host is not there in any",
        "stack.py",
        _stack('"; "'),
        **_LACKS,
    ),
    _file(
        "settings-of-django-6",
        "documentation of Django 6: SECURE_CSP",
        "settings.py",
        _django("SECURE_CSP", PLANE),
        **_LACKS,
    ),
    _file(
        "settings-of-django-6-on-trial",
        "the same beside SECURE_CSP_REPORT_ONLY, which blocks nothing",
        "settings.py",
        _django("SECURE_CSP", PLANE, _COGNITO) + _django("SECURE_CSP_REPORT_ONLY"),
        **_FREE,
    ),
    _file(
        "helmet-registered-with-fastify",
        "documentation of @fastify/helmet: registered as it is, it sends helmet's own policy",
        "app.js",
        _FASTIFY.replace("{}", "", 1),
        verdict="broken",
        root=("csp-connect",),
    ),
    _file(
        "helmet-registered-without-a-policy",
        "the same with the policy switched off",
        "app.js",
        _FASTIFY.replace("{}", ", { contentSecurityPolicy: false }", 1),
        **_FREE,
    ),
    _file(
        "hashes-that-are-computed",
        "public code: a build counts the hashes, the hosts are written out",
        "csp.js",
        _COMPUTED,
        **_LACKS,
    ),
    _file(
        "lists-within-a-list",
        "public code: a function of CloudFront joins a list of texts and lists",
        "headers.js",
        _LISTS,
        **_LACKS,
    ),
    _file(
        "hosts-of-hints",
        "public code: a list of hosts for preconnect is no policy",
        "origins.js",
        _HINTS,
        **_FREE,
    ),
    _file(
        "whitelist-of-a-module",
        "documentation of Magento: csp_whitelist.xml adds to a policy that stands elsewhere",
        "csp_whitelist.xml",
        _WHITELIST,
        **_FREE,
    ),
    Case(
        "names-that-no-browser-reads",
        "old guides: X-Content-Security-Policy and X-WebKit-CSP",
        page=page(),
        headers="X-Content-Security-Policy: default-src 'self'\nX-WebKit-CSP: default-src 'self'\n",
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "pass|unknown", "csp-script": "pass|unknown"},
    ),
)
