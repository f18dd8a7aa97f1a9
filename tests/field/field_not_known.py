"""Configuration that comes from elsewhere: what is not known is neither right nor wrong."""

from __future__ import annotations

from field_case import Case
from field_write import HTML, Code, js, npm, page
from har_builder import MONITOR, POOL

_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"
_NEVER = (
    "(?i)placeholder",
    "There is no identity pool",
    "is not a UUID",
    "Every session is recorded",
)
_NUXT = """import { AwsRum, type AwsRumConfig } from 'aws-rum-web';
export default defineNuxtPlugin((_nuxtApp) => {
  const runtimeConfig = useRuntimeConfig();
  if (runtimeConfig.public.rumEnabled) {
    const config: AwsRumConfig = {
      sessionSampleRate: 1, identityPoolId: runtimeConfig.public.rumIdentityPoolId,
      endpoint: runtimeConfig.public.rumEndpoint, allowCookies: true, enableXRay: true,
      telemetries: ['errors', ['http', { addXRayTraceIdHeader: true, recordAllRequests: true }]],
      sessionEventLimit: -1,
    };
    const awsRum = new AwsRum(runtimeConfig.public.rumApplicationId, '1.0.0',
      runtimeConfig.public.rumApplicationRegion, config);
    return { provide: { awsRum } };
  }
});
"""
_FETCHED = """import { AwsRum, AwsRumConfig } from 'aws-rum-web';
export const rumRunner = async () => {
  const res = await fetch('/rum.json');
  const rum = await res.json();
  const config: AwsRumConfig = { sessionSampleRate: 1, guestRoleArn: `${rum?.guestRoleArn}`,
    identityPoolId: `${rum?.identityPoolId}`, telemetries: ['errors'],
    endpoint: 'https://dataplane.rum.us-east-1.amazonaws.com', allowCookies: true };
  const awsRum = new AwsRum(`${rum?.APPLICATION_ID}`, '1.0.0', 'us-east-1', config);
};
rumRunner();
"""
_PYTHON = """import os

_APP_ID = os.getenv("CW_RUM_APP_MONITOR_ID", "")
_POOL_ID = os.getenv("CW_RUM_IDENTITY_POOL_ID", "")
_REGION = os.getenv("CW_RUM_REGION", "eu-west-1")


def rum_snippet() -> str:
    return (
        "<script>\\n"
        "(function(n,i,v,r,s,c,x,z){"
        "x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};"
        "window[n]=function(c,p){x.q.push({c:c,p:p});};"
        "z=document.createElement('script');z.async=true;z.src=s;"
        "document.head.insertBefore(z,document.head.getElementsByTagName('script')[0]);"
        "})(\\n"
        f"  'cwr',\\n"
        f"  '{_APP_ID}',\\n"
        f"  '1.0.0',\\n"
        f"  '{_REGION}',\\n"
        f"  'https://client.rum.us-east-1.amazonaws.com/1.12.0/cwr.js',\\n"
        f"  {{sessionSampleRate:1,"
        f"identityPoolId:'{_POOL_ID}',"
        f"telemetries:['performance','errors','http'],"
        f"allowCookies:true}});\\n"
        "</script>"
    )
"""
_LAMBDA = """const rumTemplate = (rum) => `
(function (n, i, v, r, s, c, x, z) {
  x = window.AwsRumClient = { q: [], n: n, i: i, v: v, r: r, c: c };
  window[n] = function (c, p) { x.q.push({ c: c, p: p }); };
  z = document.createElement('script'); z.async = true; z.src = s;
  document.head.insertBefore(z, document.head.getElementsByTagName('script')[0]);
})('cwr', '${rum.Id}', '1.0.0', 'eu-west-1',
  'https://client.rum.us-east-1.amazonaws.com/1.16.1/cwr.js',
  { sessionSampleRate: ${rum.AppMonitorConfiguration?.SessionSampleRate},
    identityPoolId: '${rum.AppMonitorConfiguration?.IdentityPoolId}',
    endpoint: 'https://dataplane.rum.eu-west-1.amazonaws.com', allowCookies: true });`;
exports.handler = async () => rumTemplate(await monitor());
"""


def _built(name: str, value: str, **more: object) -> str:
    return npm(**{name: Code(value), **more})


CASES = (
    Case(
        "rate-from-the-environment",
        "public code: sessionSampleRate: Number(process.env.…)",
        source=_built("sessionSampleRate", "Number(process.env.REACT_APP_RUM_RATE) ?? 1"),
        verdict="unproven",
        root=(None,),
        find={"session-sample-rate": "unknown", "credentials-configured": "pass"},
        says=("REACT_APP_RUM_RATE",),
        never=("Every session is recorded",),
    ),
    Case(
        "pool-from-the-environment",
        "public code: identityPoolId: process.env.NEXT_PUBLIC_…",
        source=_built("identityPoolId", "process.env.NEXT_PUBLIC_RUM_POOL!"),
        verdict="unproven",
        root=(None,),
        find={
            "credentials-configured": "unknown",
            "identity-pool": "unknown",
            "session-sample-rate": "pass",
        },
        says=("NEXT_PUBLIC_RUM_POOL",),
        never=("no identity pool",),
    ),
    Case(
        "region-with-a-default",
        "public code: import.meta.env.VITE_RUM_REGION || 'eu-west-2'",
        source=npm(region=Code("import.meta.env.VITE_RUM_REGION || 'eu-west-2'")),
        verdict="unproven",
        root=(None,),
        find={"endpoint-region": "unknown|pass"},
        never=("does not have the form", "is not a Region"),
    ),
    Case(
        "all-from-a-fetched-file",
        "public code: the ids come from /rum.json",
        source=_FETCHED,
        verdict="unproven",
        root=(None,),
        find={
            "monitor-exists": "unknown",
            "identity-pool": "unknown",
            "guest-role-trust": "unknown",
            "session-sample-rate": "pass",
        },
        never=_NEVER[:3],
    ),
    Case(
        "configuration-of-an-environment-file",
        "public code: the whole configuration is imported",
        source=_IMPORT + "import { RUM_ID, RUM_CONFIG, RUM_REGION } from './amplify-env';\n"
        "import pkg from '../package.json';\n"
        "export const rum = new AwsRum(RUM_ID, pkg.version, RUM_REGION, RUM_CONFIG);\n",
        verdict="unproven",
        root=(None,),
        find=dict.fromkeys(
            (
                "session-sample-rate",
                "client-enabled",
                "signing",
                "credentials-configured",
                "endpoint-region",
                "session-event-limit",
                "monitor-exists",
            ),
            "unknown",
        ),
        says=("RUM_CONFIG",),
        never=_NEVER,
    ),
    Case(
        "members-of-a-constant",
        "public code: RUM_CONFIG.SESSION_SAMPLE_RATE and the like",
        source=npm(
            config=js(
                {
                    "sessionSampleRate": Code("RUM.SESSION_SAMPLE_RATE"),
                    "identityPoolId": Code("RUM.IDENTITY_POOL_ID"),
                    "endpoint": Code("RUM.ENDPOINT"),
                    "telemetries": Code("RUM.TELEMETRIES"),
                }
            ),
            before="import { RUM } from '@/constants/environment'",
        ),
        verdict="unproven",
        root=(None,),
        find={
            "session-sample-rate": "unknown",
            "client-enabled": "unknown",
            "endpoint-region": "unknown",
        },
        says=("RUM\\.SESSION_SAMPLE_RATE",),
    ),
    Case(
        "cookies-by-consent",
        "public code: allowCookies is a variable, everything else is written",
        source=_built("allowCookies", "cookieConsent"),
        verdict="unproven",
        root=(None,),
        find={"session-sample-rate": "pass", "credentials-configured": "pass"},
    ),
    Case(
        "nuxt-runtime-configuration",
        "aws-rum-web 615: a plugin of Nuxt reads its ids from the runtime configuration",
        source=_NUXT,
        verdict="unproven",
        root=(None,),
        find={"monitor-exists": "unknown", "identity-pool": "unknown", "xray-enabled": "pass"},
        says=("runtimeConfig",),
        never=_NEVER[:3],
    ),
    Case(
        "telemetries-by-environment",
        "a list that depends on the build",
        source=_built("telemetries", "isProd ? ['errors'] : []"),
        verdict="unproven",
        root=(None,),
        find={"client-enabled": "unknown|pass"},
        never=("has no telemetries",),
    ),
    Case(
        "signing-by-a-flag",
        "signing is switched by a variable",
        source=_built("signing", "!useProxy"),
        verdict="unproven",
        root=(None,),
        find={"signing": "unknown"},
        says=("useProxy",),
        never=("The client signs its requests",),
    ),
    Case(
        "switched-on-by-a-flag",
        "enableRumClient is a feature flag",
        source=_built("enableRumClient", "flags.rum"),
        verdict="unproven",
        root=(None,),
        find={"client-enabled": "unknown"},
        says=("flags\\.rum",),
    ),
    Case(
        "python-builds-the-snippet",
        "public code: a Python module puts the snippet together from its environment",
        page=_PYTHON,
        page_name="app.py",
        verdict="unproven",
        root=(None,),
        find={"monitor-exists": "unknown", "identity-pool": "unknown"},
        never=(*_NEVER[:3], "headers"),
    ),
    Case(
        "function-builds-the-snippet",
        "public code: a custom resource prints the snippet from GetAppMonitor",
        page=_LAMBDA,
        page_name="rum-function.js",
        verdict="unproven",
        root=(None,),
        find={"session-sample-rate": "unknown", "monitor-exists": "unknown"},
        never=_NEVER[:3],
    ),
    Case(
        "literals-after-a-spread",
        "{...base, sessionSampleRate: 1}: what is written last is known",
        source=npm(
            config=f"{{ ...base, sessionSampleRate: 1, identityPoolId: '{POOL}' }}",
            before="import { base } from './base';",
        ),
        verdict="unproven",
        root=(None,),
        find={"session-sample-rate": "pass", "client-enabled": "unknown", "signing": "unknown"},
        says=("base",),
    ),
    Case(
        "parsed-from-an-attribute",
        "the configuration stands in a data attribute of the page",
        source=_IMPORT
        + "const config = JSON.parse(document.getElementById('rum').dataset.config);\n"
        + f"new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', config);\n",
        verdict="unproven",
        root=(None,),
        find={"session-sample-rate": "unknown", "credentials-configured": "unknown"},
        says=("decided by config",),
    ),
    Case(
        "url-broken-by-an-editor",
        "an editor of a CMS broke the pasted line within the client's URL: unexpected token",
        page=page(url="https://client.\nrum.us-east-1.amazonaws.com/1.25.0/cwr.js"),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("may not parse",),
        never=("can start the client",),
    ),
    Case(
        "url-broken-by-an-editor-as-served",
        "the same page with the headers it came with: no browser runs such a script",
        page=page(url="https://client.\nrum.us-east-1.amazonaws.com/1.25.0/cwr.js"),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        find={"snippet-present": "fail"},
        says=("does not parse",),
    ),
    Case(
        "slip-in-a-module",
        "a semicolon within the configuration's braces: the build stops at it",
        source=npm(config="{ sessionSampleRate: 1;, allowCookies: true }"),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown", "signing": "unknown"},
        says=("may not parse",),
        never=("decided by ;",),
    ),
)
