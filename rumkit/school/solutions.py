"""The solutions, as a learner would type them, and the wrong turns that stay red."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class SolutionStep:
    """One thing to do: shell commands, or Python as in a notebook's cell."""

    kind: Literal["shell", "python"]
    text: str


@dataclass(frozen=True)
class Way:
    """Steps in order, and answers to the exercise's questions; `why` says what comes of it."""

    why: str
    steps: tuple[SolutionStep, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Solution:
    """What mends an exercise, and a wrong turn with the check or question that it leaves open."""

    number: int
    right: Way
    wrong: Way
    stays: str


def _shell(text: str) -> SolutionStep:
    return SolutionStep("shell", text)


def _python(text: str) -> SolutionStep:
    return SolutionStep("python", f"from rumkit import school\n{text}")


_ROLE = "RUM-Monitor-shop-web-Unauth"
_ARN = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"
_POOL_OF_MONITOR = (
    "POOL=$(aws rum get-app-monitor --name shop-web --output text"
    " --query AppMonitor.AppMonitorConfiguration.IdentityPoolId)"
)
_ID_OF_MONITOR = "ID=$(aws rum get-app-monitor --name shop-web --output text --query AppMonitor.Id)"


def _trust(amr: str) -> SolutionStep:
    return _shell(
        f"{_POOL_OF_MONITOR}\n"
        f"aws iam update-assume-role-policy --role-name {_ROLE} --policy-document "
        '\'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",'
        ' "Principal": {"Federated": "cognito-identity.amazonaws.com"},'
        ' "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {'
        '"StringEquals": {"cognito-identity.amazonaws.com:aud": "\'"$POOL"\'"},'
        ' "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": '
        f'"{amr}"}}}}}}]}}\''
    )


def _permission(resource: str, *, before: str = "") -> SolutionStep:
    return _shell(
        f"{before}aws iam put-role-policy --role-name {_ROLE} --policy-name RUMPutBatchMetrics"
        ' --policy-document \'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",'
        f' "Action": "rum:PutRumEvents", "Resource": "{resource}"}}]}}\''
    )


def _resource_policy(referer: str) -> SolutionStep:
    return _shell(
        "aws rum put-resource-policy --name shop-web --policy-document "
        '\'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",'
        f' "Action": "rum:PutRumEvents", "Resource": "{_ARN}",'
        f' "Condition": {{"StringLike": {{"aws:Referer": "{referer}"}}}}}}]}}\''
    )


def _classic(guests: str) -> SolutionStep:
    return _shell(
        f"{_POOL_OF_MONITOR}\n"
        'aws cognito-identity update-identity-pool --identity-pool-id "$POOL"'
        f" --identity-pool-name RUM-Monitor-shop-web {guests} --allow-classic-flow"
    )


def _hash(quote: str) -> SolutionStep:
    return _python(
        "import base64, hashlib, re\n"
        "page = school.page()\n"
        "digest = base64.b64encode(hashlib.sha256(page.loader.encode()).digest()).decode()\n"
        f'right = "{quote}sha256-" + digest + "{quote}"\n'
        "policy = re.sub(r\"'sha256-[^']+'\", lambda _: right, page.policy)\n"
        'school.set_header("Content-Security-Policy", policy)'
    )


def _connect(service: str) -> SolutionStep:
    return _python(
        "policy = school.page().policy.replace(\n"
        f'    "https://{service}.eu-west-1.", "https://{service}.eu-central-1.")\n'
        'school.set_header("Content-Security-Policy", policy)'
    )


_EVIDENCE: Final = {
    "session": "1",
    "ingest": "RumEventPayloadSize",
    "trace": "addXRayTraceIdHeader",
}

SOLUTIONS: Final = (
    Solution(
        1,
        Way(
            "Each hop has its evidence; {monitor_id} and {pool} stand in the snippet.",
            answers={
                **_EVIDENCE,
                "page": "{monitor_id}",
                "credentials": "{pool}",
                "authorize": _ARN,
            },
        ),
        Way(
            "The ARN takes the monitor's name, not its id.",
            answers={
                **_EVIDENCE,
                "page": "{monitor_id}",
                "credentials": "{pool}",
                "authorize": "arn:aws:rum:eu-west-1:111122223333:appmonitor/{monitor_id}",
            },
        ),
        "authorize",
    ),
    Solution(
        2,
        Way(
            "The deployed snippet says how many sessions are recorded.",
            (_python('school.edit_page("sessionSampleRate: 0", "sessionSampleRate: 1")'),),
        ),
        Way(
            "The monitor's own setting changes nothing on the page.",
            (
                _shell(
                    "aws rum update-app-monitor --name shop-web"
                    " --app-monitor-configuration SessionSampleRate=1"
                ),
            ),
        ),
        "session-sample-rate",
    ),
    Solution(
        3,
        Way(
            "The snippet gets back the pool that the monitor knows.",
            (
                _python(
                    "import boto3\n"
                    'monitor = boto3.client("rum").get_app_monitor(Name="shop-web")["AppMonitor"]\n'
                    'pool = monitor["AppMonitorConfiguration"]["IdentityPoolId"]\n'
                    'school.edit_page("sessionSampleRate: 1,",\n'
                    "                 f\"sessionSampleRate: 1, identityPoolId: '{pool}',\")"
                ),
            ),
        ),
        Way(
            "A role without a pool gives the client nobody to ask.",
            (
                _python(
                    'school.edit_page("sessionSampleRate: 1,", "sessionSampleRate: 1, '
                    "guestRoleArn: 'arn:aws:iam::111122223333:role/service-role/"
                    f"{_ROLE}',\")"
                ),
            ),
        ),
        "credentials-configured",
    ),
    Solution(
        4,
        Way("The pool allows the flow that the client uses.",
            (_classic("--allow-unauthenticated-identities"),)),
        Way(
            "update-identity-pool replaces the whole pool, guest access included.",
            (_classic("--no-allow-unauthenticated-identities"),),
        ),
        "identity-pool",
    ),
    Solution(
        5,
        Way("The role trusts guests of this pool.", (_trust("unauthenticated"),)),
        Way("The role trusts people who signed in, not guests.", (_trust("authenticated"),)),
        "guest-role-trust",
    ),
    Solution(
        6,
        Way("The policy names this monitor by its name.", (_permission(_ARN),)),
        Way(
            "The id in place of the name is another monitor's ARN.",
            (
                _permission(
                    "arn:aws:rum:eu-west-1:111122223333:appmonitor/'\"$ID\"'",
                    before=f"{_ID_OF_MONITOR}\n",
                ),
            ),
        ),
        "guest-role-permission",
    ),
    Solution(
        7,
        Way(
            "Signed for, and sent to, the monitor's region.",
            (
                _python(
                    'school.edit_page("dataplane.rum.us-west-2", "dataplane.rum.eu-west-1")\n'
                    "school.edit_page(\"'us-west-2'\", \"'eu-west-1'\")"
                ),
            ),
        ),
        Way(
            "The right host, and a signature for another region.",
            (_python('school.edit_page("dataplane.rum.us-west-2", "dataplane.rum.eu-west-1")'),),
        ),
        "endpoint-region",
    ),
    Solution(
        8,
        Way("The hash of the served text, in quotes.", (_hash("'"),)),
        Way("The right hash without quotes is a host's name.", (_hash(""),)),
        "csp-script",
    ),
    Solution(
        9,
        Way("Cognito's host in the pool's region.", (_connect("cognito-identity"),)),
        Way("STS is not called in the enhanced flow; Cognito is.", (_connect("sts"),)),
        "csp-connect",
    ),
    Solution(
        10,
        Way("The resource policy admits pages of the new host.",
            (_resource_policy("https://www.shop.example/*"),)),
        Way(
            "A Referer has a path: the bare origin matches no page.",
            (_resource_policy("https://www.shop.example"),),
        ),
        "resource-policy",
    ),
    Solution(
        11,
        Way(
            "The http telemetry sends the header.",
            (
                _python(
                    "school.edit_page(\"'http'\", \"['http', { addXRayTraceIdHeader: true }]\")"
                ),
            ),
        ),
        Way(
            "The option that the guide's text names, without enableXRay.",
            (
                _python(
                    "school.edit_page(\"'http'\", \"['http', { addXRayTraceIdHeader: true }]\")\n"
                    'school.edit_page("enableXRay: true", "enableXRay: false")'
                ),
            ),
        ),
        "xray-enabled",
    ),
    Solution(
        12,
        Way("First the page, then the trust.", (_hash("'"), _trust("unauthenticated"))),
        Way("The second fault alone leaves the path broken at the page.",
            (_trust("unauthenticated"),)),
        "csp-script",
    ),
    Solution(
        13,
        Way(
            "Each monitor keeps its credentials in a place of its own.",
            (
                _python(
                    'school.edit_page("allowCookies: true,",\n'
                    '                 "allowCookies: true, cookieAttributes: { unique: true },")'
                ),
            ),
            {"status": "403", "calls": "0", "monitor": "shop-web-blog"},
        ),
        Way(
            "The page's own role was never the one that was denied.",
            (_permission(_ARN),),
            {"status": "403", "calls": "0", "monitor": "shop-web"},
        ),
        "stored-credentials",
    ),
    Solution(
        14,
        Way(
            "The snippet stands in head.",
            (
                _python(
                    'script = f"<script>{school.page().loader}</script>"\n'
                    'school.edit_page(script, "")\n'
                    'school.edit_page("</head>", script + "</head>")'
                ),
            ),
        ),
        Way(
            "First in the body is still not in head.",
            (
                _python(
                    'script = f"<script>{school.page().loader}</script>"\n'
                    'school.edit_page(script, "")\n'
                    'school.edit_page("<body>", "<body>" + script)'
                ),
            ),
        ),
        "snippet-present",
    ),
)  # fmt: skip
