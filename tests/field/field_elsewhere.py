"""Snippets in files of infrastructure and tag managers, and modules that a page holds itself."""

from __future__ import annotations

import json

from field_case import Case
from field_write import HTML, html, loader, options, script
from har_builder import MONITOR

_STARTS = ("cannot start", "as the first script")
_NEW = f"new AwsRum('{MONITOR}', '1.0.0', 'eu-west-1', {options()});"
_BY_NAME = f"import {{ AwsRum }} from 'aws-rum-web';\n{_NEW}"
_BY_ADDRESS = f"import {{ AwsRum }} from 'https://esm.sh/aws-rum-web@1.25.0';\n{_NEW}"
_MODULE = 'type="module"'
_CONTAINER = {
    "exportFormatVersion": 2,
    "containerVersion": {
        "tag": [
            {
                "name": "RUM",
                "type": "html",
                "parameter": [{"type": "TEMPLATE", "key": "html", "value": script(loader())}],
            }
        ]
    },
}


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    given: dict[str, object] = {
        "verdict": "unproven",
        "root": (None,),
        "find": {"snippet-present": "pass|unknown"},
        "never": _STARTS,
        **more,
    }
    return Case(name, report, page=text, page_name=file, **given)  # type: ignore[arg-type]


def _module(name: str, report: str, *scripts: str, **more: object) -> Case:
    given: dict[str, object] = {"verdict": "broken", "root": ("snippet-present",), **more}
    return Case(name, report, page=html(*scripts), headers=HTML, **given)  # type: ignore[arg-type]


_NAME: dict[str, object] = {"verdict": "broken", "root": ("monitor-exists",), "never": ()}
CASES = (
    _file(
        "export-of-a-container",
        "the export of a tag manager's container holds the snippet in a tag of HTML",
        "GTM-ABC123.json",
        json.dumps(_CONTAINER, indent=2),
    ),
    _file(
        "map-of-kubernetes",
        "a ConfigMap holds the page, which Helm fills",
        "templates/configmap.yaml",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  index.html: |\n    <html><head>\n    "
        + script(loader(monitor="{{ .Values.rum.id }}"))
        + "\n    </head></html>\n",
    ),
    _file(
        "cloudformation-prints-the-id",
        "a template of CloudFormation prints the snippet with the monitor's attribute Id",
        "template.yaml",
        "Resources:\n  Page:\n    Type: Custom::Page\n    Properties:\n      Body: !Sub |\n        "
        + script(loader(monitor="${AppMonitor.Id}", region="${AWS::Region}"))
        + "\n",
    ),
    _file(
        "terraform-prints-the-id",
        "Terraform prints the snippet with app_monitor_id",
        "rum.tf",
        'resource "aws_s3_object" "rum" {\n  content = <<-EOT\n    '
        + loader(monitor="${aws_rum_app_monitor.shop.app_monitor_id}", region="${var.region}")
        + "\n  EOT\n}\n",
    ),
    _file(
        "terraform-prints-the-name",
        "terraform-provider-aws 26430: the same with id, which is the name",
        "rum.tf",
        'resource "aws_s3_object" "rum" {\n  content = <<-EOT\n    '
        + loader(monitor="${aws_rum_app_monitor.shop.id}", region="${var.region}")
        + "\n  EOT\n}\n",
        **_NAME,
        says=("aws_rum_app_monitor.shop.id, which is the monitor's name", "app_monitor_id"),
    ),
    _file(
        "stack-prints-the-name",
        "public code: a stack of the CDK hands out appMonitor.ref",
        "lib/stack.ts",
        "this.html = `<script>"
        + loader(monitor="MONITOR").replace("MONITOR", "` + this.appMonitor.ref + `")
        + "</script>`;\n",
        **_NAME,
        says=("this.appMonitor.ref, which is the monitor's name", "its id is attrId"),
    ),
    _module(
        "module-from-an-address",
        "a page's own module takes the package from a CDN of modules",
        script(_BY_ADDRESS, _MODULE),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
    _module(
        "module-by-its-bare-name",
        "the example of the package pasted into a page, which no bundler ever sees",
        script(_BY_NAME, _MODULE),
        says=("'aws-rum-web' by its bare name",),
    ),
    _module(
        "module-with-an-import-map",
        "the same with an import map that names the package",
        '<script type="importmap">{"imports": {"aws-rum-web": "https://esm.sh/aws-rum-web"}}'
        "</script>",
        script(_BY_NAME, _MODULE),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
    _module(
        "import-in-a-classic-script",
        "an import in a script without a type",
        script(_BY_ADDRESS),
        says=("outside a module",),
    ),
    _module(
        "types-in-a-page",
        "the console's TypeScript pasted into a page",
        script(_BY_NAME.replace("new AwsRum", "const awsRum: AwsRum = new AwsRum"), _MODULE),
        says=("does not parse",),
    ),
    _module(
        "break-within-the-call",
        "an editor put a tag between the loader and its arguments",
        script(loader().replace("})('cwr'", "})(<br />\n'cwr'")),
        says=("an editor put tags into it",),
    ),
)
