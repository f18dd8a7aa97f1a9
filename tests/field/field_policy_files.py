"""Policies in the files that servers and frameworks read, beside the source of the client."""

from __future__ import annotations

import json

from field_case import Case
from field_write import COGNITO, PLANE, SPA, npm, page

_CLIENT = "https://client.rum.us-east-1.amazonaws.com"
_COGNITO = COGNITO.rstrip("/")
_SOURCES = f"'self' {PLANE}"
_POLICY = f"default-src 'self'; script-src 'self'; connect-src {_SOURCES}; img-src 'self' data:"
_LACKS: dict[str, object] = {
    "verdict": "broken", "root": ("csp-connect",), "find": {"csp-connect": "fail"},
    "says": ("cognito-identity\\.eu-west-1",), "wrong": ("sha256-",),
}  # fmt: skip


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    given: dict[str, object] = {**_LACKS, **more}
    return Case(name, report, page=text, page_name=file, source=npm(), **given)  # type: ignore[arg-type]


_NGINX = 'server {{\n  add_header Content-Security-Policy "{}" always;\n}}\n'
_HELMET = f"""const helmet = require('helmet');
app.use(helmet.contentSecurityPolicy({{
  directives: {{
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    connectSrc: ["'self'", '{PLANE}'],
    imgSrc: ["'self'", 'data:'],
  }},
}}));
"""
_RAILS = f"""Rails.application.config.content_security_policy do |policy|
  policy.default_src :self
  policy.script_src  :self, :https
  policy.connect_src :self, '{PLANE}'
end
"""
_DJANGO = f"""CSP_DEFAULT_SRC = ("'self'",)
CSP_SCRIPT_SRC = ("'self'",)
CSP_CONNECT_SRC = ("'self'", "{PLANE}")  # CloudWatch RUM
"""
_NEXT = f"""const cspHeader = `
    default-src 'self';
    script-src 'self' 'unsafe-eval';
    connect-src 'self' {PLANE};
    img-src 'self' blob: data:;
`
module.exports = {{
  async headers() {{
    return [{{ source: '/(.*)', headers: [
      {{ key: 'Content-Security-Policy', value: cspHeader.replace(/\\n/g, '') }} ] }}]
  }},
}}
"""
_TERRAFORM = f"""resource "aws_cloudfront_response_headers_policy" "site" {{
  name = "site"
  security_headers_config {{
    content_security_policy {{
      content_security_policy = "{_POLICY}"
      override                = true
    }}
  }}
}}
"""
_SPRING = f"""@Bean SecurityFilterChain web(HttpSecurity http) throws Exception {{
  http.headers(headers -> headers.contentSecurityPolicy(csp -> csp.policyDirectives(
      "default-src 'self'; script-src 'self'; connect-src {_SOURCES}")));
  return http.build();
}}
"""
_WEB_CONFIG = f"""<?xml version="1.0"?>
<configuration><system.webServer><httpProtocol><customHeaders>
  <add name="Content-Security-Policy" value="{_POLICY}" />
</customHeaders></httpProtocol></system.webServer></configuration>
"""
_VERCEL = json.dumps(
    {"headers": [{"source": "/(.*)", "headers": [
        {"key": "Content-Security-Policy", "value": _POLICY}]}]}, indent=2
)  # fmt: skip
_AMPLIFY = f"""customHeaders:
  - pattern: '**'
    headers:
      - key: 'Content-Security-Policy'
        value: "{_POLICY}"
"""
_CDK = f"""const policy = new cloudfront.ResponseHeadersPolicy(this, 'H', {{
  securityHeadersBehavior: {{ contentSecurityPolicy: {{ override: true,
    contentSecurityPolicy: "{_POLICY}" }} }},
}});
"""


def _headers(name: str, report: str, text: str, **more: object) -> Case:
    """Give the file's text as the headers beside the page."""
    given: dict[str, object] = {**_LACKS, **more}
    return Case(name, report, page=SPA, headers=text, source=npm(), **given)  # type: ignore[arg-type]


CASES = (
    _file(
        "file-of-nginx",
        "public code: add_header in a server block",
        "nginx.conf",
        f'server {{\n  add_header Content-Security-Policy "{_POLICY}" always;\n}}\n',
    ),
    _file(
        "file-of-apache",
        "an .htaccess sets the header",
        "site.htaccess",
        f'<IfModule mod_headers.c>\n  Header always set Content-Security-Policy "{_POLICY}"\n'
        "</IfModule>\n",
    ),
    _file(
        "file-of-helmet",
        "public code: helmet's directives are lists",
        "server/security.js",
        _HELMET,
    ),
    _file(
        "file-of-rails",
        "public code: an initializer of Rails",
        "config/initializers/content_security_policy.rb",
        _RAILS,
    ),
    _file("file-of-django", "settings of django-csp", "shop/settings.py", _DJANGO),
    _file(
        "file-of-next",
        "public code: next.config.js holds the policy over several lines",
        "next.config.js",
        _NEXT,
    ),
    _file(
        "file-of-terraform",
        "public code: a response headers policy of CloudFront",
        "cloudfront.tf",
        _TERRAFORM,
    ),
    _file("file-of-the-cdk", "public code: the same in the CDK", "lib/site-stack.ts", _CDK),
    _file(
        "file-of-spring",
        "Spring Security's policyDirectives",
        "src/main/java/shop/Security.java",
        _SPRING,
    ),
    _file("file-of-iis", "customHeaders of a web.config", "web.config", _WEB_CONFIG),
    _file("file-of-vercel", "vercel.json lists the header", "vercel.json", _VERCEL),
    _file("file-of-amplify", "customHttp.yml of Amplify Hosting", "customHttp.yml", _AMPLIFY),
    _file(
        "file-of-netlify",
        "netlify.toml holds the header",
        "netlify.toml",
        '[[headers]]\n  for = "/*"\n  [headers.values]\n'
        f'    Content-Security-Policy = "{_POLICY}"\n',
    ),
    _file(
        "file-of-nginx-that-allows",
        "the same as nginx's, with the host of the identity pool",
        "nginx.conf",
        _NGINX.format(_POLICY.replace(PLANE, f"{PLANE} {_COGNITO}")),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "pass"},
        says=(),
    ),
    _file(
        "file-of-nginx-with-two-places",
        "two locations of nginx, of which one lets the page reach everything",
        "nginx.conf",
        _NGINX.format(_POLICY) + _NGINX.format("default-src 'self'; connect-src *"),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "unknown"},
        says=("2 policies",),
    ),
    _file(
        "file-of-helmet-with-variables",
        "public code: one source of connectSrc comes from the environment",
        "server/security.js",
        _HELMET.replace(f"'{PLANE}'", f"'{PLANE}', process.env.API_URL"),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "unknown"},
        says=("process\\.env\\.API_URL",),
    ),
    _file(
        "file-of-nginx-on-trial",
        "the header that only reports",
        "nginx.conf",
        _NGINX.format(_POLICY).replace("Policy", "Policy-Report-Only"),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "pass"},
        says=(),
    ),
    Case(
        "file-of-nginx-alone",
        "the policy without any client: which hosts it needs nobody can tell",
        page=_NGINX.format(_POLICY),
        page_name="nginx.conf",
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "unknown", "snippet-present": "unknown"},
        says=("cognito-identity\\.eu-west-1",),
    ),
    Case(
        "page-and-its-framework",
        "the page's own file beside the configuration of the framework that serves it",
        page=page(),
        source=_NEXT,
        source_name="next.config.js",
        verdict="broken",
        root=("csp-script",),
        find={"csp-script": "fail", "csp-connect": "fail"},
        says=("sha256-", "cognito-identity\\.eu-west-1"),
    ),
    _headers(
        "headers-as-nginx-writes-them",
        "a line of nginx, kept as the page's headers",
        f'add_header Content-Security-Policy "{_POLICY}" always;\n',
    ),
    _headers(
        "headers-of-netlify",
        "the file _headers of Netlify and Cloudflare Pages",
        f"/*\n  X-Frame-Options: DENY\n  Content-Security-Policy: {_POLICY}\n",
    ),
    _headers(
        "headers-of-curl",
        "curl -v prints its arrows before the headers",
        f"< HTTP/2 200\n< content-type: text/html\n< content-security-policy: {_POLICY}\n<\n",
    ),
    _headers(
        "headers-of-developer-tools",
        "names and values on lines of their own",
        f"content-security-policy\n{_POLICY}\ncontent-type\ntext/html\n",
    ),
    _headers(
        "headers-in-powershell",
        "Invoke-WebRequest prints a table of headers",
        "Key                     Value\n---                     -----\n"
        f"Content-Security-Policy {{{_POLICY}}}\nContent-Type            {{text/html}}\n",
    ),
    Case(
        "policy-for-the-snippet-in-a-file",
        "public code: a policy of CloudFront lists the hosts and not the inline snippet",
        page=page(),
        headers=f"content_security_policy = \"script-src 'self' {_CLIENT}; connect-src 'self'"
        f' {PLANE} {_COGNITO}"\n',
        verdict="broken",
        root=("csp-script",),
        says=("sha256-",),
    ),
)
