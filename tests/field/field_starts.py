"""Sources that start the client, and where they take its ids and options from."""

from __future__ import annotations

import json

from field_case import QUIET, Case
from field_write import (
    GOOD,
    LEFT_OUT,
    PLANE,
    Code,
    loader,
    npm,
    options,
    script,
)
from har_builder import MONITOR, POOL

_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"
_GIVEN = f"'{MONITOR}', '1.0.0', 'eu-west-1'"
_NEW = f"new AwsRum({_GIVEN}, {options()});"


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **(QUIET | more))


_HOOK = f"""export const useMonitoring = () => {{
  try {{
    const config = {{ sessionSampleRate: 0.1, endpoint: '{PLANE}', telemetries: [],
      allowCookies: false, enableXRay: false }};
    new AwsRum({_GIVEN}, config);
  }} catch (error) {{}}
}};
"""
_STORE = f"""import {{ defineStore }} from 'pinia';
{_IMPORT}const config = {options()};
export const useMonitor = defineStore('monitor', {{
  state: () => ({{ rum: new AwsRum(import.meta.env.VITE_RUM_ID, '1.0.0', 'eu-west-1', config) }}),
  getters: {{ monitor: (state) => state.rum }},
  actions: {{ view(path) {{ this.rum.recordPageView(path); }} }},
}});
"""
_META = f"""{_IMPORT}const of = (name) =>
  document.querySelector(`meta[name="rum-${{name}}"]`).content;
new AwsRum(of('monitor'), '1.0.0', of('region'), {{ identityPoolId: of('pool'),
  telemetries: ['errors'], sessionSampleRate: 1 }});
"""
_EMBER = f"""{_IMPORT}export function initialize() {{
  {_NEW}
}}
export default {{ initialize }};
"""
_FEDERATED = f"""{_IMPORT}import {{ registerApplication, start }} from 'single-spa';
const rum = {_NEW}
registerApplication({{ name: '@shop/cart', app: () => System.import('@shop/cart'),
  activeWhen: ['/cart'], customProps: {{ rum }} }});
start();
"""
_AMPLIFY = f"""import awsExports from './aws-exports';
{_IMPORT}new AwsRum('{MONITOR}', '1.0.0', awsExports.aws_project_region, {{
  identityPoolId: awsExports.aws_cognito_identity_pool_id, endpoint: '{PLANE}',
  sessionSampleRate: 1, telemetries: ['errors'], allowCookies: true }});
"""
_SPLIT = f"""{_IMPORT}const pool = '{POOL}';
const region = pool.split(':')[0];
new AwsRum('{MONITOR}', '1.0.0', region, {{ identityPoolId: pool, sessionSampleRate: 1,
  endpoint: `https://dataplane.rum.${{region}}.amazonaws.com`, telemetries: ['errors'] }});
"""
_WINDOW = f"""{_IMPORT}const env = (window as any).__ENV ?? {{}};
const rate = Number.parseFloat(env.RUM_RATE || '0.2');
if (env.RUM_ID) {{
  (window as any).awsRum = new AwsRum(env.RUM_ID, env.VERSION || '1', env.RUM_REGION || 'us-east-1',
    {{ sessionSampleRate: rate, signing: false, telemetries: ['errors'], useBeacon: true }});
}}
"""
_TELEMETRIES = f"""import {{ SETTINGS }} from '@/constants';
{_IMPORT}export class Rum {{
  constructor() {{
    let telemetries = SETTINGS.TELEMETRIES;
    if (telemetries.includes('http')) {{
      telemetries = telemetries.filter(item => item !== 'http');
      telemetries.push(['http', {{ recordAllRequests: true }}]);
    }}
    this.rum = new AwsRum({_GIVEN}, {{ ...{options()}, telemetries }});
  }}
}}
export const rum = new Rum();
"""
_DEEP = f"""import {{ Orchestration }} from 'aws-rum-web/dist/cjs/orchestration/Orchestration';
export const rum = new Orchestration({_GIVEN}, {options()});
"""
_REGION = f"""'use client';
{_IMPORT}const region = process.env.NEXT_PUBLIC_RUM_REGION || 'us-east-1';
new AwsRum('{MONITOR}', process.env.VERSION || '1.0.0', region, {{ sessionSampleRate: 1,
  endpoint: 'https://dataplane.rum.eu-west-1.amazonaws.com/', signing: false,
  releaseId: process.env.COMMIT, telemetries: ['errors'] }});
"""
_PLAIN = f"""{_IMPORT}new AwsRum('XXXXXXXXXXXXXXXXX', '1.0.0', 'ap-northeast-1', {{
  identityPoolId: "ap-northeast-1:${{pool_id}}", telemetries: ['errors'],
  guestRoleArn: "arn:aws:iam::${{ACCOUNT_ID}}:role/rum", sessionSampleRate: 1 }});
"""
_WEBVIEW = (
    "import { WebView } from 'react-native-webview';\nconst rum = `" + loader() + "true;`;\n"
    "export default () => <WebView source={{ uri: 'https://shop.example/' }}"
    " injectedJavaScript={rum} />;\n"
)
_REWRITER = (
    "export default {\n  async fetch(request, env) {\n    const page = await fetch(request);\n"
    "    return new HTMLRewriter().on('head', { element(e) {\n      e.append(`"
    + script(loader())
    + "`, { html: true });\n    } }).transform(page);\n  },\n};\n"
)
_ENUMERATED = [Code("TelemetryEnum.Errors"), Code("TelemetryEnum.Http")]
CASES = (
    _file(
        "hook-without-a-pool",
        "public code: a hook with neither identity pool nor signing: false",
        "src/hooks/useMonitoring.js",
        _IMPORT + _HOOK,
        verdict="broken",
        root=("credentials-configured",),
        find={"credentials-configured": "fail", "session-sample-rate": "warn"},
    ),
    _file(
        "to-be-filled-after-the-deployment",
        "public code: an empty pool and the monitor's name, to be filled in later",
        "src/useRUM.ts",
        npm(monitor="lift-monitor", identityPoolId="", endpoint=LEFT_OUT),
        verdict="broken",
        root=("credentials-configured", "monitor-exists"),
        find={"credentials-configured": "fail", "monitor-exists": "fail|warn"},
    ),
    _file("in-a-store", "public code: a store of Pinia constructs it", "src/stores/m.js", _STORE),
    _file("from-meta-elements", "ids in meta elements of the page", "assets/rum.js", _META),
    _file(
        "from-an-object-of-the-window",
        "a server prints window.__ENV",
        "src/rum.ts",
        _WINDOW,
        find={"snippet-present": "unknown", "session-sample-rate": "unknown|warn"},
    ),
    _file("initializer-of-ember", "Ember calls initialize", "app/initializers/rum.js", _EMBER),
    _file(
        "root-of-micro-frontends",
        "single-spa's root constructs it",
        "src/root.ts",
        _FEDERATED,
        find={"snippet-present": "pass"},
    ),
    _file(
        "exports-of-amplify",
        "the pool comes from aws-exports",
        "src/rum.js",
        _AMPLIFY,
        find={"snippet-present": "pass", "credentials-configured": "unknown"},
    ),
    _file(
        "region-out-of-the-pool",
        "the Region is cut out of the pool's id",
        "src/rum.ts",
        _SPLIT,
        find={"snippet-present": "pass", "endpoint-region": "pass|unknown"},
    ),
    _file(
        "id-and-pool-swapped",
        "the pool stands for the monitor and the monitor for the pool",
        "src/rum.ts",
        npm(monitor=POOL, identityPoolId=MONITOR),
        verdict="broken",
        root=("monitor-exists", "identity-pool", "credentials-configured", "snippet-present"),
        says=("pool",),
    ),
    _file(
        "options-as-parsed-text",
        "JSON.parse of a text that stands in the file",
        "src/rum.js",
        f"{_IMPORT}new AwsRum({_GIVEN}, JSON.parse('{json.dumps(GOOD)}'));\n",
        find={"snippet-present": "pass", "credentials-configured": "pass|unknown"},
    ),
    _file(
        "telemetries-made-anew",
        "public code: a list of telemetries is filtered and pushed to",
        "src/rum.ts",
        _TELEMETRIES,
    ),
    _file(
        "class-of-a-deep-import",
        "public code: the class by its own file",
        "src/rum.ts",
        _DEEP,
        find={"snippet-present": "pass|unknown"},
    ),
    _file(
        "default-of-another-region",
        "public code: a default Region that is not the endpoint's",
        "src/rum.tsx",
        _REGION,
        verdict="unproven|broken|degraded",
        root=(None, "endpoint-region"),
        find={"endpoint-region": "unknown|warn|fail"},
        never=("COMMIT", "VERSION, and"),
    ),
    _file(
        "template-in-plain-quotes",
        "public code: ${…} in double quotes",
        "src/App.tsx",
        _PLAIN,
        verdict="unproven|broken",
        root=(None, "monitor-exists", "snippet-present", "identity-pool", "guest-role-trust"),
        find={"identity-pool": "unknown|fail"},
        never=(),
    ),
    _file(
        "void-before-new",
        "public code: void new AwsRum(…)",
        "src/main.tsx",
        f"{_IMPORT}try {{ void {_NEW} }} catch (e) {{}}\n",
        find={"snippet-present": "pass"},
    ),
    _file(
        "web-view-of-a-phone",
        "a web view injects the snippet",
        "App.tsx",
        _WEBVIEW,
        never=("cannot start", "React Native"),
    ),
    _file(
        "worker-at-the-edge",
        "a worker of a CDN writes the snippet into pages",
        "worker.js",
        _REWRITER,
        never=("cannot start", "neither window"),
    ),
    _file(
        "region-before-the-version",
        "version and Region changed places",
        "src/rum.ts",
        _IMPORT + f"new AwsRum('{MONITOR}', 'eu-west-1', '1.0.0', {options()});\n",
        verdict="broken",
        root=("endpoint-region", "snippet-present"),
        find={"endpoint-region": "fail"},
        says=("Region",),
    ),
    _file(
        "late-component-of-next",
        "next/dynamic without the server",
        "pages/_app.tsx",
        "import dynamic from 'next/dynamic';\n"
        "const AwsRumProvider = dynamic(() => import('../rum'), { ssr: false });\n"
        "export default ({ Component, pageProps }) =>\n"
        "  <AwsRumProvider><Component {...pageProps} /></AwsRumProvider>;\n",
        find={"snippet-present": "unknown"},
    ),
    _file(
        "setup-of-inertia",
        "an application of Laravel starts it beside its mount",
        "resources/js/app.js",
        f"import {{ createInertiaApp }} from '@inertiajs/vue3';\n{_IMPORT}"
        f"createInertiaApp({{\n  setup({{ el, App, props }}) {{\n    {_NEW}\n  }},\n}});\n",
    ),
    _file(
        "two-builds-in-one-source",
        "full and slim are imported side by side",
        "src/rum.ts",
        _IMPORT + "import { AwsRum as Slim } from '@aws-rum/web-slim';\n"
        "export const make = (slim) => slim\n"
        f"  ? new Slim({_GIVEN}, {options(identityPoolId=LEFT_OUT)})\n"
        f"  : {_NEW.rstrip(';')};\nmake(false);\n",
    ),
    _file(
        "version-of-the-manifest",
        "the version comes from package.json",
        "src/rum.ts",
        _IMPORT + "import { version } from '../package.json';\n"
        f"new AwsRum('{MONITOR}', version, 'eu-west-1', {options()});\n",
        find={"snippet-present": "pass"},
    ),
    _file(
        "frozen-options",
        "Object.freeze around the options",
        "src/rum.ts",
        _IMPORT + f"const config = Object.freeze({options()});\nnew AwsRum({_GIVEN}, config);\n",
        find={"snippet-present": "pass", "credentials-configured": "pass|unknown"},
    ),
    _file(
        "satisfies-and-const",
        "TypeScript's satisfies and as const",
        "src/rum.ts",
        "import { AwsRum, type AwsRumConfig } from 'aws-rum-web';\n"
        f"const config = {options()} as const satisfies Partial<AwsRumConfig>;\n"
        f"new AwsRum({_GIVEN}, config);\n",
        find={"snippet-present": "pass", "credentials-configured": "pass"},
    ),
    _file(
        "enum-of-telemetries",
        "TelemetryEnum of the package",
        "src/rum.ts",
        "import { AwsRum, TelemetryEnum } from 'aws-rum-web';\n"
        f"new AwsRum({_GIVEN}, {options(telemetries=_ENUMERATED)});\n",
        find={"client-enabled": "pass|unknown"},
    ),
    _file(
        "endpoint-of-a-wrong-partition",
        "the endpoint ends in .com.cn",
        "src/rum.ts",
        npm(endpoint="https://dataplane.rum.eu-west-1.amazonaws.com.cn"),
        verdict="broken|unproven|degraded",
        root=(None, "endpoint-region"),
        find={"endpoint-region": "fail|warn|unknown"},
    ),
    _file(
        "pool-in-a-template-string",
        "a pool's id put together of Region and UUID",
        "src/rum.ts",
        _IMPORT + f"const region = 'eu-west-1';\nnew AwsRum('{MONITOR}', '1', region, {{\n"
        f"  identityPoolId: `${{region}}:{POOL.partition(':')[2]}`,\n"
        "  endpoint: `https://dataplane.rum.${region}.amazonaws.com`,\n"
        "  telemetries: ['errors'], sessionSampleRate: 1 });\n",
        find={
            "snippet-present": "pass",
            "credentials-configured": "pass",
            "endpoint-region": "pass|unknown",
        },
    ),
)
