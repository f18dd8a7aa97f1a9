"""Script elements that a browser leaves alone, and client scripts that no host has."""

from __future__ import annotations

from field_case import QUIET, Case
from field_write import CDN, HTML, html, loader, options, script
from har_builder import MONITOR

_GIVEN = f"'{MONITOR}', '1.0.0', 'eu-west-1'"
_NEW = f"new AwsRum({_GIVEN}, {options()});"


def _served(name: str, report: str, *head: str, **more: object) -> Case:
    return Case(name, report, page=html(*head), headers=HTML, **more)


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
)
