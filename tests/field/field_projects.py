"""How projects bring the package into their sources, and what they start it under."""

from __future__ import annotations

import json

from field_case import Case
from field_write import GOOD, LEFT_OUT, PLANE, js, loader, npm, options, script
from har_builder import MONITOR, POOL

_GIVEN = f"'{MONITOR}', '1.0.0', 'eu-west-1', "
_NEW = f"new AwsRum({_GIVEN}{options()});"
_START = "cannot start"
_QUIET: dict[str, object] = {
    "verdict": "unproven", "root": (None,), "never": (_START,),
    "find": {"snippet-present": "pass|unknown"},
}  # fmt: skip
_FAULT: dict[str, object] = {"verdict": "broken", "root": ("snippet-present",)}


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **more)  # type: ignore[arg-type]


_LATE_PLUGINS = """import { createSigningConfig, EnhancedAuthentication } from '@aws-rum/web-core';
import { AwsRum, JsErrorPlugin, PageViewPlugin, WebVitalsPlugin } from "@aws-rum/web-slim";
export function startMonitoring(settings, version) {
  const rum = new AwsRum(settings.monitor, version, settings.region, {
    endpoint: `https://dataplane.rum.${settings.region}.amazonaws.com`,
    sessionSampleRate: 1, allowCookies: false, signing: true,
    disableAutoPageView: true, eventPluginsToLoad: [],
  });
  rum.setEventMetadataHook((type, details) => { delete details.email; });
  rum.setSigningConfigFactory(createSigningConfig);
  const guest = new EnhancedAuthentication({ identityPoolId: settings.pool });
  rum.setAwsCredentials(guest.ChainAnonymousCredentialsProvider);
  for (const plugin of [new JsErrorPlugin(), new WebVitalsPlugin()]) rum.addPlugin(plugin);
  rum.recordPageView(location.pathname);
}
"""
_ALL_LEGAL = f"""import {{ AwsRum, type AwsRumConfig }} from 'aws-rum-web';
const config: AwsRumConfig = {{
  sessionSampleRate: Number.parseFloat(import.meta.env.VITE_RATE || '0.2'),
  telemetries: ['performance', 'errors', 'http'],
  identityPoolId: '{POOL}', endpoint: '{PLANE}',
  allowCookies: true, enableXRay: false, batchLimit: 10, eventCacheSize: 200,
  sessionEventLimit: 200, dispatchInterval: 5000, disableAutoPageView: false, retries: 2,
  useBeacon: true, releaseId: '2026.3.1', candidatesCacheSize: 10, routeChangeTimeout: 10000,
  routeChangeComplete: 100, sessionLengthSeconds: 1800, userIdRetentionDays: 30,
  recordResourceUrl: false, pageIdFormat: 'HASH', sessionAttributes: {{ build: '7' }},
}};
new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', config);
"""
_SERVICE = f"""import {{ AwsRum, AwsRumConfig }} from 'aws-rum-web'
class Monitoring {{
  private rum: AwsRum | null = null
  start = (consent: boolean) => {{
    try {{
      const config: AwsRumConfig = {{ ...{js(GOOD)}, allowCookies: consent,
        disableAutoPageView: true }}
      this.rum = new AwsRum({_GIVEN}config)
    }} catch (error) {{}}
  }}
  page() {{ this.rum?.recordPageView(window.location.pathname) }}
}}
export default new Monitoring()
"""
_SERVER_LAYOUT = f"""import type {{ Metadata }} from 'next';
import {{ AwsRum }} from 'aws-rum-web';
export const metadata: Metadata = {{ title: 'Shop' }};
try {{
  {_NEW}
}} catch (e) {{ console.error('rum', e); }}
export default function RootLayout({{ children }}: {{ children: React.ReactNode }}) {{
  return (<html lang="en"><body>{{children}}</body></html>);
}}
"""
_INJECTED = """export class Analytics {
  start(config: { id: string; pool: string; region: string }) {
    if (!this.agreed() || this.started) return;
    const tag = document.createElement('script');
    tag.innerHTML = `
      (function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};
      window[n]=function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');
      z.async=true;z.src=s;document.head.appendChild(z);
      })('cwr', '${config.id}', '1.0.0', '${config.region}',
      'https://client.rum.us-east-1.amazonaws.com/1.x/cwr.js',
      { sessionSampleRate: 1, identityPoolId: '${config.pool}', allowCookies: true,
        endpoint: 'https://dataplane.rum.${config.region}.amazonaws.com',
        telemetries: ['errors', 'http'] });`;
    document.head.appendChild(tag);
  }
}
"""
_STAGED = f"""module.exports = stage => ({{
  TITLE: stage.title,
  RUM: stage.name === 'prod' && stage.project === 'shop'
    ? `{script(loader())}`
    : '',
}});
"""
_LOCKED_OLD = json.dumps({
    "name": "shop", "lockfileVersion": 3,
    "packages": {"node_modules/aws-rum-web": {"version": "1.5.0", "resolved": "https://npm.example"}},
})  # fmt: skip

CASES = (
    _file(
        "default-import",
        "generated advice: the package has no default export, and the catch hides the TypeError",
        "src/rum.js",
        f"import AwsRum from 'aws-rum-web';\ntry {{\n  {_NEW}\n}} catch (e) {{}}\n",
        **_FAULT,
        says=(r"import \{ AwsRum \}",),
    ),
    _file(
        "required-whole",
        "a page built with browserify: require gives the package's object, not its constructor",
        "src/rum.js",
        f"const AwsRum = require('aws-rum-web');\n{_NEW}\n",
        **_FAULT,
        says=(r"\{ AwsRum \}",),
    ),
    _file(
        "required-by-name",
        "the same with the constructor taken out of it",
        "src/rum.js",
        f"const {{ AwsRum }} = require('aws-rum-web');\n{_NEW}\n",
        **_QUIET,
    ),
    _file(
        "imported-under-another-name",
        "public code: import * as rum, new rum.AwsRum(…)",
        "src/rum.js",
        f"import * as rum from 'aws-rum-web';\n{_NEW.replace('AwsRum', 'rum.AwsRum')}\n",
        **_QUIET,
    ),
    _file(
        "one-object-for-four-arguments",
        "generated advice: everything in one object, as other agents take it",
        "src/rum.ts",
        "import { AwsRum } from 'aws-rum-web';\nexport const rum = new AwsRum({\n"
        f"  applicationId: '{MONITOR}', applicationVersion: '1.0.0', region: 'eu-west-1',\n"
        f"  identityPoolId: '{POOL}', endpoint: '{PLANE}', telemetries: ['errors'],\n"
        "  sessionSampleRate: 1, allowCookies: true });\n",
        verdict="broken",
        root=("snippet-present", "monitor-exists", "endpoint-region"),
        says=(r"new AwsRum\(",),
    ),
    _file(
        "started-with-init",
        "generated advice: AwsRum.init(…), which does not exist",
        "src/rum.ts",
        "import { AwsRum } from 'aws-rum-web';\n"
        f"AwsRum.init({{ applicationId: '{MONITOR}', region: 'eu-west-1' }});\n",
        verdict="broken|unproven",
        find={"snippet-present": "fail|unknown"},
        says=(r"new AwsRum\(|init",),
        never=("as the first script",),
    ),
    _file(
        "arguments-out-of-the-options",
        "public code: the ids stand among the options, and the version is left out of the call",
        "src/main.jsx",
        "import { AwsRum } from 'aws-rum-web';\nconst config = {\n  sessionSampleRate: 1,\n"
        f"  identityPoolId: '{POOL}',\n  endpoint: '{PLANE}',\n  telemetries: ['errors'],\n"
        f"  APPLICATION_ID: '{MONITOR}',\n  APPLICATION_VERSION: '1.0.0',\n"
        "  APPLICATION_REGION: 'eu-west-1',\n};\ntry {\n  new AwsRum(config.APPLICATION_ID,"
        " config.APPLICATION_REGION, config.identityPoolId, config);\n} catch (e) {}\n",
        verdict="broken",
        root=("endpoint-region", "snippet-present"),
        says=("(?i)pool",),
    ),
    _file(
        "slim-with-late-plugins",
        "public code: the slim build with plugins, hook and signing set after it was made",
        "web/rum.js",
        _LATE_PLUGINS,
        **_QUIET,
    ),
    _file(
        "every-option-that-exists",
        "public code: long lists of options, each of which the client knows",
        "src/rum.ts",
        _ALL_LEGAL,
        **(_QUIET | {"never": (_START, "(?i)is not an option", "misspel", "does not know")}),
    ),
    _file(
        "service-that-waits-for-consent",
        "public code: a class with a method that starts it",
        "src/monitoring.ts",
        _SERVICE,
        **_QUIET,
    ),
    _file(
        "only-on-the-server",
        "Next.js: a layout without 'use client' runs on the server alone",
        "app/layout.tsx",
        _SERVER_LAYOUT,
        verdict="broken|unproven",
        find={"snippet-present": "fail|warn|unknown"},
        says=("use client",),
    ),
    _file(
        "tag-that-a-class-writes",
        "public code: the snippet as innerHTML of a script element once the visitor has agreed",
        "src/analytics.ts",
        _INJECTED,
        **_QUIET,
    ),
    _file(
        "snippet-of-one-stage",
        "public code: a build's settings hold the snippet for one stage only",
        "build/html.js",
        _STAGED,
        **_QUIET,
    ),
    _file(
        "started-by-chance",
        "public code: a sampling of its own around the client's",
        "src/rum.ts",
        f"import {{ AwsRum }} from 'aws-rum-web';\nif (Math.random() < 0.1) {{\n  {_NEW}\n}}\n",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown|warn"},
        says=("Math.random",),
    ),
    _file(
        "not-under-test",
        "public code: not where a test drives the browser",
        "src/rum.ts",
        "import { AwsRum } from 'aws-rum-web';\nif (!window.Cypress && !navigator.webdriver) {\n"
        f"  {_NEW}\n}}\n",
        **_QUIET,
    ),
    _file(
        "cookie-that-browsers-refuse",
        "SameSite=None without Secure: browsers refuse both cookies, and each load is a session",
        "src/rum.ts",
        npm(cookieAttributes={"sameSite": "None", "secure": False}),
        verdict="unproven|degraded",
        root=(None,),
        says=("(?i)samesite",),
    ),
    _file(
        "cookie-of-another-domain",
        "an application inside another's frame: SameSite=None and Secure, which is right",
        "src/rum.ts",
        npm(cookieAttributes={"sameSite": "None", "secure": True, "domain": ".shop.example"}),
        **_QUIET,
    ),
    Case(
        "unsigned-before-it-could",
        "signing: false with a release that does not know it, and no identity pool",
        source=npm(identityPoolId=LEFT_OUT, signing=False),
        source_name="src/rum.ts",
        files={
            "package.json": json.dumps({"dependencies": {"aws-rum-web": "1.5.0"}}),
            "package-lock.json": _LOCKED_OLD,
        },
        verdict="broken",
        root=("credentials-configured", "client-version", "signing"),
        says=("1\\.5\\.0|1\\.11",),
    ),
    _file(
        "web-vitals-alone",
        "telemetries: [] and a plugin of its own: page views and vitals arrive",
        "src/rum.ts",
        "import { AwsRum, WebVitalsPlugin } from 'aws-rum-web';\n"
        f"new AwsRum({_GIVEN}{{ ...{options(telemetries=[])},\n"
        "  eventPluginsToLoad: [new WebVitalsPlugin()] });\n",
        **_QUIET,
    ),
    _file(
        "environment-checked-first",
        "public code: an Astro site's own module reads import.meta.env and imports late",
        "src/lib/rum.ts",
        "import { PUBLIC_MONITOR, PUBLIC_POOL } from 'astro:env/client';\n"
        "export async function initRum(): Promise<void> {\n"
        "  if (!PUBLIC_MONITOR || !PUBLIC_POOL) { return; }\n"
        "  const config = { sessionSampleRate: 1, identityPoolId: PUBLIC_POOL,\n"
        f"    endpoint: '{PLANE}', telemetries: ['errors'], allowCookies: true }};\n"
        "  try {\n    const { AwsRum } = await import('aws-rum-web');\n"
        "    new AwsRum(PUBLIC_MONITOR, '1.0.0', 'eu-west-1', config);\n  } catch { return; }\n}\n",
        **_QUIET,
    ),
    _file(
        "event-of-the-wrong-shape",
        "generated advice: cwr('recordEvent', {name, details}); the client wants type and data",
        "src/rum.ts",
        npm() + "awsRum.recordEvent({ name: 'checkout', details: { total: 12 } });\n",
        verdict="unproven|degraded|broken",
        find={"custom-events": "warn|fail|unknown"},
        says=("(?i)recordEvent\\('|type",),
    ),
)
