"""Ids and regions of the wrong kind, named for what they are."""

from __future__ import annotations

from field_case import Case
from field_write import GOOD, HTML, PLANE, html, js, loader, npm, page, script, vended, visit
from har_builder import MONITOR, POOL, Har

_USER_POOL = "eu-west-1_AbCdEf123"
_UUID = "11112222-3333-4444-8555-666677778888"
_POOL_ARN = f"arn:aws:cognito-identity:eu-west-1:111122223333:identitypool/{POOL}"
_NOT_ASKED = ("answered with 400", "DescribeIdentityPool")
_IMPORT = "import { AwsRum } from 'aws-rum-web';\n"


def _user_pool_asked() -> Har:
    har = visit(page(identityPoolId=_USER_POOL))
    har.add(
        "POST",
        f"https://cognito-identity.{_USER_POOL}.amazonaws.com/",
        0,
        sent={"x-amz-target": "AWSCognitoIdentityService.GetId"},
        body=f'{{"IdentityPoolId":"{_USER_POOL}"}}',
        net="net::ERR_NAME_NOT_RESOLVED",
    )
    return har.wait(15)


def _name_sent() -> Har:
    har = vended(visit(page(monitor="checkout-web")))
    for _ in range(2):
        har.put(400, "ValidationException", "Invalid id", monitor="checkout-web", wait=5)
    return har.wait(4)


CASES = (
    Case(
        "name-as-id",
        "terraform-provider-aws 26430, public code: the monitor's name where its id belongs",
        source=npm(monitor="checkout-web-prod"),
        verdict="broken|unproven",
        root=("monitor-exists", None),
        find={"snippet-present": "pass", "monitor-exists": "fail|unknown"},
        says=(
            "name",
            "get-app-monitor --region eu-west-1 --name checkout-web-prod",
            "app_monitor_id",
            "attrId",
        ),
        never=("cannot start the client", "GetAppMonitor \\("),
    ),
    Case(
        "name-as-id-in-a-recording",
        "the same, seen: RUM refuses each batch with 400",
        har=_name_sent,
        verdict="broken",
        root=("monitor-exists",),
        find={"guest-role-permission": "pass|skip|unknown"},
        says=("checkout-web", "get-app-monitor"),
        never=("cannot start the client",),
    ),
    Case(
        "pool-that-is-cut",
        "generated advice: 'us-east-1:abcd1234-efgh-5678' for a pool",
        source=npm(identityPoolId="eu-west-1:abcd1234-efgh-5678"),
        verdict="broken",
        root=("identity-pool", "credentials-configured"),
        says=("form region:uuid|identity pool's id",),
        wrong=("abcd1234",),
    ),
    Case(
        "user-pool",
        "the id of a user pool for that of an identity pool",
        page=page(identityPoolId=_USER_POOL),
        headers=HTML,
        verdict="broken",
        root=("identity-pool", "credentials-configured"),
        find={"csp-connect": "pass|unknown"},
        says=("user pool", "never answered"),
        never=(*_NOT_ASKED, f"--region {_USER_POOL}"),
        wrong=(_USER_POOL,),
    ),
    Case(
        "user-pool-in-a-recording",
        "the same, seen: the host that is made of it can't be resolved",
        har=_user_pool_asked,
        verdict="broken",
        root=("identity-pool", "credentials-configured"),
        says=("user pool",),
        never=("DNS list|blocklist", "no Cognito in"),
        wrong=(_USER_POOL,),
    ),
    Case(
        "bare-uuid",
        "the pool's UUID without its region",
        source=npm(identityPoolId=_UUID),
        verdict="broken",
        root=("identity-pool", "credentials-configured"),
        says=("lacks the Region",),
        never=_NOT_ASKED,
        wrong=(f"'{_UUID}'",),
    ),
    Case(
        "arn-of-the-pool",
        "the pool's ARN for its id",
        source=npm(identityPoolId=_POOL_ARN),
        verdict="broken",
        root=("identity-pool", "credentials-configured"),
        says=("ARN",),
        never=_NOT_ASKED,
        wrong=("arn:aws:cognito-identity",),
    ),
    Case(
        "version-left-out",
        "public code: new AwsRum(id, region, pool, configuration)",
        source=_IMPORT
        + f"new AwsRum('{MONITOR}', 'eu-west-1', '{POOL}', {js({**GOOD, 'endpoint': PLANE})});\n",
        verdict="broken",
        root=("endpoint-region", "snippet-present", "monitor-exists"),
        says=("shifted|application version is missing",),
        never=(f"dataplane\\.rum\\.{POOL}",),
    ),
    Case(
        "version-and-id-swapped",
        "public notes: loader('cwr', '1.0.0', id, …)",
        page=html(script(loader(monitor="1.0.0", version=MONITOR))),
        headers=HTML,
        verdict="broken",
        root=("endpoint-region", "snippet-present", "monitor-exists"),
        says=("app monitor id stands",),
        never=("looks like the monitor's name", "--name 1\\.0\\.0"),
    ),
    Case(
        "zone-for-a-region",
        "an availability zone where the region belongs",
        source=npm(region="eu-west-1a", endpoint=""),
        verdict="broken",
        root=("endpoint-region",),
        says=("Availability Zone", "'eu-west-1'"),
        wrong=("eu-west-1a",),
    ),
    Case(
        "region-that-does-not-exist",
        "eu-west-7 has no host at all",
        page=page(region="eu-west-7", endpoint="https://dataplane.rum.eu-west-7.amazonaws.com"),
        headers=HTML,
        verdict="broken",
        root=("endpoint-region",),
        find={"csp-connect": "pass|unknown"},
        says=("eu-west-7",),
        wrong=("eu-west-7",),
    ),
    Case(
        "region-misspelt",
        "us-est-1 for us-east-1",
        source=npm(
            region="us-est-1",
            endpoint="https://dataplane.rum.us-est-1.amazonaws.com",
            identityPoolId=POOL.replace("eu-west-1", "us-east-1"),
        ),
        verdict="broken",
        root=("endpoint-region",),
        says=("us-east-1",),
        wrong=("us-est-1",),
    ),
    Case(
        "endpoint-of-a-misspelt-region",
        "the region argument is right, the endpoint's host does not exist",
        source=npm(endpoint="https://dataplane.rum.eu-wset-1.amazonaws.com"),
        verdict="broken",
        root=("endpoint-region",),
        says=("does not exist", PLANE),
        never=("a proxy there decides",),
        wrong=("eu-wset-1",),
    ),
    Case(
        "endpoint-without-a-region",
        "https://dataplane.rum.amazonaws.com is no host of any region",
        source=npm(endpoint="https://dataplane.rum.amazonaws.com"),
        verdict="broken|unproven",
        find={"endpoint-region": "fail|unknown|warn"},
        says=(PLANE,),
        never=("a proxy there decides", "The client sends to eu-west-1"),
    ),
    Case(
        "endpoint-of-another-service",
        "the control plane's host where the data plane's belongs",
        source=npm(endpoint="https://rum.eu-west-1.amazonaws.com"),
        verdict="broken|unproven",
        find={"endpoint-region": "fail|unknown|warn"},
        says=(PLANE,),
        never=("a proxy there decides",),
    ),
    Case(
        "arn-of-the-monitor",
        "the monitor's ARN for its id",
        source=npm(monitor="arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"),
        verdict="broken",
        root=("monitor-exists",),
        says=("ARN", "--name shop-web"),
    ),
    Case(
        "role-by-its-name",
        "guestRoleArn holds the role's name",
        source=npm(guestRoleArn="RUM-Monitor-eu-west-1-shop-Unauth"),
        verdict="broken",
        root=("guest-role-trust", "credentials-configured", "pool-guest-role"),
        says=("ARN of an IAM role",),
        wrong=("'RUM-Monitor-eu-west-1-shop-Unauth'",),
    ),
    Case(
        "id-with-a-space",
        "an id copied with the line's end",
        page=page(monitor=f"{MONITOR} "),
        headers=HTML,
        verdict="broken",
        root=("monitor-exists", "snippet-present"),
        find={"snippet-present": "pass|fail"},
        says=(MONITOR,),
    ),
    Case(
        "pool-in-the-ids-place",
        "the pool's id where the monitor's belongs",
        source=npm(monitor=POOL),
        verdict="broken",
        root=("monitor-exists",),
        says=("identity pool",),
        never=("looks like the monitor's name",),
    ),
    Case(
        "pool-of-a-region-that-does-not-exist",
        "a pool's id whose region is misspelt",
        source=npm(identityPoolId=POOL.replace("eu-west-1", "eu-wast-1")),
        verdict="broken",
        root=("identity-pool",),
        says=("eu-west-1 meant",),
        wrong=("eu-wast-1",),
    ),
    Case(
        "endpoint-with-the-monitors-path",
        "the address of PutRumEvents, as its reference prints it, given as the endpoint",
        page=page(endpoint=f"{PLANE}/appmonitors/{MONITOR}/"),
        headers=HTML,
        verdict="broken",
        root=("endpoint-region",),
        find={"endpoint-region": "fail"},
        says=("ends in the path", f"endpoint: '{PLANE}'"),
    ),
    Case(
        "endpoint-with-a-slash",
        "a slash at the end, which the client takes away",
        page=page(endpoint=f"{PLANE}/"),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"endpoint-region": "pass|unknown", "snippet-present": "pass"},
    ),
    Case(
        "proxy-with-a-path",
        "aws-rum-web 434: a path on the site's own host is what a proxy needs",
        page=page(endpoint="https://www.shop.example/rum"),
        headers=HTML,
        verdict="unproven",
        root=(None,),
        find={"endpoint-region": "unknown"},
        never=("ends in the path",),
    ),
    Case(
        "endpoint-of-http",
        "the endpoint typed by hand with http",
        page=page(endpoint=PLANE.replace("https", "http")),
        headers=HTML,
        verdict="broken",
        root=("endpoint-region", "csp-connect"),
        find={"endpoint-region": "fail"},
        says=("one of http",),
    ),
)
