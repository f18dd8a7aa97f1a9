"""Conditions under which sources start the client: guards, flags, builds for developers alone."""

from __future__ import annotations

from field_case import QUIET, Case
from field_write import LEFT_OUT, npm, options
from har_builder import MONITOR

_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"
_GIVEN = f"'{MONITOR}', '1.0.0', 'eu-west-1'"
_NEW = f"new AwsRum({_GIVEN}, {options()});"


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **(QUIET | more))


_LOGIN = f"""export const Login = () => {{
  const [clicks, setClicks] = useState(0);
  const submit = () => {{
    setClicks(clicks + 1);
    try {{
      const rum = {_NEW}
    }} catch (error) {{}}
    axios.post('/login');
  }};
  return <button onClick={{submit}}>Sign in</button>;
}};
"""
_ISOMORPHIC = f"""import {{ browser }} from '$app/environment';
{_IMPORT}if (browser) {{
  {_NEW}
}}
"""
_ANGULAR_SSR = f"""import {{ Injectable, afterNextRender }} from '@angular/core';
{_IMPORT}@Injectable({{ providedIn: 'root' }})
export class Monitoring {{
  private rum?: AwsRum;
  constructor() {{
    afterNextRender(() => {{ this.rum = {_NEW} }});
  }}
}}
"""
_COMMENTED = "\n".join(
    f"// {line}"
    for line in (_IMPORT + f"try {{\n  const rum = {_NEW}\n}} catch (error) {{}}").splitlines()
)
_STAGE = f"""{_IMPORT}if (process.env.REACT_APP_STAGE === 'development') {{
  {_NEW}
}}
"""
_DEVELOPMENT = _STAGE.replace("REACT_APP_STAGE", "NODE_ENV")
_EARLY = """'use client';
import { AwsRum, type AwsRumConfig } from 'aws-rum-web';
const APPLICATION_ID = process.env.NEXT_PUBLIC_CW_RUM_APP_ID ?? '';
const ENDPOINT = process.env.NEXT_PUBLIC_CW_RUM_ENDPOINT ?? '';
const POOL = process.env.NEXT_PUBLIC_CW_RUM_POOL ?? '';
function regionOf(): string {
  return ENDPOINT.match(/\\.rum\\.([a-z0-9-]+)\\.amazonaws/)?.[1] ?? '';
}
function start(): AwsRum | null {
  const region = regionOf();
  if (!APPLICATION_ID || !POOL || !region) return null;
  const config: AwsRumConfig = { sessionSampleRate: 1, identityPoolId: POOL,
    endpoint: ENDPOINT || undefined, telemetries: ['errors'], signing: true };
  try { return new AwsRum(APPLICATION_ID, '1.0.0', region, config); } catch { return null; }
}
export const rum = typeof window !== 'undefined' ? start() : null;
"""
_LATE = f"""import {{ fetchAuthSession }} from 'aws-amplify/auth';
{_IMPORT}export default function App() {{
  useEffect(() => {{
    fetchAuthSession().then((session) => {{
      const rum = new AwsRum({_GIVEN}, {options(identityPoolId=LEFT_OUT)});
      rum.setAwsCredentials(session.credentials);
      rum.enable();
    }});
  }}, []);
  return <main />;
}}
"""
_HOSTS = f"""{_IMPORT}const STAGES = {{
  'go.staging.shop.example': {{ id: import.meta.env.VITE_RUM_ID_STAGING }},
  'go.shop.example': {{ id: import.meta.env.VITE_RUM_ID_LIVE }},
}};
const stage = STAGES[window.location.hostname];
if (stage) {{ new AwsRum(stage.id, '1.0.0', 'eu-west-1', {options()}); }}
"""
_LWC = f"""import {{ LightningElement }} from 'lwc';
import {{ loadScript }} from 'lightning/platformResourceLoader';
import RUM from '@salesforce/resourceUrl/rum';
export default class Monitor extends LightningElement {{
  connectedCallback() {{
    loadScript(this, RUM).then(() => {{ new window.AwsRum({_GIVEN}, {options()}); }});
  }}
}}
"""
_QUASAR = f"""import {{ boot }} from 'quasar/wrappers';
{_IMPORT}export default boot(({{ app }}) => {{
  if (process.env.CLIENT) {{ app.provide('rum', {_NEW.rstrip(";")}); }}
}});
"""
_DOCUSAURUS = f"""import ExecutionEnvironment from '@docusaurus/ExecutionEnvironment';
{_IMPORT}if (ExecutionEnvironment.canUseDOM) {{
  {_NEW}
}}
"""
_ANGULAR = f"""import {{ isPlatformBrowser }} from '@angular/common';
{_IMPORT}@Component({{ selector: 'app-root', template: '' }})
export class AppComponent implements OnInit {{
  private platformId = inject(PLATFORM_ID);
  ngOnInit() {{
    if (isPlatformBrowser(this.platformId)) {{ {_NEW} }}
  }}
}}
"""
_FLAG = f"""import {{ useFlags }} from 'launchdarkly-react-client-sdk';
{_IMPORT}export function Rum() {{
  const {{ cloudwatchRum }} = useFlags();
  useEffect(() => {{ if (cloudwatchRum) {{ {_NEW} }} }}, [cloudwatchRum]);
  return null;
}}
"""
CASES = (
    _file(
        "in-development-only",
        "public code: the client starts where NODE_ENV is development",
        "src/index.tsx",
        _DEVELOPMENT,
        find={"snippet-present": "unknown|warn"},
        says=("development",),
    ),
    _file(
        "in-a-stage-only",
        "public code: the client starts in a stage that is called development",
        "src/index.tsx",
        _STAGE,
        find={"snippet-present": "unknown|warn"},
        says=("REACT_APP_STAGE",),
    ),
    _file(
        "in-production-only",
        "public code: import.meta.env.PROD",
        "src/analytics.ts",
        f"{_IMPORT}export const start = () => {{ if (import.meta.env.PROD) {{ {_NEW} }} }};\n"
        "start();\n",
        find={"snippet-present": "pass|unknown"},
    ),
    _file(
        "at-each-click",
        "public code: the client is constructed in the handler of a button",
        "src/Login.jsx",
        "import { useState } from 'react';\n" + _IMPORT + _LOGIN,
        find={"snippet-present": "unknown|warn"},
        says=("submit",),
    ),
    _file(
        "switched-on-by-its-method",
        "off in the options, and enabled right after",
        "src/rum.ts",
        npm(enableRumClient=False) + "awsRum.enable();\n",
        find={"client-enabled": "pass"},
    ),
    _file(
        "switched-on-after-consent",
        "off in the options, and enabled by whoever agrees",
        "src/rum.ts",
        npm(enableRumClient=False) + "export const agreed = () => awsRum.enable();\n",
        find={"client-enabled": "warn|unknown"},
    ),
    _file(
        "guard-of-sveltekit",
        "browser of $app/environment is true wherever a browser is",
        "src/routes/+layout.ts",
        _ISOMORPHIC,
        find={"snippet-present": "pass"},
    ),
    _file(
        "service-of-angular-ssr", "afterNextRender in a constructor", "m.service.ts", _ANGULAR_SSR
    ),
    _file(
        "commented-out-in-a-module",
        "public code: every line of the construction is a comment",
        "src/main.ts",
        "import { platformBrowserDynamic } from '@angular/platform-browser-dynamic';\n"
        + _COMMENTED
        + "\nplatformBrowserDynamic().bootstrapModule(AppModule);\n",
        verdict="broken|unproven",
        root=(None, "snippet-present"),
        find={"snippet-present": "fail|warn|unknown"},
        says=("in a comment",),
    ),
    _file(
        "region-out-of-an-endpoint",
        "public code: the Region is matched in the endpoint",
        "rum.tsx",
        _EARLY,
    ),
    _file(
        "credentials-of-a-login",
        "public code: credentials of Amplify's session",
        "src/App.jsx",
        _LATE,
        find={"credentials-configured": "pass|skip|unknown"},
    ),
    _file("stages-by-host", "public code: a table of stages by host", "src/rum.ts", _HOSTS),
    _file(
        "flag-of-launchdarkly",
        "a feature flag starts it",
        "src/Rum.tsx",
        _FLAG,
        find={"snippet-present": "unknown"},
        says=("cloudwatchRum",),
    ),
    _file(
        "boot-of-quasar",
        "process.env.CLIENT in a boot file",
        "src/boot/rum.js",
        _QUASAR,
        find={"snippet-present": "pass"},
    ),
    _file(
        "module-of-docusaurus",
        "canUseDOM in a client module",
        "src/rum.js",
        _DOCUSAURUS,
        find={"snippet-present": "pass"},
    ),
    _file(
        "platform-of-angular",
        "isPlatformBrowser in ngOnInit",
        "app.component.ts",
        _ANGULAR,
        find={"snippet-present": "pass|unknown"},
        never=("cannot start", "isPlatformBrowser"),
    ),
    _file(
        "component-of-lightning",
        "a component of Lightning loads a static resource",
        "monitor.js",
        _LWC,
        find={"snippet-present": "pass|unknown"},
    ),
)
