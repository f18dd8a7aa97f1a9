"""Infrastructure, pipelines and servers' languages that print the snippet or hand out its ids."""

from __future__ import annotations

from field_case import QUIET, Case
from field_write import CDN, loader, script


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **(QUIET | more))


_PULUMI = f"""import * as aws from '@pulumi/aws';
const monitor = new aws.rum.AppMonitor('shop', {{ domain: 'www.shop.example' }});
new aws.s3.BucketObjectv2('rum', {{ bucket: site.id, key: 'rum.js', content:
  pulumi.interpolate`{loader(monitor="MONITOR")}` }});
"""
_PULUMI_NAME = _PULUMI.replace("'MONITOR'", "'${monitor.id}'")
_PULUMI_ID = _PULUMI.replace("'MONITOR'", "'${monitor.appMonitorId}'")
_CDK_PYTHON = (
    "from aws_cdk import aws_rum as rum\n\napp_monitor = rum.CfnAppMonitor(self, 'M', name='shop',"
    ' domain=\'www.shop.example\')\nsnippet = f"""<script>'
    + loader(monitor="MONITOR", region="REGION")
    .replace("{", "{{")
    .replace("}", "}}")
    .replace("REGION", "{self.region}")
    + '</script>"""\n'
)
_OUTPUTS = """import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as rum from 'aws-cdk-lib/aws-rum';
const rumAppMonitor = new rum.CfnAppMonitor(this, 'Rum', { name: 'shop-web' });
this.app.addEnvironment('NEXT_PUBLIC_RUM_APP_MONITOR_ID', rumAppMonitor.ref);
new CfnOutput(this, 'RumApplicationId', { value: rumAppMonitor.ref });
"""
_HOSTING = """resource "aws_amplify_app" "site" {
  name = "site"
  environment_variables = {
    VITE_RUM_APPLICATION_ID   = aws_rum_app_monitor.site.id
    VITE_RUM_IDENTITY_POOL_ID = aws_cognito_identity_pool.rum.id
  }
}
"""
_WORKFLOW = """jobs:
  deploy:
    steps:
      - name: Write the snippet
        env:
          MONITOR: ${{ vars.RUM_MONITOR_ID }}
        run: |
          cat > rum.html <<'EOF'
          LOADER
          EOF
          sed -i -e "s/MONITOR_ID/$MONITOR/" -e '/<head>/r rum.html' dist/index.html
""".replace(
    "LOADER", script(loader(monitor="MONITOR_ID", url=CDN.replace("us-east-1", "eu-west-2")))
)
_GO = (
    'package web\n\nimport "fmt"\n\nconst snippet = `<script>'
    + loader(monitor="%s", region="%s", identityPoolId="%s")
    + "</script>`\n\nfunc Snippet(c Config) string {\n\treturn fmt.Sprintf(snippet, c.Monitor,"
    " c.Region, c.Pool)\n}\n"
)
_SHELL = (
    "#!/bin/sh\nset -eu\nMONITOR=$(aws rum get-app-monitor --name shop-web --query AppMonitor.Id"
    " --output text)\ncat > dist/rum.js <<END\n" + loader(monitor="${MONITOR}") + "\nEND\n"
)
_GRADLE_JAVA = (
    'class Head {\n  static final String RUM = """\n    <script>'
    + loader(monitor="__RUM_MONITOR__")
    + '</script>\n    """;\n  String head() { return RUM.replace("__RUM_MONITOR__",'
    ' System.getenv("RUM_MONITOR")); }\n}\n'
)
CASES = (
    _file(
        "pulumi-prints-the-name",
        "pulumi-aws 2187: id of an AppMonitor is its name",
        "index.ts",
        _PULUMI_NAME,
        verdict="broken",
        root=("monitor-exists",),
        says=("(?i)monitor's name", "appMonitorId"),
    ),
    _file("pulumi-prints-the-id", "the same with appMonitorId", "index.ts", _PULUMI_ID),
    _file(
        "cdk-of-python-prints-the-name",
        "app_monitor.ref in a stack of Python",
        "stack.py",
        _CDK_PYTHON.replace("MONITOR", "{app_monitor.ref}"),
        verdict="broken",
        root=("monitor-exists",),
        says=("(?i)monitor's name", "attr_id"),
    ),
    _file(
        "cdk-of-python-prints-the-id",
        "the same with attr_id",
        "stack.py",
        _CDK_PYTHON.replace("MONITOR", "{app_monitor.attr_id}"),
    ),
    _file(
        "outputs-hand-out-the-name",
        "public code: a stack hands the reference to the build as the id",
        "lib/stack.ts",
        _OUTPUTS,
        verdict="broken|unproven",
        root=(None, "monitor-exists"),
        find={"snippet-present": "unknown"},
        says=("(?i)name",),
    ),
    _file(
        "hosting-hands-out-the-name",
        "public code: Amplify's variables of Terraform hold .id of the monitor",
        "amplify.tf",
        _HOSTING,
        verdict="broken|unproven",
        root=(None, "monitor-exists"),
        find={"snippet-present": "unknown"},
        says=("aws_rum_app_monitor.site.id", "app_monitor_id"),
    ),
    _file(
        "workflow-with-a-host-that-is-none",
        "public notes: the pipeline's snippet names the client's host of the monitor's Region",
        ".github/workflows/deploy.yml",
        _WORKFLOW,
        verdict="broken",
        root=("client-script-loads",),
        find={"client-script-loads": "fail"},
        says=("client\\.rum\\.us-east-1",),
    ),
    _file("raw-string-of-go", "Go fills in %s", "snippet.go", _GO),
    _file("script-of-a-shell", "a shell writes the snippet", "deploy.sh", _SHELL),
    _file(
        "text-block-of-java",
        "Java replaces a mark of its own",
        "Head.java",
        _GRADLE_JAVA,
        find={"snippet-present": "pass|unknown"},
    ),
)
