"""What public projects do around the client: loaders of their own, proxies, packers, tests."""

from __future__ import annotations

import base64
import json

from field_case import QUIET, Case
from field_write import CDN, LEFT_OUT, PLANE, html, loader, npm, options, page, script
from har_builder import MONITOR, POOL

_BROKEN_POOL: dict[str, object] = {"verdict": "broken", "root": ("credentials-configured",)}
_LIKELY: dict[str, object] = {
    "verdict": "degraded|unproven", "find": {"snippet-present": "warn"}, "never": ("cannot start",),
}  # fmt: skip


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **more)  # type: ignore[arg-type]


def _imported(how: str) -> str:
    return f"""export async function startRum() {{
  try {{
    const {{ AwsRum }} = await {how};
    new AwsRum('{MONITOR}', '1', 'eu-west-1', {options()});
  }} catch {{ return; }}
}}
"""


def _by_hand(pool: str) -> str:
    return f"""const monitor = import.meta.env.VITE_RUM_ID;
export function startRum(): void {{
  if (!monitor) return;
  const queue = {{ q: [] as Entry[], n: 'cwr', i: monitor, v: '1.0.0', r: 'eu-west-1',
    c: {{ {pool} endpoint: '{PLANE}', sessionSampleRate: 1, allowCookies: false }} }};
  window.AwsRumClient = queue;
  window.cwr = (command: string, payload: unknown) => {{
    queue.q.push({{ c: command, p: payload }});
  }};
  const script = document.createElement('script');
  script.async = true;
  script.src = '{CDN}';
  document.head.appendChild(script);
}}
"""


def _handed(pool: str) -> str:
    return f"""import {{ AwsRum }} from 'aws-rum-web';
export function rumProvider({{ site, Ctor = AwsRum, logger = console }} = {{}}) {{
  return {{
    init() {{
      if (!site?.monitor) return;
      try {{
        new Ctor(site.monitor, '1.0.0', 'eu-west-1', {{ sessionSampleRate: 1, {pool}
          endpoint: '{PLANE}', telemetries: ['errors', 'http'], allowCookies: true }});
      }} catch (e) {{ logger.warn('rum', e); }}
    }},
  }};
}}
"""


_JSX = f"""export default function Layout({{ children }}) {{
  return (
    <html lang="en">
      <head><script>
        {loader()}
      </script></head>
      <body>{{children}}</body>
    </html>
  );
}}
"""
_PRIVATE = """const { AwsRum } = require('aws-rum-web');
exports.Metrics = class Metrics {
  #rum = null;
  constructor(options) {
    try {
      const { monitor, region, pool, percent, release } = Metrics.#defaults(options);
      this.#rum = new AwsRum(monitor, release, region, { allowCookies: false,
        endpoint: `https://dataplane.rum.${region}.amazonaws.com`, identityPoolId: pool,
        sessionEventLimit: 0, sessionSampleRate: percent / 100, telemetries: ['errors'] });
    } catch (error) { console.warn('metrics', error.message); }
  }
  static #defaults(options) { return { percent: 5, region: 'eu-west-1', ...options }; }
};
"""
_PROXY = """export const setupRum = async () => {
  const endpoint = `${window.location.origin}/api/rum`;
  const rumModule = await import('aws-rum-web');
  // the site's own server puts the monitor's id in, and signs
  return new rumModule.AwsRum('SetByTheServer', '1.0.0', 'us-east-1', {
    allowCookies: true, endpoint, sessionSampleRate: 1, signing: false, telemetries: ['errors'] });
};
"""
_PACKED = base64.b64encode(loader().encode()).decode()
_FAULTY = base64.b64encode(loader(identityPoolId=LEFT_OUT).encode()).decode()
_TESTS = {
    "web/src/rum.ts": npm(),
    "web/src/rum.spec.ts": "it('starts', () => { new AwsRum('id', '1.0.0', 'eu-west-1', {}); });\n",
    "web/src/mocks/aws-rum-web.ts": "export class AwsRum { recordError() {} }\n",
    "web/cypress/support/rum.js": "new AwsRum('cypress', '1', 'eu-west-1', {});\n",
    "web/package.json": json.dumps({"dependencies": {"aws-rum-web": "^1.25.0"}}),
}
_COEP = "cross-origin-embedder-policy: "

CASES = (
    _file(
        "import-within-new-function",
        "public code: new Function('return import(…)'), to build without the package",
        "src/rum.ts",
        _imported("""new Function('return import("aws-rum-web")')()"""),
        **_LIKELY,
        says=("import map",),
    ),
    _file(
        "import-that-webpack-ignores",
        "documentation of webpack: webpackIgnore leaves the import to the browser",
        "src/rum.ts",
        _imported("import(/* webpackIgnore: true */ 'aws-rum-web')"),
        **_LIKELY,
        says=("import map",),
    ),
    _file(
        "import-that-vite-does-not-warn-of",
        "@vite-ignore silences a warning, and a name that is written out is resolved",
        "src/rum.ts",
        _imported("import(/* @vite-ignore */ 'aws-rum-web')"),
        **(QUIET | {"never": ("cannot start", "import map")}),
    ),
    _file(
        "snippet-as-text-of-jsx",
        "public code: the snippet pasted between the tags of a script element of a layout",
        "app/layout.jsx",
        _JSX,
        **_LIKELY,
        says=("dangerouslySetInnerHTML",),
    ),
    _file(
        "constructor-handed-in",
        "public code: a provider that tests give another constructor",
        "src/rum.js",
        _handed("identityPoolId: site.pool,"),
        **QUIET,
    ),
    _file(
        "constructor-handed-in-without-a-pool",
        "the same without a pool",
        "src/rum.js",
        _handed(""),
        **_BROKEN_POOL,
    ),
    _file(
        "class-with-private-parts",
        "public code: a CommonJS class keeps the client in a private field",
        "src/metrics.js",
        _PRIVATE,
        **QUIET,
    ),
    _file(
        "queue-made-by-hand",
        "public code: the loader written out in TypeScript",
        "src/rum.ts",
        _by_hand(f"identityPoolId: '{POOL}',"),
        **QUIET,
    ),
    _file(
        "queue-made-by-hand-without-a-pool",
        "the same without a pool",
        "src/rum.ts",
        _by_hand(""),
        **_BROKEN_POOL,
    ),
    _file(
        "proxy-that-puts-the-id-in",
        "public code: the server behind the site's own endpoint knows the monitor's id",
        "src/rum.ts",
        _PROXY,
        verdict="unproven|degraded",
        root=(None, "monitor-exists"),
        find={"monitor-exists": "warn|unknown"},
    ),
    Case(
        "tests-and-mocks-beside",
        "public projects: tests, mocks and Cypress construct a client too",
        files=_TESTS,
        given={"source": "web"},
        **QUIET,  # type: ignore[arg-type]
    ),
    Case(
        "script-that-unpacks-another",
        "an optimiser packed the snippet: what eval runs is not known",
        page=html(script(f"eval(atob('{_PACKED}'))")),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
    ),
    Case(
        "script-of-a-data-address",
        "an optimiser of WordPress moved the snippet into an address",
        page=html(f'<script defer src="data:text/javascript;base64,{_PACKED}"></script>'),
        **(QUIET | {"find": {"snippet-present": "pass"}}),  # type: ignore[arg-type]
    ),
    Case(
        "script-of-a-data-address-without-a-pool",
        "the same with a fault in what was packed",
        page=html(f'<script src="data:text/javascript;charset=utf-8;base64,{_FAULTY}"></script>'),
        **_BROKEN_POOL,  # type: ignore[arg-type]
    ),
    Case(
        "embedder-policy",
        "web standard: under require-corp a script of another origin has to let itself be embedded",
        page=page(),
        headers=_COEP + "require-corp\n",
        verdict="unproven|degraded",
        find={"client-script-loads": "warn"},
        says=("require-corp", "crossOrigin"),
    ),
    Case(
        "embedder-policy-that-lets-pass",
        "the same as credentialless",
        page=page(),
        headers=_COEP + "credentialless\n",
        verdict="unproven",
        root=(None,),
    ),
    Case(
        "embedder-policy-and-cors",
        "the same with a loader that asks with CORS",
        page=page().replace("z.async=true;", "z.async=true;z.crossOrigin='anonymous';"),
        headers=_COEP + "require-corp\n",
        verdict="unproven",
        root=(None,),
        find={"client-script-loads": "unknown"},
    ),
    Case(
        "old-browsers-alone",
        "a conditional comment that Internet Explorer alone read",
        page=html(f"<!--[if lt IE 9]>{script(loader(identityPoolId=LEFT_OUT))}<![endif]-->"),
        verdict="broken",
        root=("snippet-present",),
        says=("in a comment",),
    ),
    Case(
        "all-but-old-browsers",
        "a conditional comment that lets every other browser read it",
        page=html(f"<!--[if !IE]><!-->{script(loader())}<!--<![endif]-->"),
        **QUIET,  # type: ignore[arg-type]
    ),
)
