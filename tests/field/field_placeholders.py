"""Placeholders: unknown in a template's source, the cause on a page that is served."""

from __future__ import annotations

from field_case import Case
from field_write import HTML, Code, html, loader, npm, page, script, visit
from har_builder import POOL, Har

_CRA = {
    "monitor": "%REACT_APP_RUM_APPLICATION_ID%",
    "version": "%REACT_APP_RUM_APPLICATION_VERSION%",
    "region": "%REACT_APP_REGION%",
    "url": "%PUBLIC_URL%/cwr.js",
    "sessionSampleRate": "%REACT_APP_RUM_RATE%",
    "identityPoolId": "%REACT_APP_RUM_POOL_ID%",
}
_JINJA = {
    "monitor": "{{ rum_app_monitor_id }}",
    "identityPoolId": "{{ rum_pool }}",
    "region": "{{ region }}",
}
_FILLED_LATER = ("still holds the placeholder", "There is no identity pool", "is not a UUID")
_CAUSE = ("snippet-present", "monitor-exists", "identity-pool", "credentials-configured")


def _served(**given: object) -> Har:
    return visit(page(**given)).wait(20).api()


def _served_as_it_was() -> Har:
    har = Har().document(html=page(**_CRA))
    har.client(404, url="https://www.shop.example/%PUBLIC_URL%/cwr.js", mime="text/html")
    return har.wait(20).api()


def _unfilled_id() -> Har:
    return _served(monitor="__RUM_ID__").wait(1)


def _unfilled_rate() -> Har:
    return _served(sessionSampleRate="{{rate}}").wait(1)


_TERRAFORM = (
    """resource "aws_rum_app_monitor" "ghost" {
  name   = "ghost"
  domain = "blog.example"
}

output "rum_javascript_snippet" {
  value = <<-EOT
    <script>
"""
    + loader(
        monitor="${aws_rum_app_monitor.ghost.app_monitor_id}",
        region="${var.aws_region}",
        identityPoolId="${aws_cognito_identity_pool.rum.id}",
        endpoint="https://dataplane.rum.${var.aws_region}.amazonaws.com",
    )
    + """
    </script>
  EOT
}
"""
)
_JAVA = (
    'public class Rum {\n  String snippet(String id, String pool) {\n    return "<script>\\n"\n'
    + "".join(
        f'        + "{line}"\n'
        for line in loader(monitor="__ID__", identityPoolId="__POOL__").split("\n")
    )
    .replace("__ID__", '" + id + "')
    .replace("__POOL__", '" + pool + "')
    + '        + "</script>";\n  }\n}\n'
)


CASES = (
    Case(
        "react-template-in-the-repository",
        "aws-rum-web 708: public/index.html of Create React App, filled by the build",
        page=page(**_CRA),
        page_name="index.html",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass|unknown", "identity-pool": "unknown|skip"},
        never=_FILLED_LATER,
    ),
    Case(
        "react-template-as-it-was-served",
        "the same file, served without having been built",
        har=_served_as_it_was,
        verdict="broken",
        root=(*_CAUSE, "client-script-loads", "session-sample-rate"),
        says=("%PUBLIC_URL%|%REACT_APP",),
        never=("There is no identity pool",),
        wrong=("%REACT_APP",),
    ),
    Case(
        "jinja-template",
        "a base template of a Django or Flask site",
        page="{% load static %}\n" + page(**_JINJA),
        page_name="base.html",
        verdict="unproven",
        root=(None,),
        find={"identity-pool": "unknown|skip", "monitor-exists": "unknown|skip"},
        never=_FILLED_LATER,
    ),
    Case(
        "jinja-template-as-it-was-served",
        "a file with a template's marks that a static server sent as it is",
        page=page(**_JINJA),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("rum_app_monitor_id",),
        never=("There is no identity pool",),
        wrong=("{{",),
    ),
    Case(
        "angle-brackets-of-a-slide",
        "public slides: '<AppMonitorId>', '<region>', pasted as they are",
        page=page(monitor="<AppMonitorId>", region="<region>", identityPoolId="<region>:XXXX-YYYY"),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("<AppMonitorId>",),
        wrong=("<region>", "<AppMonitorId>"),
    ),
    Case(
        "upper-case-stand-ins",
        "public notes: 'MONITOR_ID' and a pool of x's",
        page=page(
            monitor="MONITOR_ID",
            region="ap-northeast-2",
            identityPoolId="ap-northeast-2:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            endpoint="https://dataplane.rum.ap-northeast-2.amazonaws.com",
        ),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("MONITOR_ID",),
        never=("looks like the monitor's name",),
        wrong=("MONITOR_ID", "xxxxxxxx"),
    ),
    Case(
        "your-id-here",
        "generated advice: 'YOUR_APP_MONITOR_ID'",
        source=npm(monitor="YOUR_APP_MONITOR_ID", identityPoolId="YOUR_IDENTITY_POOL_ID"),
        verdict="broken",
        root=_CAUSE,
        says=("YOUR_APP_MONITOR_ID",),
        wrong=("YOUR_",),
    ),
    Case(
        "variable-that-was-not-set",
        "public code: a layout of Next.js prints an environment variable that is missing",
        page=page(monitor="undefined", identityPoolId="undefined"),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("undefined",),
        never=("answered with 400", "looks like the monitor's name"),
        wrong=("undefined",),
    ),
    Case(
        "object-in-a-string",
        "an object of a deployment tool was joined to a string",
        page=page(monitor="[object Object]"),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("object Object",),
        wrong=("[object",),
    ),
    Case(
        "token-of-the-cdk",
        "a token of the CDK that was written into a file before it was resolved",
        page=page(monitor="${Token[TOKEN.412]}", region="${Token[AWS.Region.4]}"),
        headers=HTML,
        verdict="broken",
        root=(*_CAUSE, "endpoint-region"),
        says=("Token\\[",),
        wrong=("Token[",),
    ),
    Case(
        "null-region",
        "a template printed null where the region belongs",
        page=page(region="null", endpoint="https://dataplane.rum.null.amazonaws.com"),
        headers=HTML,
        verdict="broken",
        root=("endpoint-region", "snippet-present"),
        says=("null",),
        wrong=("null",),
    ),
    Case(
        "rate-that-was-not-filled",
        "a rate that is a placeholder is not a number, and no session is recorded",
        har=_unfilled_rate,
        verdict="broken",
        root=("session-sample-rate", "snippet-present"),
        says=("\\{\\{rate\\}\\}",),
        wrong=("{{rate",),
    ),
    Case(
        "id-that-was-not-filled",
        "the client's script was loaded, and its monitor's id is a placeholder",
        har=_unfilled_id,
        verdict="broken",
        root=_CAUSE,
        says=("__RUM_ID__",),
        wrong=("__RUM",),
    ),
    Case(
        "erb-template",
        "a layout of Rails",
        page=page(
            monitor='<%= ENV["RUM_APP_ID"] %>', identityPoolId='<%= ENV["RUM_POOL"] %>'
        ).replace("<main>", "<%= yield %><main>"),
        page_name="application.html.erb",
        verdict="unproven",
        root=(None,),
        find={"identity-pool": "unknown|skip", "monitor-exists": "unknown|skip"},
        never=_FILLED_LATER,
    ),
    Case(
        "underscores-left-by-a-pipeline",
        "sed in a pipeline missed the file",
        page=page(monitor="__RUM_APP_MONITOR_ID__", identityPoolId="__RUM_POOL_ID__"),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("__RUM_APP_MONITOR_ID__",),
        wrong=("__RUM",),
    ),
    Case(
        "shell-variable-left",
        "envsubst did not know the variable's name",
        page=page(monitor="$RUM_APP_ID", identityPoolId="${RUM_POOL_ID}"),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("RUM_APP_ID",),
        wrong=("$RUM",),
    ),
    Case(
        "terraform-output",
        "public code: Terraform prints the snippet with the ids of its resources",
        page=_TERRAFORM,
        page_name="outputs.tf",
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass|unknown", "monitor-exists": "unknown"},
        never=(*_FILLED_LATER, "response headers"),
    ),
    Case(
        "java-builds-the-page",
        "public code: a Java class puts the snippet together",
        page=_JAVA,
        page_name="Rum.java",
        verdict="unproven",
        root=(None,),
        find={"monitor-exists": "unknown"},
        never=(*_FILLED_LATER, "response headers"),
    ),
    Case(
        "id-of-the-documentation",
        "the example of the documentation, pasted with its zeros",
        page=page(
            monitor="00000000-0000-0000-0000-000000000000",
            identityPoolId="eu-west-1:00000000-0000-0000-0000-000000000000",
        ),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("documentation",),
        wrong=("00000000-0000-0000-0000-000000000000",),
    ),
    Case(
        "empty-pool-of-a-template",
        "a template without a value printed nothing between the quotes",
        page=html(script(loader(monitor="", identityPoolId=Code("''")))),
        headers=HTML,
        verdict="broken",
        root=_CAUSE,
        says=("empty",),
        wrong=(POOL,),
    ),
)
