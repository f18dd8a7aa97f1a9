"""Policies in the files of further servers, shells, build tools and languages."""

from __future__ import annotations

import json

from field_case import Case
from field_write import COGNITO, HTML, LEFT_OUT, PLANE, SPA, html, npm, page

_COGNITO = COGNITO.rstrip("/")
_SHORT = f"default-src 'self'; script-src 'self'; connect-src 'self' {PLANE}"
_WHOLE = f"{_SHORT} {_COGNITO}"
_LACKS: dict[str, object] = {
    "verdict": "broken",
    "root": ("csp-connect",),
    "find": {"csp-connect": "fail"},
}
_FINE: dict[str, object] = {"verdict": "unproven", "root": (None,), "find": {"csp-connect": "pass"}}


def _policy(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, source=npm(), **more)


_EMBER_CSP = """module.exports = function (environment) {
  return {
    delivery: ['meta'],
    enabled: environment !== 'test',
    policy: {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'connect-src': ["'self'", 'PLANE'],
    },
    reportOnly: ONLY,
  };
};
""".replace("PLANE", PLANE)
_NUXT = """export default defineNuxtConfig({
  modules: ['nuxt-security'],
  security: { headers: { contentSecurityPolicy: {
    'default-src': ["'self'"],
    'connect-src': ["'self'", 'PLANE'],
    'upgrade-insecure-requests': true,
  } } },
});
""".replace("PLANE", PLANE)
_MIDDLEWARE = """import { NextResponse } from 'next/server';
export function middleware(request) {
  const nonce = Buffer.from(crypto.randomUUID()).toString('base64');
  const csp = `
    default-src 'self';
    script-src 'self' 'nonce-${nonce}' 'strict-dynamic';
    connect-src 'self' PLANE;
  `;
  const response = NextResponse.next();
  response.headers.set('Content-Security-Policy', csp.replace(/\\s{2,}/g, ' ').trim());
  return response;
}
""".replace("PLANE", PLANE)
_AWS = json.dumps(
    {
        "ResponseHeadersPolicyConfig": {
            "Name": "site",
            "SecurityHeadersConfig": {
                "ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": _SHORT}
            },
        }
    },
    indent=2,
)
_EXTENSION = json.dumps(
    {
        "manifest_version": 3,
        "name": "Shop",
        "content_security_policy": {
            "extension_pages": "script-src 'self'; object-src 'self'; connect-src 'self' https://api.shop.example"
        },
    }
)
_TAURI = json.dumps(
    {
        "productName": "shop",
        "app": {"security": {"csp": "default-src 'self'; connect-src ipc: http://ipc.localhost"}},
    }
)
_PLAY = """play.filters.csp {
  directives {
    default-src = "'self'"
    script-src = "'self'"
    connect-src = "'self' PLANE"
  }
}
""".replace("PLANE", PLANE)
_INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  annotations:
    nginx.ingress.kubernetes.io/configuration-snippet: |
      more_set_headers "Content-Security-Policy: POLICY";
""".replace("POLICY", _SHORT)
_ENVOY = """response_headers_to_add:
  - header:
      key: content-security-policy
      value: "POLICY"
""".replace("POLICY", _SHORT)
_QUARKUS = 'quarkus.http.header."Content-Security-Policy".value=' + _SHORT + "\n"
_HAPROXY = f"""frontend www
  bind :443 ssl crt /etc/ssl/site.pem
  http-response set-header Content-Security-Policy "{_SHORT}"
  default_backend shop
"""
_LIGHTTPD = f"""server.modules += ( "mod_setenv" )
setenv.add-response-header = ( "Content-Security-Policy" => "{_SHORT}" )
"""
_EXPRESS = (
    "app.use((req, res, next) => {\n  res.setHeader(\n    'Content-Security-Policy',\n    \""
    + _WHOLE
    + ' https://sts.eu-west-1.amazonaws.com",\n  );\n  next();\n});\n'
)
_GEM = f"""SecureHeaders::Configuration.default do |config|
  config.csp = {{
    default_src: %w['self'],
    script_src: %w['self'],
    connect_src: %w['self' {PLANE}]
  }}
end
"""
_NGINX_TEMPLATE = (
    "server {\n  add_header Content-Security-Policy \"default-src 'self'; connect-src"
    " 'self' https://dataplane.rum.${AWS_REGION}.amazonaws.com https://cognito-identity.${AWS_REGION}"
    '.amazonaws.com" always;\n}\n'
)
_CSHARP = f"""app.Use(async (context, next) =>
{{
    context.Response.Headers.Append("Content-Security-Policy",
        "default-src 'self'; script-src 'self'; connect-src 'self' {PLANE}");
    await next();
}});
"""
_PYTHON_CDK = f"""cloudfront.ResponseHeadersPolicy(self, "Headers",
    security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy="{_SHORT}",
            override=True,
        ),
    ),
)
"""
_LARAVEL_MIDDLEWARE = f"""<?php
class Csp {{
    public function handle($request, Closure $next) {{
        $response = $next($request);
        $response->headers->set('Content-Security-Policy', "{_SHORT}");
        return $response;
    }}
}}
"""
_DJANGO4 = f"""CONTENT_SECURITY_POLICY = {{
    "DIRECTIVES": {{
        "default-src": [SELF],
        "connect-src": [SELF, "{PLANE}"],
    }},
}}
"""
_NONCE = """export default {
  async headers() {
    return [{ source: '/(.*)', headers: [{ key: 'Content-Security-Policy', value:
      "default-src 'self'; " +
      "script-src 'self' 'nonce-*' 'unsafe-inline'; " +
      "style-src 'self' 'unsafe-inline';" }] }];
  },
};
"""
_SECURE = """import { createHeadersObject } from 'next-secure-headers';
export const headers = createHeadersObject({
  contentSecurityPolicy: { directives: {
    defaultSrc: ["'self'"],
    connectSrc: ["'self'", 'PLANE'],
  } },
});
""".replace("PLANE", PLANE)
_MANY = f"""const sources = ["'self'", process.env.API_URL, '{PLANE}',
  '{_COGNITO}'].filter(Boolean);
export const csp = `default-src 'self'; connect-src ${{sources.join(' ')}}; img-src *`;
response.headers.set('Content-Security-Policy', csp);
"""
_CF = f"""Resources:
  Headers:
    Type: AWS::CloudFront::ResponseHeadersPolicy
    Properties:
      ResponseHeadersPolicyConfig:
        Name: site
        SecurityHeadersConfig:
          ContentSecurityPolicy:
            Override: true
            ContentSecurityPolicy: >-
              default-src 'self';
              script-src 'self';
              connect-src 'self' {PLANE};
              img-src 'self' data:
"""
CASES = (
    _policy(
        "nonce-of-a-star",
        "generated advice: 'nonce-*' is no nonce, and connect-src is missing",
        "next.config.mjs",
        _NONCE,
        **_LACKS,
        says=("default-src",),
    ),
    _policy(
        "headers-of-next-secure-headers",
        "createHeadersObject",
        "middleware.ts",
        _SECURE,
        **_LACKS,
        says=("cognito-identity",),
    ),
    _policy(
        "sources-that-are-filtered",
        "a list with a variable, joined",
        "csp.ts",
        _MANY,
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "unknown|pass"},
    ),
    _policy(
        "folded-text-of-cloudformation",
        "a folded text of YAML",
        "template.yaml",
        _CF,
        **_LACKS,
        says=("cognito-identity",),
    ),
    Case(
        "nonce-of-a-star-on-a-page",
        "'nonce-*' leaves 'unsafe-inline' in force",
        page=page(),
        headers=f"{HTML}\ncontent-security-policy: script-src 'self' 'nonce-*' 'unsafe-inline'"
        " https://client.rum.us-east-1.amazonaws.com; connect-src *",
        verdict="unproven",
        root=(None,),
        find={"csp-script": "pass"},
    ),
    _policy(
        "addon-of-ember",
        "ember-cli-content-security-policy",
        "config/content-security-policy.js",
        _EMBER_CSP.replace("ONLY", "false"),
        **_LACKS,
    ),
    _policy(
        "addon-of-ember-on-trial",
        "the same with reportOnly",
        "config/content-security-policy.js",
        _EMBER_CSP.replace("ONLY", "true"),
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "pass|unknown|warn"},
    ),
    _policy("module-of-nuxt", "nuxt-security", "nuxt.config.ts", _NUXT, **_LACKS),
    _policy(
        "middleware-of-next",
        "a nonce in Next.js' middleware",
        "middleware.ts",
        _MIDDLEWARE,
        **_LACKS,
    ),
    _policy(
        "answer-of-cloudfront",
        "aws cloudfront get-response-headers-policy",
        "policy.json",
        _AWS,
        **_LACKS,
    ),
    _policy(
        "manifest-of-an-extension",
        "extension_pages of a manifest",
        "manifest.json",
        _EXTENSION,
        verdict="broken",
        root=("csp-connect",),
        says=("dataplane\\.rum\\.eu-west-1",),
    ),
    _policy(
        "shell-of-tauri",
        "tauri.conf.json",
        "tauri.conf.json",
        _TAURI,
        verdict="broken",
        root=("csp-connect",),
        says=("dataplane\\.rum\\.eu-west-1",),
    ),
    _policy("filter-of-play", "application.conf of Play", "application.conf", _PLAY, **_LACKS),
    _policy("annotation-of-an-ingress", "more_set_headers", "ingress.yaml", _INGRESS, **_LACKS),
    _policy("headers-of-envoy", "response_headers_to_add", "envoy.yaml", _ENVOY, **_LACKS),
    _policy(
        "properties-of-quarkus", "quarkus.http.header", "application.properties", _QUARKUS, **_LACKS
    ),
    _policy("frontend-of-haproxy", "http-response set-header", "haproxy.cfg", _HAPROXY, **_LACKS),
    _policy(
        "environment-of-lighttpd",
        "setenv.add-response-header",
        "lighttpd.conf",
        _LIGHTTPD,
        **_LACKS,
    ),
    _policy("handler-of-express", "public code: res.setHeader", "server.js", _EXPRESS, **_FINE),
    _policy(
        "gem-of-secure-headers",
        "secure_headers",
        "config/initializers/secure_headers.rb",
        _GEM,
        **_LACKS,
    ),
    _policy(
        "template-of-nginx",
        "envsubst fills in the Region",
        "default.conf.template",
        _NGINX_TEMPLATE,
        verdict="unproven",
        root=(None,),
        find={"csp-connect": "unknown"},
    ),
    _policy("pipeline-of-asp-net", "Headers.Append", "Program.cs", _CSHARP, **_LACKS),
    _policy("cdk-of-python", "content_security_policy=", "stack.py", _PYTHON_CDK, **_LACKS),
    _policy("middleware-of-laravel", "headers->set", "Csp.php", _LARAVEL_MIDDLEWARE, **_LACKS),
    _policy(
        "settings-of-django-csp-4",
        "CONTENT_SECURITY_POLICY of django-csp 4",
        "settings.py",
        _DJANGO4,
        **_LACKS,
    ),
    Case(
        "unsigned-needs-no-pool",
        "signing: false: the data plane's host is enough",
        page=SPA,
        headers=f"{HTML}\ncontent-security-policy: {_SHORT}",
        source=npm(signing=False, identityPoolId=LEFT_OUT),
        verdict="unproven|degraded",
        root=(None,),
        find={"csp-connect": "pass"},
    ),
    Case(
        "hosts-out-of-a-wrong-note",
        "public notes: rms.rum is named for the identity pool",
        page=page(),
        headers=f"{HTML}\ncontent-security-policy: script-src 'self' 'unsafe-inline'"
        " https://client.rum.us-east-1.amazonaws.com; connect-src 'self' "
        + PLANE
        + " https://rms.rum.eu-west-1.amazonaws.com",
        verdict="broken",
        root=("csp-connect",),
        says=("cognito-identity\\.eu-west-1",),
    ),
    Case(
        "data-plane-among-the-scripts",
        "public code: the data plane stands in script-src, connect-src is *",
        page=page(),
        headers=f"{HTML}\ncontent-security-policy: default-src 'none'; script-src 'self'"
        f" 'unsafe-inline' {PLANE} 'unsafe-eval'; connect-src * 'self' blob:; img-src *",
        verdict="broken",
        root=("csp-script",),
        find={"csp-connect": "pass", "csp-script": "fail"},
        says=("client\\.rum\\.us-east-1",),
    ),
    Case(
        "window-of-electron",
        "a meta element of an Electron window",
        page=html(
            '<meta http-equiv="Content-Security-Policy" content="default-src \'self\';'
            " script-src 'self'\">",
            body="<div id=app></div>",
        ),
        page_name="index.html",
        source=npm(),
        source_name="src/renderer.ts",
        verdict="broken",
        root=("csp-connect",),
        says=("default-src",),
    ),
    Case(
        "sandbox-of-a-policy",
        "sandbox without allow-scripts runs no script at all",
        page=page(),
        headers=f"{HTML}\ncontent-security-policy: sandbox allow-forms",
        verdict="broken",
        root=("csp-script",),
        says=("sandbox",),
    ),
    Case(
        "trusted-types-and-the-loader",
        "require-trusted-types-for: the loader's src throws",
        page=page(),
        headers=f"{HTML}\ncontent-security-policy: require-trusted-types-for 'script'",
        verdict="broken",
        root=("csp-script",),
        says=("(?i)trusted.types",),
    ),
)
