"""Code that no browser runs, or that a build has made of the source."""

from __future__ import annotations

import json

from field_case import QUIET, Case
from field_write import GOOD, HTML, PLANE, Code, html, js, loader, npm, options, script
from har_builder import MONITOR, OTHER_MONITOR, POOL

_GIVEN = f"'{MONITOR}', '1.0.0', 'eu-west-1', {options()}"
_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"
_NEW = f"new AwsRum({_GIVEN});\n"
_NOT_HERE: dict[str, object] = {
    "verdict": "broken|unproven", "find": {"snippet-present": "fail|warn"},
}  # fmt: skip


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **more)  # type: ignore[arg-type]


def _consent(name: str, attributes: str, manager: str) -> Case:
    return Case(
        name,
        f"{manager} holds the snippet back until the visitor agrees",
        page=html(script(loader(), attributes)),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=(manager,),
        never=("as the first script",),
    )


_MAP = json.dumps(
    {
        "version": 3,
        "file": "main.js",
        "sources": ["webpack:///./src/index.js", "webpack:///./src/rum.ts"],
        "sourcesContent": ["import './rum';\n", _IMPORT + _NEW],
        "mappings": "AAAA",
    }
)
_EVAL = (
    '(()=>{"use strict";var m={"./src/rum.js":(__unused,exports,__webpack_require__)=>{eval("'
    "__webpack_require__.r(exports);var aws_rum_web__WEBPACK_IMPORTED_MODULE_0__ ="
    " __webpack_require__(/*! aws-rum-web */ './node_modules/aws-rum-web/dist/es/index.js');\\n"
    f"new aws_rum_web__WEBPACK_IMPORTED_MODULE_0__.AwsRum({_GIVEN});"
    '\\n//# sourceURL=webpack://shop/./src/rum.js?")}};})();\n'
)
_MINIFIED = (
    "class Xe{constructor(t,n,r,i){this.a=t}}const k={sessionSampleRate:"
    f'1,identityPoolId:"{POOL}",endpoint:"{PLANE}",telemetries:["errors","http"],allowCookies:!0,'
    f'enableXRay:!1}};try{{new Xe("{MONITOR}","1.0.0","eu-west-1",k)}}catch{{}}\n'
)
_UNSET = (
    "const c={sessionSampleRate:1,identityPoolId:void 0,endpoint:`https://dataplane.rum.${void 0}"
    '.amazonaws.com`,telemetries:["errors","http"],allowCookies:!0};import("./aws-rum-web-1f.js")'
    '.then(({AwsRum:e})=>{new e(void 0,"1.0.0",void 0,c)});\n'
)

CASES = (
    _file(
        "plugin-for-the-server",
        "Nuxt runs a plugin whose name ends in .server on the server",
        "plugins/rum.server.ts",
        f"{_IMPORT}export default defineNuxtPlugin(() => {{ {_NEW} }});\n",
        **_NOT_HERE,
        says=("(?i)server",),
    ),
    _file(
        "plugin-for-the-client",
        "the same plugin, named .client",
        "plugins/rum.client.ts",
        f"{_IMPORT}export default defineNuxtPlugin(() => {{ {_NEW} }});\n",
        **QUIET,
    ),
    _file(
        "entry-of-the-server",
        "Remix renders on the server what entry.server holds",
        "app/entry.server.tsx",
        f"{_IMPORT}{_NEW}export default function handle() {{}}\n",
        **_NOT_HERE,
        says=("(?i)server",),
    ),
    _file(
        "frontmatter-of-astro",
        "Astro runs a component's frontmatter when it builds",
        "src/layouts/Base.astro",
        f"---\n{_IMPORT}{_NEW}---\n<html><body><slot /></body></html>\n",
        **_NOT_HERE,
        says=("(?i)frontmatter|server|build",),
    ),
    _file(
        "script-of-astro",
        "the same in the component's script, which a browser gets",
        "src/layouts/Base.astro",
        f"---\nconst title = 'Shop';\n---\n<html><body><slot /><script>\n{_IMPORT}{_NEW}</script>"
        "</body></html>\n",
        **QUIET,
    ),
    _file(
        "ssr-of-gatsby",
        "gatsby-ssr.js runs in Node.js",
        "gatsby-ssr.js",
        f"{_IMPORT}export const onRenderBody = () => {{ {_NEW} }};\n",
        **_NOT_HERE,
        says=("(?i)server|Node",),
    ),
    _file(
        "browser-of-gatsby",
        "gatsby-browser.js runs in the browser",
        "gatsby-browser.js",
        f"{_IMPORT}export const onClientEntry = () => {{ {_NEW} }};\n",
        **QUIET,
    ),
    _file(
        "main-process-of-electron",
        "the main process of Electron has no window of a page",
        "main.js",
        "const { app, BrowserWindow } = require('electron');\n"
        f"const {{ AwsRum }} = require('aws-rum-web');\n{_NEW}app.whenReady();\n",
        **_NOT_HERE,
        says=("(?i)electron",),
    ),
    _file(
        "web-worker",
        "a worker has neither window nor document",
        "src/worker.js",
        f"{_IMPORT}self.onmessage = (event) => {{ postMessage(event.data); }};\n{_NEW}"
        "importScripts('/lib.js');\n",
        **_NOT_HERE,
        says=("(?i)worker",),
    ),
    _file(
        "react-native",
        "a React Native application has no document; RUM has an SDK for it",
        "App.js",
        f"import {{ View, Text }} from 'react-native';\n{_IMPORT}{_NEW}"
        "export default () => <View><Text>Shop</Text></View>;\n",
        verdict="broken|unproven",
        find={"snippet-present": "fail|warn|unknown"},
        says=("React Native",),
    ),
    _file("source-map", "the map of a bundle holds the sources", "main.js.map", _MAP, **QUIET),
    _file(
        "bundle-for-development",
        "webpack's development build keeps modules in eval",
        "main.js",
        _EVAL,
        **QUIET,
    ),
    _file(
        "bundle-that-was-minified",
        "Vite's build with a class of one letter",
        "index-9f3c.js",
        _MINIFIED,
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass|unknown"},
    ),
    _file(
        "bundle-without-its-variables",
        "a build without its variables: void 0 in each place",
        "index-1a2b.js",
        _UNSET,
        verdict="broken",
        root=("snippet-present", "monitor-exists", "credentials-configured", "endpoint-region"),
    ),
    _file(
        "setup-of-vue",
        "public code: onMounted of a component of Vue 3",
        "src/App.vue",
        "<script setup lang=\"ts\">\nimport { onMounted } from 'vue'\n"
        f"{_IMPORT}onMounted(() => {{\n  {_NEW}}})\n</script>\n"
        "<template><RouterView /></template>\n",
        **QUIET,
    ),
    _file(
        "hooks-of-sveltekit",
        "hooks.client.ts of SvelteKit",
        "src/hooks.client.ts",
        f"{_IMPORT}import {{ PUBLIC_RUM_ID }} from '$env/static/public';\n"
        f"export const init = () => new AwsRum(PUBLIC_RUM_ID, '1', 'eu-west-1', {options()});\n",
        **QUIET,
    ),
    _file(
        "ready-of-jquery",
        "public code: jQuery's ready starts the snippet",
        "assets/app.js",
        f"$(document).ready(function () {{ {loader()} }});\n",
        **QUIET,
    ),
    _file(
        "after-a-while",
        "public code: the snippet starts three seconds after the page",
        "assets/app.js",
        f"window.addEventListener('load', () => setTimeout(() => {{ {loader()} }}, 3000));\n",
        **QUIET,
    ),
    _file(
        "variables-alone",
        "a file of variables that a build reads",
        ".env.production",
        f"VITE_RUM_MONITOR_ID={MONITOR}\nVITE_RUM_IDENTITY_POOL_ID=eu-west-1_AbCdEf123\n"
        "VITE_RUM_REGION=eu-west-1\n",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        never=("as the first script",),
    ),
    _file(
        "two-clients-of-the-package",
        "two monitors in one application share their credentials",
        "src/rum.ts",
        _IMPORT + _NEW + _NEW.replace(MONITOR, OTHER_MONITOR),
        verdict="unproven|degraded|broken",
        says=("unique",),
    ),
    _file(
        "slim-snippet-with-a-pool",
        "the slim script takes no identity pool",
        "page.html",
        html(script(loader(url="https://client.rum.us-east-1.amazonaws.com/3.x/cwr-slim.js"))),
        verdict="unproven|broken",
        says=("(?i)slim",),
    ),
    _file(
        "do-not-track",
        "public code: visitors who ask not to be tracked get no client",
        "src/rum.ts",
        f"{_IMPORT}if (navigator.doNotTrack !== '1') {{ {_NEW} }}\n",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("doNotTrack",),
    ),
    _file(
        "opt-out-of-visitors",
        "a visitor's own switch",
        "src/rum.ts",
        npm() + "if (localStorage.getItem('no-monitoring')) awsRum.disable();\n",
        verdict="unproven",
        root=(None,),
        find={"client-enabled": "pass|unknown|warn"},
    ),
    _consent("cookiebot", 'type="text/plain" data-cookieconsent="statistics"', "Cookiebot"),
    _consent(
        "usercentrics", 'type="text/plain" data-usercentrics="CloudWatch RUM"', "Usercentrics"
    ),
    _consent(
        "iubenda", 'type="text/plain" class="_iub_cs_activate" data-iub-purposes="4"', "iubenda"
    ),
    _consent(
        "klaro", 'type="text/plain" data-type="application/javascript" data-name="rum"', "Klaro"
    ),
    _consent(
        "complianz",
        'type="text/plain" data-service="rum" data-category="statistics"',
        "Complianz|consent manager",
    ),
    _consent("termly", 'type="text/plain" data-categories="analytics"', "Termly|consent manager"),
    _file(
        "environment-of-angular",
        "environment.prod.ts holds the settings alone",
        "src/environments/environment.prod.ts",
        f"export const environment = {{ production: true, rum: {{ id: '{MONITOR}',"
        f" region: 'eu-west-1', config: {js(GOOD)} }} }};\n",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
    ),
    _file(
        "element-of-its-own",
        "a custom element starts the client when it is connected",
        "src/shop-monitor.js",
        f"{_IMPORT}class ShopMonitor extends HTMLElement {{\n"
        f"  connectedCallback() {{ this.rum = {_NEW.strip()} }}\n}}\n"
        "customElements.define('shop-monitor', ShopMonitor);\n",
        **QUIET,
    ),
    _file(
        "region-of-the-browser",
        "public code: the Region comes from the page's address",
        "src/rum.ts",
        npm(region=Code("new URLSearchParams(location.search).get('region')")),
        verdict="unproven",
        root=(None,),
    ),
)
