"""Installations that something else starts, or that run under a condition only."""

from __future__ import annotations

from field_case import Case
from field_write import GOOD, HTML, html, js, loader, script
from har_builder import MONITOR, POOL

_NO_LOADER = ("AwsRumClient=\\{q", "as the first script")
_CANNOT = "can start the client\\.$"

_NEXT_TAG = """'use client';
import Script from 'next/script';
const POOL = process.env.NEXT_PUBLIC_RUM_IDENTITY_POOL_ID;
export default function Rum() {
  if (!POOL) return null;
  return (<>
    <Script src="https://client.rum.us-east-1.amazonaws.com/1.18.0/cwr.js"
      strategy="afterInteractive" />
    <Script id="rum-init" strategy="afterInteractive">
      {`if (typeof cwr !== 'undefined') {
        cwr('init', { identityPoolId: '${POOL}', allowCookies: true });
      }`}
    </Script>
  </>);
}
"""
_ONLOAD = f"""export function startMonitoring() {{
  const tag = document.createElement('script');
  tag.src = 'https://client.rum.us-east-2.amazonaws.com/1.0.2/cwr.js';
  tag.async = true;
  tag.onload = function () {{
    window.cwr('init', {{ identityPoolId: '{POOL}', telemetries: ['errors'], allowCookies: true }});
  }};
  document.head.appendChild(tag);
}}
"""
_CONSENT_IN_STORAGE = """function agreed() {
  return localStorage.getItem('consent.analytics') === 'granted';
}
async function maybeStartRum() {
  if (!window.__RUM__) return;
  if (!agreed()) { showBanner(); return; }
  const c = window.__RUM__;
  (function (n, i, v, r, s, config, u, x, z) {
    x = window.AwsRumClient = { q: [], n: n, i: i, v: v, r: r, c: config, u: u };
    window[n] = function (c, p) { x.q.push({ c: c, p: p }); };
    z = document.createElement('script'); z.async = true; z.src = s;
    document.head.appendChild(z);
  })('cwr', c.appMonitorId, '0.1.0', c.region,
     'https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js',
     { sessionSampleRate: c.sessionSampleRate ?? 1, identityPoolId: c.identityPoolId,
        endpoint: `https://dataplane.rum.${c.region}.amazonaws.com`,
        telemetries: ['errors', 'http'], allowCookies: true });
}
document.addEventListener('DOMContentLoaded', () => { maybeStartRum(); });
"""
_CONSENT_HOOK = f"""import {{ AwsRum, AwsRumConfig }} from 'aws-rum-web';
import {{ useEffect, useState }} from 'react';
export function useErrorTracking(isConsentGranted: boolean) {{
  const [rum, setRum] = useState<AwsRum | null>(null);
  useEffect(() => {{
    if (!import.meta.env.PROD || !isConsentGranted) {{ setRum(null); return; }}
    const config: AwsRumConfig = {js(GOOD)};
    setRum(new AwsRum('{MONITOR}', import.meta.env.VITE_VERSION, 'eu-west-1', config));
  }}, [isConsentGranted]);
  return rum;
}}
"""
_EACH_RENDER = f"""import {{ AwsRum, AwsRumConfig }} from "aws-rum-web";
export const useCloudWatchRum = () => {{
  try {{
    const config = {{ sessionSampleRate: 0.1, telemetries: [], allowCookies: false,
      endpoint: "https://dataplane.rum.eu-west-1.amazonaws.com" }};
    const awsRum = new AwsRum('{MONITOR}', "1.0.0", "eu-west-1", config);
  }} catch (error) {{ }}
}};
"""
_PROVIDER = f"""'use client'
import {{ AwsRum, AwsRumConfig }} from 'aws-rum-web'
const RumProvider = () => {{
  try {{
    const config: AwsRumConfig = {js(GOOD)}
    const rum = new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', config)
  }} catch (error) {{}}
  return <></>
}}
export default RumProvider
"""
_ONCE_EVER = f"""import {{ useEffect }} from 'react';
const ClientLayout = ({{ children }}) => {{
  useEffect(() => {{
    const isInitialized = localStorage.getItem('rum_initialized');
    if (isInitialized === 'true') {{ return; }}
    const start = async () => {{
      const {{ AwsRum }} = await import('aws-rum-web');
      new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {js(GOOD)});
      localStorage.setItem('rum_initialized', 'true');
    }};
    requestIdleCallback(start);
  }}, []);
  return children;
}};
export default ClientLayout;
"""
_DOCUSAURUS = f"""const config = {{
  title: 'Handbook',
  headTags: [
    {{ tagName: 'script', attributes: {{}}, innerHTML: `{loader()}` }},
  ],
}};
export default config;
"""
_VUE = f"""<template><div id="app"><router-view/></div></template>

<head>
  <script>{loader()}</script>
</head>

<script>
export default {{ name: 'App' }}
</script>
"""
_SVELTE = f"""<script lang="ts">
  import {{ browser }} from '$app/environment';
  import {{ onMount }} from 'svelte';
  onMount(() => {{
    if (browser) {{
      import('aws-rum-web').then(({{ AwsRum }}) => {{
        new AwsRum('{MONITOR}', '1.0.0', 'eu-north-1', {{ sessionSampleRate: 1,
          endpoint: 'https://dataplane.rum.eu-north-1.amazonaws.com',
          telemetries: ['performance', 'errors', 'http'], allowCookies: false, signing: false }});
      }});
    }}
  }});
</script>
<main><slot /></main>
"""
_NOT_CALLED = f"""import {{ AwsRum, AwsRumConfig }} from 'aws-rum-web';
export const bootstrapRum = (): AwsRum | undefined => {{
  if (window.location.hostname === 'localhost') {{ return; }}
  const config: AwsRumConfig = {js(GOOD)};
  return new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', config);
}};
"""
_GTM = script(
    "(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':new Date().getTime()});"
    "var j=d.createElement(s);j.async=true;j.src='https://www.googletagmanager.com/gtm.js?id='+i;"
    "d.head.appendChild(j);})(window,document,'script','dataLayer','GTM-AB12CD3');"
)
_ANGULAR = f"""import {{ Component, OnInit }} from '@angular/core';
import {{ AwsRum, AwsRumConfig }} from 'aws-rum-web';
@Component({{ selector: 'app-root', templateUrl: './app.component.html' }})
export class AppComponent implements OnInit {{
  ngOnInit(): void {{
    try {{
      const config: AwsRumConfig = {js(GOOD)};
      const awsRum: AwsRum = new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', config);
    }} catch (error) {{}}
  }}
}}
"""


CASES = (
    Case(
        "next-tag-and-init",
        "public Next.js code: the client's tag and cwr('init', …), which starts nothing",
        page=_NEXT_TAG,
        page_name="rum.tsx",
        verdict="broken|unproven",
        find={"snippet-present": "fail|unknown"},
        never=(_CANNOT,),
    ),
    Case(
        "tag-with-onload-init",
        "public code: a script made by hand, from a host that serves no client",
        page=_ONLOAD,
        page_name="analytics.js",
        verdict="broken",
        root=("snippet-present", "client-script-loads"),
        find={"snippet-present": "fail|unknown"},
        never=(_CANNOT,),
    ),
    Case(
        "consent-in-local-storage",
        "public code: a banner writes consent into localStorage, a function looks there first",
        page=_CONSENT_IN_STORAGE,
        page_name="submit.js",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown", "session-sample-rate": "unknown"},
        says=("agreed|__RUM__|early return",),
        never=_NO_LOADER,
    ),
    Case(
        "consent-in-a-hook",
        "public code: an effect returns early without consent or outside of production",
        page=_CONSENT_HOOK,
        page_name="useErrorTracking.ts",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("isConsentGranted",),
    ),
    Case(
        "hook-constructs-at-each-render",
        "public code: a hook makes a client each time, with no credentials and no telemetries",
        page=_EACH_RENDER,
        page_name="useCloudWatchRum.js",
        verdict="broken",
        root=("credentials-configured",),
        find={"snippet-present": "warn"},
        says=("render", "signing: false|identity pool"),
    ),
    Case(
        "provider-constructs-at-each-render",
        "public code: a provider component makes a client in its body",
        page=_PROVIDER,
        page_name="RumProvider.tsx",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "warn"},
        says=("render", "useEffect"),
    ),
    Case(
        "once-in-a-browsers-life",
        "public code: a flag in localStorage keeps the client from ever starting a second time",
        page=_ONCE_EVER,
        page_name="layout.jsx",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown|warn"},
        says=("isInitialized|localStorage",),
        never=(_CANNOT,),
    ),
    Case(
        "docusaurus-head-tags",
        "public code: the snippet is a template string of docusaurus.config.js",
        page=_DOCUSAURUS,
        page_name="docusaurus.config.js",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass|unknown", "credentials-configured": "pass"},
        never=("shows no client",),
    ),
    Case(
        "head-of-a-vue-file",
        "public code: the snippet stands in <head> of App.vue, which never reaches the page",
        page=_VUE,
        page_name="App.vue",
        verdict="broken",
        root=("snippet-present",),
        says=("(?i)vue|custom block",),
    ),
    Case(
        "rocket-loader",
        "Cloudflare's Rocket Loader changes the type of inline scripts and runs them itself",
        page=html(script(loader(), 'type="0a1b2c3d4e5f60718293a4b5-text/javascript"'))
        + '<script src="/cdn-cgi/scripts/7d0f/cloudflare-static/rocket-loader.min.js"></script>',
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass|unknown"},
        never=_NO_LOADER,
    ),
    Case(
        "onetrust-category",
        "OneTrust holds scripts of a category back as text/plain",
        page=html(script(loader(), 'type="text/plain" class="optanon-category-C0002"')),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("OneTrust",),
        never=_NO_LOADER,
    ),
    Case(
        "svelte-on-mount",
        "public code: a layout of SvelteKit imports the client when it is mounted",
        page=_SVELTE,
        page_name="+layout.svelte",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass|unknown", "credentials-configured": "skip"},
        never=_NO_LOADER,
    ),
    Case(
        "tag-manager-alone",
        "the page holds a container of Google Tag Manager and nothing of the client",
        page=html(_GTM),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("Google Tag Manager",),
        never=_NO_LOADER,
    ),
    Case(
        "partytown",
        "Partytown runs scripts of a type of its own in a worker, where there is no document",
        page=html(script(loader(), 'type="text/partytown"')),
        headers=HTML,
        verdict="unproven",
        find={"snippet-present": "unknown|warn"},
        says=("Partytown",),
    ),
    Case(
        "exported-and-not-called",
        "public code: a function that other files call, which returns early on localhost",
        page=_NOT_CALLED,
        page_name="rum.ts",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("bootstrapRum|localhost",),
    ),
    Case(
        "angular-on-init",
        "public code: the root component of an Angular application constructs the client",
        page=_ANGULAR,
        page_name="app.component.ts",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass|unknown", "credentials-configured": "pass"},
        never=_NO_LOADER,
    ),
    Case(
        "tag-in-plain-html",
        "generated advice: the client's tag and cwr('init', …) with a name for an id",
        page=html(
            '<script src="https://client.rum.us-east-1.amazonaws.com/1.x.x/cwr.js"></script>',
            script("cwr('init', { applicationId: 'checkout-web', region: 'us-east-1' });"),
        ),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        find={"snippet-present": "fail"},
    ),
)
