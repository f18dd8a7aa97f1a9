"""Script elements: those that a browser leaves alone, files of the page's own, missing clients."""

from __future__ import annotations

from field_case import QUIET, Case
from field_write import CDN, HTML, Code, html, loader, npm, options, script
from har_builder import MONITOR, OTHER_MONITOR

_GIVEN = f"'{MONITOR}', '1.0.0', 'eu-west-1'"
_NEW = f"new AwsRum({_GIVEN}, {options()});"


def _served(name: str, report: str, *head: str, **more: object) -> Case:
    return Case(name, report, page=html(*head), headers=HTML, **more)


_USER_POOL = "eu-west-1_Qx7YzAbCd"
CASES = (
    _served(
        "telemetries-in-a-list-of-lists",
        "aws-rum-web 673: the documentation's list in a list is read as one telemetry",
        script(loader(telemetries=[["errors", "http", "performance"]])),
        verdict="unproven|degraded",
        root=(None, "client-enabled"),
        find={"client-enabled": "warn"},
        says=("http",),
    ),
    _served(
        "file-of-another-name",
        "cwr.min.js, which the CDN does not have",
        script(loader(url=CDN.replace("cwr.js", "cwr.min.js"))),
        verdict="broken|unproven",
        find={"client-script-loads": "fail|warn"},
        says=("cwr\\.js",),
    ),
    _served(
        "latest-release-by-name",
        "latest/cwr.js",
        script(loader(url=CDN.replace("1.25.0", "latest"))),
        verdict="broken|unproven",
        find={"client-script-loads": "fail|warn"},
        says=("1\\.x|3\\.x|cwr\\.js",),
    ),
    _served(
        "release-with-a-v",
        "v1.25.0/cwr.js",
        script(loader(url=CDN.replace("1.25.0", "v1.25.0"))),
        verdict="broken|unproven",
        find={"client-script-loads": "fail|warn"},
    ),
    _served(
        "script-of-a-cdn-of-packages",
        "jsdelivr has no cwr.js of the package",
        script(loader(url="https://cdn.jsdelivr.net/npm/aws-rum-web@1/dist/cwr.js")),
        verdict="broken|unproven",
        find={"client-script-loads": "fail|warn|unknown"},
    ),
    _served(
        "for-old-browsers-alone",
        "nomodule: no browser of today runs it",
        script(loader(), "nomodule"),
        verdict="broken|unproven",
        find={"snippet-present": "fail|warn|unknown"},
        says=("nomodule",),
    ),
    _served(
        "text-beside-an-address",
        "an element with an address runs nothing of its text",
        script(loader(), 'src="/app.js"'),
        verdict="broken|unproven",
        find={"snippet-present": "fail|warn|unknown"},
    ),
    _served(
        "type-that-is-none",
        "type=javascript is no type of JavaScript",
        script(loader(), 'type="javascript"'),
        verdict="broken|unproven",
        find={"snippet-present": "fail|warn|unknown"},
        says=("(?i)type|javascript",),
    ),
    _served(
        "good-old-type",
        "application/x-javascript is one",
        script(loader(), 'type="application/x-javascript"'),
        **QUIET,
    ),
    _served(
        "package-without-a-module",
        "public notes: the package's CommonJS file in a script element",
        '<script src="https://unpkg.com/aws-rum-web"></script>',
        script(_NEW),
        verdict="broken|unproven",
        find={"snippet-present": "fail|warn|unknown"},
    ),
    Case(
        "file-that-is-not-there",
        "the file of the snippet was not saved",
        page=html('<script src="/js/rum.js"></script>'),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        says=("rum\\.js",),
    ),
    Case(
        "file-with-a-printed-undefined",
        "a server printed undefined into the file",
        page=html('<script src="/js/rum.js" defer></script>'),
        headers=HTML,
        files={"js/rum.js": loader(identityPoolId="undefined")},
        verdict="broken",
        root=("identity-pool", "credentials-configured", "snippet-present"),
        says=("undefined",),
    ),
    Case(
        "two-files-of-one-monitor",
        "two files start the same monitor",
        page=html('<script src="/js/rum.js"></script><script src="/js/rum-2.js"></script>'),
        files={"js/rum.js": loader(), "js/rum-2.js": loader()},
        verdict="unproven|degraded",
        root=(None, "snippet-present"),
        find={"snippet-present": "warn"},
        says=("2 times",),
    ),
    Case(
        "two-files-of-two-monitors",
        "two files start two monitors",
        page=html('<script src="/js/rum.js"></script><script src="/js/rum-2.js"></script>'),
        files={"js/rum.js": loader(), "js/rum-2.js": loader(monitor=OTHER_MONITOR)},
        verdict="broken",
        root=("snippet-present",),
        says=("2 clients",),
    ),
    Case(
        "command-after-a-file-of-the-page",
        "a command behind the file",
        page=html(
            '<script src="/js/rum.js"></script>',
            script("cwr('addSessionAttributes', {shop: '1'});"),
        ),
        files={"js/rum.js": loader()},
        **QUIET,
    ),
    Case(
        "index-of-a-vite-project",
        "Vite's index.html and the source that it names",
        page=html(body='<div id=root></div><script type="module" src="/src/main.ts"></script>'),
        page_name="index.html",
        files={"src/main.ts": npm(identityPoolId=_USER_POOL)},
        verdict="broken",
        root=("identity-pool",),
        says=("(?i)user pool",),
    ),
    Case(
        "index-of-a-good-vite-project",
        "the same with an identity pool",
        page=html(body='<div id=root></div><script type="module" src="/src/main.ts"></script>'),
        page_name="index.html",
        files={"src/main.ts": npm()},
        **QUIET,
    ),
    Case(
        "index-and-a-variable",
        "the same with a variable of .env",
        page=html(body='<div id=root></div><script type="module" src="/src/main.ts"></script>'),
        page_name="index.html",
        files={
            "src/main.ts": npm(identityPoolId=Code("import.meta.env.VITE_POOL")),
            ".env": f"VITE_POOL={_USER_POOL}\n",
            "package.json": "{}",
        },
        verdict="broken|unproven",
        says=(),
    ),
    Case(
        "old-global-of-a-preview",
        "AwsNexusTelemetry of the preview's snippet",
        page=html(
            script(
                loader(
                    url=CDN.replace("1.25.0", "1.0.2"),
                    guestRoleArn="arn:aws:iam::111122223333:role/RUM",
                ).replace("AwsRumClient", "AwsNexusTelemetry")
            )
        ),
        headers=HTML,
        verdict="unproven|degraded|broken",
        find={"snippet-present": "pass|unknown|warn"},
    ),
    Case(
        "loader-in-a-file-and-in-the-page",
        "the snippet is in the page and in a file as well",
        page=html(script(loader()), '<script src="/js/rum.js"></script>'),
        files={"js/rum.js": loader(monitor=OTHER_MONITOR)},
        verdict="broken|degraded|unproven",
        find={"snippet-present": "pass|warn|fail"},
    ),
)
