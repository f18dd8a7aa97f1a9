"""Applications that hold the published web client, bundled by the tools that people use.

Nothing of it is kept in the repository: npm installs the packages, the bundlers make the files,
and both stay in a cache folder of the user.
"""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from real_client_bundles import Unavailable, cache, make_once, run

__all__ = ["APPS", "OTHERS", "App", "Unavailable", "missing", "scripts"]

MONITOR = "3f0c9e52-6b1d-4a7e-8c25-91d4e0a7b6f3"
POOL = "eu-west-1:7a1c0f7e-3a54-4b1c-9d5e-0f6d2b8c4e11"
_BUILDER = Path(__file__).with_name("bundled_apps.mjs")
_BUNDLERS = ("esbuild", "rollup", "webpack", "vite")
_TOOLS = {
    "@rollup/plugin-commonjs": "28.0.6",
    "@rollup/plugin-json": "6.1.0",
    "@rollup/plugin-node-resolve": "16.0.1",
    "@rollup/plugin-terser": "0.4.4",
    "esbuild": "0.25.9",
    "rollup": "4.50.0",
    "vite": "6.3.5",
    "webpack": "5.101.3",
}
_LIBRARIES = {
    "@aws-sdk/client-cognito-identity": "^3",
    "@aws-sdk/client-rum": "^3",
    "@datadog/browser-rum": "^6",
    "@sentry/browser": "^9",
    "aws-amplify": "^6",
    "react": "18.3.1",
    "react-dom": "18.3.1",
}
# The packages before 1.13.7 import it without naming it.
_FORGOTTEN = {"@aws-sdk/querystring-builder": "^3"}
_FULL = ("1.0.3", "1.5.0", "1.13.7", "1.17.2", "1.25.0", "2.1.0", "3.2.1")
_SLIM = ("3.2.1",)
_DEFINE = {
    "process.env.RUM_MONITOR": json.dumps(MONITOR),
    "process.env.RUM_VERSION": json.dumps("1.4.2"),
    "process.env.RUM_POOL": json.dumps(POOL),
}
CONFIG = """{
    sessionSampleRate: 0.5,
    guestRoleArn: 'arn:aws:iam::111122223333:role/shop-guest',
    identityPoolId: 'eu-west-1:7a1c0f7e-3a54-4b1c-9d5e-0f6d2b8c4e11',
    endpoint: 'https://dataplane.rum.eu-west-1.amazonaws.com',
    telemetries: ['performance', 'errors', ['http', { addXRayTraceIdHeader: true }]],
    allowCookies: true,
    enableXRay: true
}"""
_MADE = f"new AwsRum('{MONITOR}', '1.4.2', 'eu-west-1', {CONFIG})"
_SETTINGS = f"""export const rumConfig = {CONFIG};
export const monitor = {{ id: '{MONITOR}', version: '1.4.2', region: 'eu-west-1' }};"""

# What developers write, by the way in which the client is told its configuration.
SOURCES: dict[str, dict[str, str]] = {
    "literal": {
        "main.js": f"""import {{ AwsRum }} from '@PACKAGE@';
let awsRum = null;
try {{
    const config = {CONFIG};
    const APPLICATION_ID = '{MONITOR}';
    const APPLICATION_VERSION = '1.4.2';
    const APPLICATION_REGION = 'eu-west-1';
    awsRum = new AwsRum(APPLICATION_ID, APPLICATION_VERSION, APPLICATION_REGION, config);
}} catch (error) {{}}
document.querySelector('#go').addEventListener('click', () => awsRum.recordPageView('/go'));"""
    },
    "environment": {
        "main.js": """import { AwsRum } from '@PACKAGE@';
const config = { sessionSampleRate: 1, identityPoolId: process.env.RUM_POOL, allowCookies: true };
const rum = new AwsRum(process.env.RUM_MONITOR, process.env.RUM_VERSION, 'eu-west-1', config);
rum.recordPageView('/basket');"""
    },
    "unset": {
        "main.js": """import { AwsRum } from '@PACKAGE@';
const { rum } = globalThis.settings;
const config = { sessionSampleRate: 1, identityPoolId: rum.pool, telemetries: ['errors'] };
export const client = new AwsRum(rum.id, '1.0.0', rum.region, config);"""
    },
    "imported": {
        "settings.js": _SETTINGS,
        "rum.js": """import { AwsRum } from '@PACKAGE@';
import { rumConfig, monitor } from './settings.js';
let client;
export function startRum() {
    const all = { ...rumConfig, sessionEventLimit: 0 };
    if (!client) client = new AwsRum(monitor.id, monitor.version, monitor.region, all);
    return client;
}""",
        "main.js": """import { startRum } from './rum.js';
startRum();
window.addEventListener('load', () => startRum().recordPageView('/'));""",
    },
    # The settings are imported first, so the libraries stand between them and the construction.
    "react": {
        "settings.js": _SETTINGS,
        "rum.js": """import { AwsRum } from '@PACKAGE@';
import { rumConfig, monitor } from './settings.js';
export function startRum() {
    const all = { ...rumConfig, sessionEventLimit: 0 };
    return new AwsRum(monitor.id, monitor.version, monitor.region, all);
}""",
        "main.js": """import { monitor } from './settings.js';
import { createElement, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { startRum } from './rum.js';
function App() {
    useEffect(() => { startRum(); }, []);
    return createElement('p', null, monitor.region);
}
createRoot(document.body).render(createElement(App));""",
    },
    "split": {
        "rum.js": f"""import {{ AwsRum }} from '@PACKAGE@';
export const start = () => {_MADE};""",
        "main.js": "import('./rum.js').then((rum) => rum.start());",
    },
    "lazy": {
        "main.js": f"""async function start() {{
    const {{ AwsRum }} = await import('@PACKAGE@');
    window.rum = {_MADE};
}}
start();"""
    },
    "service": {
        "main.js": f"""import {{ AwsRum }} from '@PACKAGE@';
class Monitoring {{
    start() {{
        if (location.hostname !== 'localhost') {{
            this.rum = {_MADE};
            this.rum.addSessionAttributes({{ shop: 'north' }});
        }}
    }}
}}
export const monitoring = new Monitoring();
monitoring.start();"""
    },
    "json": {
        "settings.json": json.dumps(
            {
                "rum": {
                    "id": MONITOR,
                    "version": "1.4.2",
                    "region": "eu-west-1",
                    "config": {"sessionSampleRate": 1, "identityPoolId": POOL},
                }
            }
        ),
        "main.js": """import { AwsRum } from '@PACKAGE@';
import settings from './settings.json';
new AwsRum(settings.rum.id, settings.rum.version, settings.rum.region, settings.rum.config);""",
    },
    "required": {
        "package.json": '{"type": "commonjs"}',
        "main.js": f"const {{ AwsRum }} = require('@PACKAGE@');\nmodule.exports = {_MADE};",
    },
}
# Programs without the client that share words, services or shapes with it.
OTHERS: dict[str, str] = {
    "react": "import { createRoot } from 'react-dom/client'; createRoot(document.body);",
    "datadog": f"""import {{ datadogRum }} from '@datadog/browser-rum';
datadogRum.init({{ applicationId: '{MONITOR}', clientToken: 'pub', site: 'datadoghq.eu',
    sessionSampleRate: 50, allowCookies: true, telemetries: [], version: '1.4.2' }});""",
    "sentry": """import * as Sentry from '@sentry/browser';
Sentry.init({ dsn: 'https://key@o1.ingest.sentry.io/1', release: 'shop@1.4.2' });""",
    "amplify": f"""import {{ Amplify }} from 'aws-amplify';
import {{ fetchAuthSession }} from 'aws-amplify/auth';
Amplify.configure({{ Auth: {{ Cognito: {{ userPoolId: 'eu-west-1_example',
    userPoolClientId: 'example', identityPoolId: '{POOL}', allowGuestAccess: true }} }} }});
fetchAuthSession().then(console.log);""",
    "sdk": f"""import {{ PutRumEventsCommand, RUMClient }} from '@aws-sdk/client-rum';
import {{ CognitoIdentityClient, GetIdCommand }} from '@aws-sdk/client-cognito-identity';
const region = 'eu-west-1';
new RUMClient({{ region }}).send(new PutRumEventsCommand({{ Id: '{MONITOR}', BatchId: '1',
    AppMonitorDetails: {{ id: '{MONITOR}', version: '1.4.2' }}, RumEvents: [] }}));
new CognitoIdentityClient({{ region }}).send(new GetIdCommand({{ IdentityPoolId: '{POOL}' }}));""",
}


@dataclass(frozen=True)
class App:
    """An application: a release of the client, a way to write it, and a bundler."""

    version: str
    source: str
    bundler: str
    slim: bool = False
    whole: bool = False

    @property
    def package(self) -> str:
        """Return the name under which the release is installed here; empty when there is none."""
        return f"{'slim' if self.slim else 'rum'}-{self.version}" if self.version else ""

    @property
    def files(self) -> dict[str, str]:
        """Return the source's files."""
        written = SOURCES[self.source] if self.version else {"main.js": OTHERS[self.source]}
        return {name: text.replace("@PACKAGE@", self.package) for name, text in written.items()}

    def __str__(self) -> str:
        return "-".join(
            filter(None, (self.package, self.source, self.bundler, "whole" * self.whole))
        )


def _apps() -> tuple[App, ...]:
    """Return every release with every bundler, and every way to write it with several."""
    found = [App(version, "literal", bundler) for version in _FULL for bundler in _BUNDLERS]
    found += [App(each, "literal", bundler, slim=True) for each in _SLIM for bundler in _BUNDLERS]
    for source, bundlers in _WAYS.items():
        found += [App("3.2.1", source, bundler) for bundler in bundlers]
    found += [App("1.17.2", "react", "rollup"), App("1.17.2", "react", "webpack", whole=True)]
    return tuple(found)


_WAYS = {
    "environment": ("esbuild", "webpack"),
    "imported": _BUNDLERS,
    "json": ("esbuild", "webpack"),
    "lazy": ("esbuild", "webpack"),
    "react": _BUNDLERS,
    "required": ("rollup", "webpack"),
    "service": ("esbuild", "webpack"),
    "split": _BUNDLERS,
    "unset": _BUNDLERS,
}
APPS = _apps()
_OTHERS = tuple(App("", name, "esbuild") for name in OTHERS)


def missing() -> str:
    """Say what keeps the applications from being built here, without asking the registry."""
    if shutil.which("npm") and shutil.which("node"):
        return ""
    return (
        "" if _folder().is_dir() else "npm and node are needed to bundle the published web client"
    )


@functools.cache
def scripts(app: App) -> tuple[tuple[str, str], ...]:
    """Return the scripts of an application, by path. Raises Unavailable without a registry."""
    if not _folder().is_dir():
        make_once(_folder(), _manifest(), _make)
    place = _folder() / str(app)
    return tuple(
        (str(file.relative_to(place)), file.read_text()) for file in sorted(place.rglob("*.js"))
    )


@functools.cache
def _folder() -> Path:
    recipe = json.dumps(
        [_manifest(), _BUILDER.read_text(), _DEFINE, [[str(app), app.files] for app in _all()]]
    )
    return cache() / f"bundled-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"


def _all() -> tuple[App, ...]:
    return (*APPS, *_OTHERS)


def _manifest() -> dict[str, object]:
    clients = {App(v, "", "").package: f"npm:aws-rum-web@{v}" for v in _FULL}
    slim = {App(v, "", "", slim=True).package: f"npm:@aws-rum/web-slim@{v}" for v in _SLIM}
    packages = {**_TOOLS, **_LIBRARIES, **_FORGOTTEN, **clients, **slim}
    return {"private": True, "type": "module", "dependencies": packages}


def _make(place: Path) -> Path:
    shutil.copy(_BUILDER, place / "build.mjs")
    builds = [_written(place, app) for app in _all()]
    # Each run is short enough for the limit on one tool's time.
    for at in range(0, len(builds), 12):
        (place / "builds.json").write_text(json.dumps(builds[at : at + 12]))
        run(place, "node", "build.mjs", "builds.json")
    return place / "made"


def _written(place: Path, app: App) -> dict[str, object]:
    """Write an application's source, and return what the builder is told of it."""
    folder = place / "apps" / str(app)
    folder.mkdir(parents=True)
    for name, text in app.files.items():
        (folder / name).write_text(text)
    return {
        "entry": str(folder / "main.js"),
        "out": str(place / "made" / str(app)),
        "bundler": app.bundler,
        "whole": app.whole,
        "define": _DEFINE,
    }
