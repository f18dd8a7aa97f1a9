"""Source files of frameworks that construct the client, as public repositories have them."""

from __future__ import annotations

from field_case import Case
from field_write import LEFT_OUT, Code, js, npm, options
from har_builder import MONITOR, POOL

_PACKAGE = "import { AwsRum, AwsRumConfig } from 'aws-rum-web';\n"
_STARTS = ("cannot start", "holds no RUM snippet", "as the first script")
_OWN = "{ " + options()[1:-1] + " }"


def _source(name: str, report: str, file: str, text: str, **more: object) -> Case:
    given: dict[str, object] = {
        "verdict": "unproven",
        "root": (None,),
        "find": {"snippet-present": "pass|unknown"},
        "never": _STARTS,
        **more,
    }
    return Case(name, report, source=text, source_name=file, **given)  # type: ignore[arg-type]


CASES = (
    _source(
        "vue-2-prototype",
        "public code: main.js of Vue 2 hangs the client on Vue's prototype",
        "src/main.js",
        "import Vue from 'vue';\nimport { AwsRum } from 'aws-rum-web';\n"
        f"Vue.prototype.$rum = new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {_OWN});\n",
        find={"snippet-present": "pass"},
    ),
    _source(
        "vue-3-plugin",
        "a plugin of Vue 3 provides the client",
        "src/plugins/rum.ts",
        f"import type {{ App }} from 'vue';\n{_PACKAGE}export default {{\n  install(app: App) {{\n"
        f"    const rum = new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {_OWN});\n"
        "    app.provide('rum', rum);\n    app.config.errorHandler = (e) => rum.recordError(e);\n"
        "  },\n};\n",
    ),
    _source(
        "angular-initializer",
        "an APP_INITIALIZER of Angular reads the environment file",
        "src/app/rum.service.ts",
        f"import {{ Injectable }} from '@angular/core';\n{_PACKAGE}"
        "import { environment } from '../environments/environment';\n\n"
        "@Injectable({ providedIn: 'root' })\nexport class RumService {\n  private rum?: AwsRum;\n"
        "  init(): void {\n    if (!environment.production) {\n      return;\n    }\n"
        "    this.rum = new AwsRum(environment.rum.id, '1.0.0', environment.rum.region, {\n"
        "      sessionSampleRate: 1,\n      identityPoolId: environment.rum.pool,\n"
        "      telemetries: ['errors', 'http'],\n    });\n  }\n}\n",
    ),
    _source(
        "module-told-by-its-bundler",
        "public code: an eager import whose constructor is looked for under several names",
        "src/monitoring/AwsRum.tsx",
        "type Made = new (id: string, v: string, r: string, c: object) => { enable(): void };\n"
        "export async function start(): Promise<void> {\n"
        "  const loaded = (await import(/* webpackMode: \"eager\" */ 'aws-rum-web')) as"
        " Record<string, unknown>;\n"
        "  const found = loaded['AwsRum'] ?? loaded['default'] ?? loaded;\n"
        "  if (typeof found !== 'function') {\n    throw new Error('no constructor');\n  }\n"
        "  const RumClient = found as Made;\n"
        f"  const config = {_OWN};\n"
        f"  new RumClient('{MONITOR}', '1.0.0', 'eu-west-1', config);\n}}\n",
    ),
    _source(
        "types-in-a-file-of-javascript",
        "public code: the console's TypeScript pasted into App.js",
        "src/App.js",
        f"import React from 'react';\n{_PACKAGE}\n"
        "function App() {\n  return <main>Shop</main>;\n}\n"
        f"try {{\n  const config: AwsRumConfig = {_OWN};\n"
        f"  const APPLICATION_ID: string = '{MONITOR}';\n"
        "  const awsRum: AwsRum = new AwsRum(APPLICATION_ID, '1.0.0', 'eu-west-1', config);\n"
        "} catch (error) {\n}\n\nexport default App;\n",
    ),
    _source(
        "label-for-a-declaration",
        "public code: awsRum: AwsRum = new AwsRum(…), and names that a pipeline replaces",
        "src/rum.ts",
        f"// @ts-nocheck\n{_PACKAGE}let awsRum;\ntry {{\n  const config: AwsRumConfig = {{\n"
        "    sessionSampleRate: 1, guestRoleArn: $GUEST_ARN, identityPoolId: $IDENTITY_POOL,\n"
        "    endpoint: $ENDPOINT, telemetries: ['errors'],\n  };\n"
        "  awsRum: AwsRum = new AwsRum($MONITOR_ID, '1.0.0', $REGION, config);\n"
        "} catch (error) {\n  console.log(error);\n}\n",
    ),
    _source(
        "rate-that-may-be-no-number",
        "public code: Number(RATE) ?? 1 is NaN where the variable is missing",
        "src/rum.ts",
        npm(sessionSampleRate=Code("Number(process.env.REACT_APP_RUM_RATE) ?? 1")),
        find={"session-sample-rate": "unknown|warn"},
    ),
    _source(
        "pool-and-no-signing",
        "public code: an identity pool and signing: false together",
        "src/useErrorTracking.ts",
        npm(signing=False),
        verdict="unproven|degraded",
        find={"signing": "unknown|warn", "credentials-configured": "pass|skip|unknown|warn"},
        says=("(?i)resource policy",),
    ),
    _source(
        "no-pool-and-signing",
        "public code: signing: true beside a comment on public policies, and no identity pool",
        "src/rum.tsx",
        npm(signing=True, identityPoolId=LEFT_OUT),
        verdict="broken",
        root=("credentials-configured",),
        find={"snippet-present": "pass", "credentials-configured": "fail"},
    ),
    _source(
        "slim-with-its-own-authentication",
        "public code: the slim build with the core's EnhancedAuthentication and signing",
        "src/rum.ts",
        "import { createSigningConfig, EnhancedAuthentication } from '@aws-rum/web-core';\n"
        "import { AwsRum, JsErrorPlugin } from '@aws-rum/web-slim';\n\n"
        f"const rum = new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {{\n"
        "  endpoint: 'https://dataplane.rum.eu-west-1.amazonaws.com',\n"
        "  sessionSampleRate: 1,\n  signing: true,\n  disableAutoPageView: true,\n"
        "  eventPluginsToLoad: [],\n});\nrum.setSigningConfigFactory(createSigningConfig);\n"
        f"const auth = new EnhancedAuthentication({{ identityPoolId: '{POOL}' }});\n"
        "rum.setAwsCredentials(auth.ChainAnonymousCredentialsProvider);\n"
        "rum.addPlugin(new JsErrorPlugin());\nrum.recordPageView('/');\n",
        verdict="unproven|degraded",
        find={"credentials-configured": "pass|skip|unknown", "signing": "pass|skip|unknown"},
    ),
    _source(
        "slim-of-an-old-name",
        "public code: the package that was named aws-rum-slim before its release",
        "src/rum.ts",
        npm(package="aws-rum-slim", signing=False, identityPoolId=LEFT_OUT),
        verdict="unproven|degraded",
        find={"snippet-present": "pass|unknown"},
    ),
    _source(
        "guard-against-the-server",
        "a component of Next.js returns early where there is no window or no id",
        "src/app/rum-init.tsx",
        f"'use client';\nimport {{ useEffect }} from 'react';\n{_PACKAGE}\nlet client: AwsRum |"
        " null = null;\n\nexport default function RumInit() {\n  useEffect(() => {\n"
        "    if (typeof window === 'undefined' || client) {\n      return;\n    }\n"
        "    const id = process.env.NEXT_PUBLIC_RUM_ID;\n    if (!id) {\n      return;\n    }\n"
        "    client = new AwsRum(id, process.env.NEXT_PUBLIC_BUILD ?? '0.0.0', 'eu-west-1', {\n"
        "      sessionSampleRate: 1, telemetries: ['errors'], signing: false,\n    });\n"
        "  }, []);\n  return null;\n}\n",
        verdict="unproven|degraded",
    ),
    _source(
        "remix-client-entry",
        "app/entry.client.tsx of Remix takes the ids from window.ENV",
        "app/entry.client.tsx",
        f"import {{ hydrateRoot }} from 'react-dom/client';\n{_PACKAGE}\nhydrateRoot(document,"
        " <div />);\nnew AwsRum(window.ENV.RUM_ID, window.ENV.VERSION, window.ENV.RUM_REGION, {\n"
        "  identityPoolId: window.ENV.RUM_POOL,\n  telemetries: ['errors', 'performance'],\n});\n",
    ),
    _source(
        "react-native-for-the-web",
        "one code for phones and the web starts the client on the web only",
        "App.tsx",
        f"import {{ Platform }} from 'react-native';\n{_PACKAGE}\nif (Platform.OS === 'web') {{\n"
        f"  new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {_OWN});\n}}\n",
    ),
    _source(
        "settings-of-another-file",
        "public code: settings.monitoring holds the ids, the mode of the build decides",
        "src/monitoring/rum.ts",
        "import { AwsRum } from 'aws-rum-web';\nimport settings from '../settings';\n\n"
        "let client: AwsRum | undefined;\nif (process.env.NODE_ENV !== 'development') {\n  try {\n"
        "    client = new AwsRum(settings.monitoring.appId, settings.version,"
        " settings.monitoring.region,\n      { enableRumClient: true, sessionSampleRate: 0.5,"
        " identityPoolId: settings.monitoring.pool });\n  } catch { /* nothing */ }\n}\n",
        verdict="unproven|degraded",
        find={"session-sample-rate": "warn"},
    ),
    _source(
        "wrapped-in-a-function-of-its-own",
        "a package of one's own wraps the constructor",
        "packages/telemetry/index.js",
        "const { AwsRum } = require('aws-rum-web');\n\nmodule.exports.createRum = ({ id, region,"
        " pool }) =>\n  new AwsRum(id, '1.0.0', region, {\n    identityPoolId: pool,\n"
        "    telemetries: ['errors'],\n  });\n",
    ),
    _source(
        "flag-on-the-window",
        "public code: a consent script starts the snippet once, by a flag on window",
        "assets/consent.js",
        "function startRum() {\n  if (window.__rumStarted) return;\n  window.__rumStarted = true;\n"
        "  (function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};window[n]="
        "function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');z.async=true;"
        "z.src=s;document.head.insertBefore(z,document.head.getElementsByTagName('script')[0]);})\n"
        f"  ('cwr', RUM.id, '1.0.0', RUM.region, 'https://client.rum.us-east-1.amazonaws.com/1.19.0/"
        f"cwr.js', {js({'sessionSampleRate': 1, 'identityPoolId': Code('RUM.pool')})});\n}}\n"
        "document.getElementById('agree').addEventListener('click', startRum);\n",
        find={"snippet-present": "unknown"},
    ),
    _source(
        "secure-cookies-off",
        "public code: cookieAttributes of a stack that is tried over http",
        "src/rum.js",
        npm(cookieAttributes={"secure": False}, sessionEventLimit=0)
        .replace(": AwsRumConfig", "")
        .replace(", AwsRumConfig", ""),
        find={"snippet-present": "pass"},
    ),
)
