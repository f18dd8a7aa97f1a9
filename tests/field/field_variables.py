"""Variables of a build, and the .env files of the project beside the source."""

from __future__ import annotations

import json

from field_case import QUIET, Case
from field_write import Code, html, loader, npm, options, script
from har_builder import MONITOR, POOL

_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"
_CLIENT = "'use client';\nimport { useEffect } from 'react';\n" + _IMPORT


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **(QUIET | more))


_BY_NAME = (
    "function setting(name: string): string {\n  const value = process.env[name];\n"
    "  if (!value) throw new Error(`${name} is not set`);\n  return value;\n}\n"
)
_ALIASED = "const settings = process.env;\n"
_USER_POOL = "eu-west-1_Qx7YzAbCd"
_SECRET = (
    "DATABASE_URL=postgres://shop:hunter2hunter2@db/shop\n"
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzKEY1\n"
)
_VITE = json.dumps(
    {"devDependencies": {"vite": "^5.0.0"}, "dependencies": {"aws-rum-web": "^1.25.0"}}
)
_NEXT = json.dumps({"dependencies": {"next": "15.0.0", "aws-rum-web": "^1.25.0"}})


def _source(prefix: str = "import.meta.env.VITE_") -> str:
    region = f"{prefix}RUM_REGION"
    return npm(
        monitor=Code(f"{prefix}RUM_ID"),
        region=Code(region),
        identityPoolId=Code(f"{prefix}RUM_POOL"),
        endpoint=Code(f"`https://dataplane.rum.${{{region}}}.amazonaws.com`"),
    )


def _env(
    prefix: str = "VITE_", *, monitor: str = MONITOR, pool: str = POOL, region: str = "eu-west-1"
) -> str:
    return f"{prefix}RUM_ID={monitor}\n{prefix}RUM_REGION={region}\n{prefix}RUM_POOL={pool}\n"


def _case(
    name: str,
    report: str,
    files: dict[str, str],
    *,
    prefix: str = "VITE_",
    source: str = "",
    never: tuple[str, ...] = (),
    **more: object,
) -> Case:
    """Return a case of a source in the folder web, with files beside its manifest."""
    how = "import.meta.env." if prefix == "VITE_" else "process.env."
    manifest = _VITE if prefix == "VITE_" else _NEXT
    given: dict[str, object] = {"verdict": "unproven", "root": (None,), **more}
    return Case(
        name,
        report,
        source=source or _source(how + prefix),
        source_name="web/src/rum.ts",
        files={"web/package.json": manifest, **{f"web/{n}": t for n, t in files.items()}},
        never=(*never, "hunter2", "wJalrX"),
        **given,  # type: ignore[arg-type]
    )


CASES = (
    _file(
        "variable-by-a-computed-name",
        "public code: a helper reads process.env[name], which no bundler replaces",
        "app/rum.ts",
        _IMPORT + _BY_NAME + "try {\n  new AwsRum(setting('RUM_ID'), '1.0.0', 'eu-west-1',\n"
        "    { identityPoolId: setting('RUM_POOL'), telemetries: ['errors'] });\n} catch {}\n",
        verdict="unproven|broken",
        root=(None, "snippet-present", "monitor-exists", "credentials-configured"),
        find={"snippet-present": "warn|unknown|fail"},
        says=(r"process\.env\[name\]",),
    ),
    _file(
        "variable-of-an-alias",
        "documentation of Next.js: const env = process.env; env.X is not inlined",
        "src/rum.js",
        _CLIENT + _ALIASED + "export default function Rum() { useEffect(() => {\n"
        "  new AwsRum(settings.NEXT_PUBLIC_RUM_ID, '1', 'eu-west-1',"
        f" {options()});\n}}, []); return null; }}\n",
        find={"snippet-present": "unknown|warn"},
    ),
    _file(
        "next-variable-without-its-prefix",
        "a client component reads a variable that Next.js keeps to the server",
        "app/rum.tsx",
        _CLIENT + "export default function Rum() { useEffect(() => {\n"
        "  new AwsRum(process.env.RUM_MONITOR_ID!, '1', 'eu-west-1',"
        f" {options(identityPoolId=Code('process.env.RUM_POOL_ID'))});\n}}, []); return null; }}\n",
        verdict="unproven|broken",
        root=(None, "snippet-present", "monitor-exists", "credentials-configured"),
        find={"snippet-present": "warn|unknown|fail"},
        says=("NEXT_PUBLIC_",),
    ),
    _file(
        "vite-variable-without-its-prefix",
        "import.meta.env.RUM_POOL_ID: Vite hands out what begins with VITE_",
        "src/rum.ts",
        npm(identityPoolId=Code("import.meta.env.RUM_POOL_ID")),
        verdict="unproven|broken",
        root=(None, "credentials-configured"),
        find={"snippet-present": "warn|unknown|fail"},
        says=("VITE_",),
    ),
    _file(
        "vite-variable-with-its-prefix",
        "the same with the prefix",
        "src/rum.ts",
        npm(identityPoolId=Code("import.meta.env.VITE_RUM_POOL_ID")),
        never=("begin with VITE_", "keeps from browsers"),
    ),
    _file(
        "astro-variable-with-its-prefix",
        "Astro hands out what begins with PUBLIC_",
        "src/scripts/rum.ts",
        npm(identityPoolId=Code("import.meta.env.PUBLIC_RUM_POOL_ID")),
        never=("begin with VITE_", "keeps from browsers"),
    ),
    _file(
        "variable-that-esbuild-defines",
        "public code: a server-rendered site bundles with esbuild, which defines any name",
        "assets/js/index.js",
        _IMPORT + "import { initAll } from 'govuk-frontend';\ninitAll();\n"
        f"new AwsRum(process.env.RUM_ID, '1', process.env.RUM_REGION, {options()});\n",
        never=("NEXT_PUBLIC_", "REACT_APP_", "VITE_"),
    ),
    _case(
        "react-scripts-and-a-user-pool",
        "Create React App's .env",
        {".env": _env("REACT_APP_", pool=_USER_POOL), "package.json": "{}"},
        prefix="REACT_APP_",
        verdict="broken",
        root=("identity-pool",),
        says=("(?i)user pool", r"\.env"),
    ),
    Case(
        "static-variables-of-sveltekit",
        "$env/static/public",
        source="import { PUBLIC_RUM_POOL } from '$env/static/public';\n"
        + npm(identityPoolId=Code("PUBLIC_RUM_POOL")),
        source_name="src/hooks.client.ts",
        files={".env": f"PUBLIC_RUM_POOL={_USER_POOL}\n", "package.json": "{}"},
        verdict="broken",
        root=("identity-pool",),
        says=("(?i)user pool",),
    ),
    Case(
        "generic-file-beside-gatsby",
        "Gatsby reads no .env for its build",
        source=npm(identityPoolId=Code("process.env.GATSBY_RUM_POOL")),
        files={".env": f"GATSBY_RUM_POOL={_USER_POOL}\n", "package.json": "{}"},
        verdict="unproven",
        root=(None,),
        never=("(?i)user pool",),
    ),
    _case(
        "comment-behind-a-value",
        "a value with spaces and a comment",
        {
            ".env": f"VITE_RUM_ID = {MONITOR} # prod\nVITE_RUM_REGION = eu-west-9x # typo\n"
            f"VITE_RUM_POOL={POOL}\n"
        },
        verdict="broken",
        root=("endpoint-region",),
        says=("eu-west-9x",),
    ),
    Case(
        "file-of-the-whole-repository",
        "the application's own folder has no .env",
        source=_source(),
        source_name="apps/web/src/rum.ts",
        files={"apps/web/package.json": _VITE, ".env": _env(pool=_USER_POOL), "package.json": "{}"},
        verdict="unproven",
        root=(None,),
        never=("(?i)user pool",),
    ),
    _case(
        "file-with-placeholders",
        "a file that a pipeline fills",
        {".env.production": _env(pool="your-identity-pool-id", monitor="<monitor-id>")},
        find={"credentials-configured": "unknown"},
        never=("your-identity",),
    ),
    _case(
        "rate-of-nought-in-a-file",
        "the sample rate is 0 in .env.production",
        {".env.production": "VITE_RATE=0\n"},
        source=npm(sessionSampleRate=Code("Number(import.meta.env.VITE_RATE)")),
        verdict="broken",
        root=("session-sample-rate",),
        says=(r"\.env\.production",),
    ),
    _case(
        "switch-of-a-file",
        "the switch is off in .env",
        {".env": "VITE_RUM=false\n"},
        source=npm(enableRumClient=Code("import.meta.env.VITE_RUM === 'true'")),
        verdict="broken",
        root=("client-enabled",),
        says=(r"VITE_RUM in \.env",),
    ),
    Case(
        "files-that-disagree",
        "a bundler of one's own: .env and .env.local differ",
        source=npm(identityPoolId=Code("process.env.RUM_POOL")),
        files={
            ".env": f"RUM_POOL={_USER_POOL}\n",
            ".env.local": f"RUM_POOL={POOL}\n",
            "package.json": "{}",
        },
        verdict="unproven",
        root=(None,),
        never=("(?i)user pool",),
    ),
    _case(
        "file-gives-what-next-keeps-back",
        "a variable of .env without the prefix reaches no browser",
        {".env": f"RUM_POOL={POOL}\n"},
        prefix="NEXT_PUBLIC_",
        source=_CLIENT + npm(identityPoolId=Code("process.env.RUM_POOL")),
        find={"snippet-present": "warn", "credentials-configured": "unknown"},
        says=("NEXT_PUBLIC_",),
    ),
    _case(
        "secret-among-the-options",
        "a key for a proxy of the site's own, which the client's headers hold",
        {".env": _env() + "VITE_PROXY_API_KEY=tango7foxtrot\n"},
        source=npm(headers={"x-key": Code("import.meta.env.VITE_PROXY_API_KEY")}, useBeacon=False),
        never=("tango7foxtrot",),
    ),
    _case(
        "secrets-of-the-same-source",
        "a key that the source reads for something else",
        {".env": _env(pool=_USER_POOL) + "VITE_KEY=sk_live_4242424242424242\n"},
        source=_source() + "export const key = import.meta.env.VITE_KEY;\n",
        verdict="broken",
        root=("identity-pool",),
        never=("sk_live",),
    ),
    Case(
        "variables-of-vue",
        "Vue CLI's .env.production",
        source=npm(monitor=Code("process.env.VUE_APP_RUM")),
        files={".env.production": "VUE_APP_RUM=shop-web\n", "package.json": "{}"},
        verdict="broken",
        root=("monitor-exists",),
        says=("VUE_APP_RUM in",),
    ),
    _case(
        "file-gives-the-ids",
        "the ids stand in .env.production",
        {".env.production": _env() + _SECRET},
        find={
            "snippet-present": "pass",
            "endpoint-region": "pass|unknown",
            "credentials-configured": "pass|unknown",
        },
    ),
    _case(
        "file-refers-to-a-secret",
        "a slip in a reference: what it leads to is nothing that a page is told",
        {".env.production": _env(pool="$AWS_SECRET_ACCESS_KEY") + _SECRET},
        find={"snippet-present": "pass", "credentials-configured": "unknown"},
    ),
    _case(
        "file-gives-a-user-pool",
        ".env.production holds a user pool's id",
        {".env.production": _env(pool=_USER_POOL) + _SECRET},
        verdict="broken|unproven",
        root=("identity-pool", "credentials-configured"),
        says=("(?i)user pool", r"\.env\.production"),
    ),
    _case(
        "file-gives-the-name",
        ".env holds the monitor's name",
        {".env": _env("NEXT_PUBLIC_", monitor="shop-web")},
        prefix="NEXT_PUBLIC_",
        verdict="broken|unproven",
        root=("monitor-exists",),
        says=("name", r"\.env"),
    ),
    _case(
        "file-gives-nothing-for-the-pool",
        "the variable is there, and empty",
        {".env.production": _env(pool="")},
        verdict="broken|unproven",
        root=("credentials-configured",),
        says=("VITE_RUM_POOL", r"\.env\.production"),
    ),
    _case(
        "file-of-development-alone",
        "what is built for visitors reads another file",
        {".env.development": _env(pool=_USER_POOL)},
        find={"snippet-present": "pass", "credentials-configured": "unknown"},
        never=("(?i)user pool",),
    ),
    _case(
        "mode-before-local-in-vite",
        "Vite: .env.production is before .env.local",
        {".env.production": _env(), ".env.local": _env(pool=_USER_POOL)},
        find={"credentials-configured": "pass|unknown"},
        never=("(?i)user pool",),
    ),
    _case(
        "local-before-mode-in-next",
        "Next.js: .env.local is before .env.production",
        {
            ".env.production": _env("NEXT_PUBLIC_"),
            ".env.local": _env("NEXT_PUBLIC_", pool=_USER_POOL),
        },
        prefix="NEXT_PUBLIC_",
        verdict="broken|unproven",
        root=("identity-pool", "credentials-configured"),
        says=("(?i)user pool", r"\.env\.local"),
    ),
    _case(
        "example-is-no-file",
        ".env.example gives nobody a value",
        {".env.example": _env(pool=_USER_POOL, monitor="your-id")},
        find={"snippet-present": "pass", "credentials-configured": "unknown"},
        never=("(?i)user pool", "your-id"),
    ),
    _case(
        "file-that-expands",
        "quotes, export, comments, CRLF and a variable of another",
        {
            ".env": "# RUM\r\nexport VITE_RUM_ID='"
            + MONITOR
            + "' # prod\r\nVITE_REGION=eu-west-1\r\nVITE_RUM_REGION=${VITE_REGION}\r\n"
            f'VITE_RUM_POOL="{_USER_POOL}"\r\n'
        },
        verdict="broken|unproven",
        root=("identity-pool", "credentials-configured"),
        says=("(?i)user pool",),
    ),
    _case(
        "file-without-the-variable",
        "a pipeline may give what no file does",
        {".env": _SECRET},
        find={"snippet-present": "pass", "credentials-configured": "unknown"},
        says=("VITE_RUM_POOL",),
    ),
    _case(
        "files-of-two-stages",
        "which stage was built is not known",
        {".env.staging": _env(pool=_USER_POOL), ".env.production": _env()},
        never=("(?i)user pool",),
        find={"credentials-configured": "pass|unknown"},
    ),
    _case(
        "stages-without-production",
        "two stages, and neither is called production",
        {".env.staging": _env(pool=_USER_POOL), ".env.live": _env()},
        never=("(?i)user pool",),
        find={"credentials-configured": "unknown"},
    ),
    Case(
        "file-fills-the-page",
        "Vite's index.html with its marks, and .env beside it",
        page=html(
            script(loader(monitor="%VITE_RUM_ID%", identityPoolId="%VITE_RUM_POOL%")),
            body='<div id=root></div><script type="module" src="/src/main.tsx"></script>',
        ),
        page_name="index.html",
        files={".env": _env(pool=_USER_POOL), "package.json": _VITE},
        verdict="broken|unproven",
        says=("(?i)user pool",),
    ),
    _case(
        "region-that-does-not-fit",
        "pool of the file and endpoint of the source",
        {".env.production": _env(region="eu-west-9x")},
        verdict="broken|unproven",
        root=("endpoint-region", "snippet-present"),
        says=("eu-west-9x",),
    ),
    _case(
        "default-beside-the-file",
        "a default of the source, which the file overrides",
        {".env": _env(pool=_USER_POOL)},
        source=npm(identityPoolId=Code(f"import.meta.env.VITE_RUM_POOL ?? '{POOL}'")),
        verdict="broken|unproven",
        root=("identity-pool",),
        says=("(?i)user pool",),
    ),
    Case(
        "folder-of-a-project",
        "the project's folder is named, not its file",
        files={
            "web/package.json": _VITE,
            "web/src/rum.ts": _source(),
            "web/src/rum.test.ts": npm(),
            "web/node_modules/aws-rum-web/index.js": npm(),
            "web/.env.production": _env(pool=_USER_POOL),
        },
        given={"source": "web"},
        verdict="broken",
        root=("identity-pool",),
        says=("(?i)user pool", r"\.env\.production"),
    ),
)
