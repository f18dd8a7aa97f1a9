"""Faults of the account that people reported, and unusual accounts with which nothing is wrong."""

from __future__ import annotations

from account_case import (  # type: ignore[import-not-found]
    ARN,
    ATTACH,
    BOUND,
    DELETE_ROLE,
    DROP,
    EVERYBODY,
    GIVE,
    MONITOR,
    OTHER_POOL,
    POOL,
    ROLE,
    ROLE_ARN,
    UPDATE_POOL,
    AccountCase,
    allow,
    aws,
    deny,
    distrusted,
    healthy,
    managed,
    monitor_set,
    new_role,
    permission,
    policy,
    pool_roles,
    resource_policy,
    trust,
    trusted,
    works,
)

_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_STRANGE_POOLS = [f"eu-west-1:5a0c4c0e-1111-4222-8333-00000000000{n}" for n in "ab"]
_LAMBDA = {
    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
}  # fmt: skip
_OFFICE = {"aws:SourceIp": "198.51.100.0/24"}
_ENDPOINT = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}
_ONE_IDENTITY = {
    "cognito-identity.amazonaws.com:sub": "eu-west-1:0dd0dd00-1111-4222-8333-444444444444"
}
_RUM = "arn:aws:rum:eu-west-1:111122223333:appmonitor"
_PAGE_VIEW = (
    '[{"id":"0b7a2a7e-3c0f-4e33-9a44-6d1f8d2b1c04","timestamp":1772441990,'
    '"type":"com.amazon.rum.page_view_event","details":"{}"}]'
)
_SENT = aws(
    "rum put-rum-events --id $N --batch-id 0b7a2a7e-3c0f-4e33-9a44-6d1f8d2b1c01"
    " --app-monitor-details id=$N,version=1.0.0 --user-details"
    " userId=0b7a2a7e-3c0f-4e33-9a44-6d1f8d2b1c02,sessionId=0b7a2a7e-3c0f-4e33-9a44-6d1f8d2b1c03"
    " --rum-events",
    _PAGE_VIEW,
)
_POOL_ROLE = {"root": ("pool-guest-role",), "find": {"pool-guest-role": "fail"}, "mends": True}
_NO_GUESTS = {"root": ("identity-pool",), "find": {"identity-pool": "fail"}}
_REFUSED = {"root": ("resource-policy",), "find": {"resource-policy": "fail"}}


def _made(name: str, domain: str, *words: str) -> tuple[str, ...]:
    line = f"rum create-app-monitor --name {name} --domain {domain} --query Id --output text"
    return aws(line, *words, keep="N")


POOLS = (
    AccountCase(
        "guests-switched-off",
        "a hardening script switches guest access off and repeats the rest",
        (aws(f"{UPDATE_POOL} shop --no-allow-unauthenticated-identities --allow-classic-flow"),),
        says=("admits no guests",),
        mends=True,
        **_NO_GUESTS,
    ),
    AccountCase(
        "pool-deleted",
        "the pool was deleted: nothing brings its id back",
        (aws(f"cognito-identity delete-identity-pool --identity-pool-id {POOL}"),),
        says=("There is no identity pool", "list-identity-pools"),
        **_NO_GUESTS,
    ),
    AccountCase(
        "members-role-alone",
        "terraform-provider-aws 2356, 25330: the attachment names the authenticated role alone",
        (pool_roles(f"authenticated={ROLE_ARN}"),),
        says=("no role for guests",),
        **_POOL_ROLE,
    ),
    AccountCase(
        "role-without-its-path",
        "an ARN put together by hand leaves the role's path out",
        (pool_roles(f"unauthenticated=arn:aws:iam::111122223333:role/{ROLE}"),),
        says=("does not exist", f"another path, its ARN is {ROLE_ARN}"),
        never=("create-role",),
        **_POOL_ROLE,
    ),
    AccountCase(
        "role-made-again-without-its-path",
        "the role was made again by a tool that gives no path",
        (DROP, DELETE_ROLE, new_role(ROLE, trusted()), policy(allow())),
        never=("create-role",),
        **_POOL_ROLE,
    ),
    AccountCase(
        "role-deleted",
        "a clean-up of roles that nobody seemed to use",
        (DROP, DELETE_ROLE),
        **_POOL_ROLE,
    ),
    AccountCase(
        "role-deleted-two-hours-ago",
        "the same, and visitors came since",
        (DROP, DELETE_ROLE),
        later=120,
        **{**_POOL_ROLE, "find": {"pool-guest-role": "fail", "token-vending-failures": "fail"}},
    ),
    AccountCase(
        "new-pool-in-the-monitor-alone",
        "the monitor was given a new pool, and the page still names the old one",
        (OTHER_POOL, monitor_set(IdentityPoolId="$O")),
        verdict="degraded",
        find={"configuration-drift": "warn", "identity-pool": "pass"},
        says=("identityPoolId",),
    ),
    healthy(
        "pool-with-spaces-in-its-name",
        "a name for people, and the basic flow allowed beside the other",
        (
            aws(UPDATE_POOL, "Shop guests, prod", "--allow-unauthenticated-identities"),
            aws(f"{UPDATE_POOL} Shop --allow-unauthenticated-identities --allow-classic-flow"),
        ),
    ),
    healthy(
        "another-pool-beside",
        "partners have a pool and a role of their own",
        (
            OTHER_POOL,
            new_role("partners-guest", trusted("$O")),
            pool_roles("unauthenticated=$R", "$O"),
        ),
    ),
)

TRUSTS = (
    distrusted(
        "trust-of-another-pools-role",
        "qiita cold-wisteria: the role of the first pool is given to the second",
        OTHER_POOL,
        new_role("partners-guest", trusted("$O")),
        policy(allow(), role="partners-guest"),
        GIVE,
        says=("partners-guest",),
    ),
    distrusted(
        "role-of-a-function",
        "the pool's guest role is one that may do everything: nothing opens it",
        new_role("shop-backend", _LAMBDA),
        policy(_EVERYTHING, role="shop-backend"),
        GIVE,
        says=("shop-backend",),
        mends=False,
        kept_shut=("shop-backend",),
    ),
    distrusted(
        "assume-role-instead",
        "LambdAuth 4: sts:AssumeRole where AssumeRoleWithWebIdentity belongs",
        trust(trusted(action="sts:AssumeRole")),
        says=("sts:AssumeRole; a browser's guest needs",),
    ),
    distrusted(
        "members-instead-of-guests",
        "amazon-cognito-auth-js 196: amr asks for people who signed in",
        trust(trusted(amr="authenticated")),
        says=("a guest is `unauthenticated`",),
    ),
    distrusted(
        "user-pool-as-audience",
        "the id of the user pool stands where the identity pool's belongs",
        trust(trusted("eu-west-1_Kx7mQ2pLd")),
        says=("user pool `eu-west-1_Kx7mQ2pLd`",),
    ),
    distrusted(
        "pools-of-other-stages",
        "one template for all stages lists all of them but this one",
        trust(trusted(_STRANGE_POOLS)),
        says=("5a0c4c0e",),
    ),
    distrusted(
        "service-of-user-pools",
        "the console's wizard for services, with Cognito chosen",
        trust(trusted() | {"Principal": {"Service": "cognito-idp.amazonaws.com"}}),
    ),
    distrusted(
        "one-identity-alone",
        "somebody pinned the trust to the identity that they saw in a token",
        trust(trusted(more={"StringEquals": _ONE_IDENTITY})),
        says=("each browser is given its own identity",),
        wrong=("00000000-0000-0000-0000-000000000000",),
    ),
    distrusted(
        "guests-denied",
        "a Deny of guests beside the Allow: it is somebody's will, and stays",
        trust(trusted(), trusted() | {"Sid": "MembersOnly", "Effect": "Deny"}),
        says=("MembersOnly",),
        mends=False,
        kept_shut=(ROLE,),
    ),
    distrusted(
        "trust-that-ended",
        "a trial with an end",
        trust(trusted(more={"DateLessThan": {"aws:CurrentTime": "2026-02-28T00:00:00Z"}})),
        says=("2026-02-28",),
        mends=False,
    ),
    distrusted(
        "trust-broken-two-hours-ago",
        "visitors came since, and each was refused",
        trust(trusted(amr="authenticated")),
        later=120,
        find={"guest-role-trust": "fail", "token-vending-failures": "fail"},
    ),
    healthy(
        "trust-of-several-pools",
        "one role for the guests of two sites",
        (trust(trusted([_STRANGE_POOLS[0], POOL])),),
    ),
    healthy(
        "trust-in-other-operators",
        "the same conditions by other operators, and a function beside",
        (
            trust(
                trusted(operators=("StringEqualsIgnoreCase", "ForAnyValue:StringEquals")),
                _LAMBDA,
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "sts:*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            ),
        ),
    ),
    healthy(
        "trust-until-next-year",
        "a trial that has not ended",
        (trust(trusted(more={"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}})),),
    ),
    healthy(
        "role-in-a-path-of-its-own",
        "a role with path, dots, tags and a long session",
        (
            new_role("rum.guest_web", trusted(), path="/observability/rum/"),
            policy(allow(), role="rum.guest_web", name="put@rum"),
            aws("iam tag-role --role-name rum.guest_web --tags", "Key=team,Value=web ops"),
            aws("iam update-role --role-name rum.guest_web --max-session-duration 43200"),
            GIVE,
        ),
    ),
)

PERMISSIONS = (
    permission("policy-deleted", "the inline policy is gone", DROP),
    permission(
        "policy-deleted-two-hours-ago",
        "the same, and visitors came since",
        DROP,
        later=120,
        find={"guest-role-permission": "fail", "put-events-denied": "fail"},
    ),
    permission(
        "resource-below-the-monitor",
        "a star after a slash, as buckets have it",
        policy(allow(f"{ARN}/*")),
        says=(r"shop-web/\*",),
    ),
    permission(
        "resource-of-another-account",
        "the module was copied with its account",
        policy(allow(f"{_RUM}/shop-web".replace("111122223333", "444455556666"))),
        says=("444455556666",),
    ),
    permission(
        "resource-without-a-region",
        "an ARN as IAM's, with no Region",
        policy(allow(ARN.replace("eu-west-1", ""))),
        says=("names region",),
    ),
    permission(
        "resource-in-other-case",
        "names of monitors count upper and lower case",
        policy(allow(f"{_RUM}/Shop-Web")),
        says=("upper and lower case",),
    ),
    permission(
        "action-misspelt",
        "one letter is missing: what the role holds is nothing, so it may be changed",
        policy(allow(action="rum:PutRumEvent")),
        says=(r"written rum:PutRumEvent;",),
    ),
    permission(
        "actions-of-other-services",
        "permissions that RUM's own role needs, given to the guests'",
        policy(allow("*", ["cloudwatch:PutMetricData", "xray:PutTraceSegments"])),
        mends=False,
    ),
    permission(
        "resource-by-a-tag-that-is-not-there",
        "a variable for a tag that the role does not have",
        policy(allow(f"{_RUM}/${{aws:PrincipalTag/app}}")),
        says=("PrincipalTag",),
        mends=False,
    ),
    permission(
        "only-for-tagged-roles",
        "a condition on a tag that the role does not have",
        policy(allow(condition={"StringEquals": {"aws:PrincipalTag/plan": "beta"}})),
        mends=False,
    ),
    AccountCase(
        "only-through-a-vpc-endpoint",
        "the policy of an internal page on a public one: some visitors may get through",
        (policy(allow(condition=_ENDPOINT)),),
        verdict="degraded",
        find={"guest-role-permission": "warn"},
        says=("vpce-0a1b2c3d4e5f60718", "answered 403"),
    ),
    permission(
        "only-through-a-vpc-endpoint-two-hours-later",
        "nobody did",
        policy(allow(condition=_ENDPOINT)),
        later=120,
        says=("vpce-0a1b2c3d4e5f60718", "no identity-based policy allows"),
        mends=False,
    ),
    permission(
        "permission-that-ended",
        "a trial with an end",
        policy(allow(condition={"DateLessThan": {"aws:CurrentTime": "2026-03-01T00:00:00Z"}})),
        says=("2026-03-01",),
        mends=False,
    ),
    permission(
        "managed-policy-at-its-first-version",
        "somebody went back to the version that names another monitor",
        DROP,
        managed("ShopRumPut", allow(f"{_RUM}/shop-beta")),
        ATTACH,
        aws(
            "iam create-policy-version --policy-arn $P --set-as-default --policy-document",
            '{"Version":"2012-10-17","Statement":'
            f'[{{"Effect":"Allow","Action":"rum:PutRumEvents","Resource":"{ARN}"}}]}}',
        ),
        aws("iam set-default-policy-version --policy-arn $P --version-id v1"),
        says=("shop-beta",),
    ),
    permission(
        "managed-policy-denies",
        "a guardrail attached to every role",
        managed(
            "NoPublicWrites",
            {
                "Sid": "NoPublicWrites",
                "Effect": "Deny",
                "Action": ["s3:Put*", "rum:Put*"],
                "Resource": "*",
            },
            path="/guardrails/",
        ),
        ATTACH,
        says=("NoPublicWrites",),
    ),
    permission(
        "denied-outside-another-region",
        "a copied statement for the home Region of another team",
        policy(
            allow(),
            {
                "Sid": "HomeRegion",
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}},
            },
        ),
        says=("eu-central-1",),
    ),
    permission(
        "boundary-of-another-region",
        "the developers' boundary allows one Region",
        managed(
            "developer-boundary",
            _EVERYTHING | {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}},
        ),
        BOUND,
        says=("developer-boundary",),
    ),
    permission(
        "permission-on-the-members-role",
        "the pool's guests have the role that Cognito's console makes, with its defaults",
        new_role("shop-unauth", trusted()),
        policy(
            allow("*", ["mobileanalytics:PutEvents", "cognito-sync:*"]),
            role="shop-unauth",
            name="defaults",
        ),
        pool_roles(f"unauthenticated=$R,authenticated={ROLE_ARN}"),
        says=("shop-unauth",),
    ),
    permission(
        "read-only-access-attached",
        "AWS's policy for people who look, given to those who send",
        DROP,
        aws(
            f"iam attach-role-policy --role-name {ROLE} --policy-arn"
            " arn:aws:iam::aws:policy/AmazonCloudWatchRUMReadOnlyAccess"
        ),
        says=("and 4 more, not for rum:PutRumEvents",),
        mends=False,
    ),
    works(
        "full-access-attached",
        "it works, and guests may delete the monitor",
        (
            DROP,
            aws(
                f"iam attach-role-policy --role-name {ROLE} --policy-arn"
                " arn:aws:iam::aws:policy/AmazonCloudWatchRUMFullAccess"
            ),
        ),
        find={"guest-role-permission": "warn"},
        says=("more than that",),
    ),
    healthy(
        "customer-managed-policy",
        "the permission in a managed policy with a path",
        (DROP, managed("ShopRum.Put", allow(), path="/rum/"), ATTACH),
    ),
    healthy(
        "stricter-policy-that-holds",
        "conditions on TLS, Region, date and a tag, beside Deny statements of other things",
        (
            aws(f"iam tag-role --role-name {ROLE} --tags Key=app,Value=shop"),
            policy(
                allow(
                    condition={
                        "Bool": {"aws:SecureTransport": "true"},
                        "StringEquals": {
                            "aws:RequestedRegion": "eu-west-1",
                            "aws:PrincipalTag/app": "shop",
                        },
                        "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
                    }
                ),
                allow("*", "s3:*") | {"Effect": "Deny"},
                allow(f"{_RUM}/shop-admin", "rum:*") | {"Effect": "Deny"},
                {"Effect": "Deny", "NotAction": "rum:PutRumEvents", "Resource": "*"},
            ),
        ),
    ),
    healthy(
        "boundary-that-lets-it-pass",
        "a boundary with RUM in it",
        (managed("web-boundary", allow("*", ["rum:PutRumEvents", "xray:*"])), BOUND),
    ),
    works(
        "monitors-by-a-prefix",
        "one policy for all monitors of the shop",
        (policy(allow(f"{_RUM}/shop-*")),),
    ),
    works(
        "permission-by-the-resource-policy",
        "the role lost its policy, and the monitor admits everybody",
        (DROP, resource_policy(EVERYBODY)),
        find={"guest-role-permission": "pass|warn"},
    ),
)

MONITORS = (
    AccountCase(
        "monitor-deleted",
        "a stack was deleted with its monitor",
        (aws(f"rum delete-app-monitor --name {MONITOR}"),),
        root=("monitor-exists",),
        says=(r"deleted at 2026-03-02T08:59:59Z \(DeleteAppMonitor\)",),
    ),
    AccountCase(
        "monitor-made-again",
        "a change that replaces the monitor: the name stays, the id does not",
        (
            aws(f"rum delete-app-monitor --name {MONITOR}"),
            _made(MONITOR, "www.shop.example"),
            monitor_set(),
        ),
        root=("monitor-exists",),
        says=(r"made at 2026-03-02T08:59:59Z \(CreateAppMonitor\)",),
        mends=True,
    ),
    AccountCase(
        "domains-of-the-new-site",
        "the list names the site's next address, and events arrived until now",
        (aws(f"rum update-app-monitor --name {MONITOR} --domain-list *.shop.test shop.test"),),
        verdict="degraded",
        find={"monitor-domain": "warn"},
        says=("www.shop.example is not on",),
    ),
    AccountCase(
        "domains-of-the-new-site-later",
        "and none does since",
        (aws(f"rum update-app-monitor --name {MONITOR} --domain-list *.shop.test shop.test"),),
        later=180,
        root=("monitor-domain",),
        mends=True,
    ),
    AccountCase(
        "sample-rate-of-the-monitor",
        "the monitor's rate of 0 feeds the generated snippet alone",
        (monitor_set(SessionSampleRate=0),),
        verdict="degraded",
        find={"configuration-drift": "warn", "session-sample-rate": "pass|warn"},
    ),
    AccountCase(
        "pool-that-is-gone-in-the-monitor",
        "the monitor names a pool that nobody has, and the page another",
        (monitor_set(IdentityPoolId="eu-west-1:dead0000-1111-4222-8333-000000000000"),),
        verdict="degraded",
        find={"configuration-drift": "warn", "identity-pool": "pass"},
    ),
    permission(
        "monitor-that-never-had-an-event",
        "a new monitor with the old pool and role: the guide's own case",
        _made(
            "new.checkout#2",
            "pay.shop.example",
            "--app-monitor-configuration",
            f"IdentityPoolId={POOL}",
        ),
        says=("new.checkout#2",),
        alone="new.checkout#2",
        mends=False,
    ),
    AccountCase(
        "monitor-of-an-app",
        "a monitor of a mobile app, with no event yet: there is no page to look at",
        (_made("shop-android", "shop.example", "--platform", "Android"),),
        root=("events-arriving",),
        find={"snippet-present": "skip", "csp-connect": "skip"},
        says=("the app's own log",),
        never=("developer tools",),
        alone="shop-android",
    ),
    works(
        "resource-policy-instead-of-a-pool",
        "a monitor with dots in its name, and no pool: everybody may send",
        (
            _made("status.page", "status.shop.example"),
            resource_policy(EVERYBODY | {"Resource": f"{_RUM}/status.page"}, monitor="status.page"),
            _SENT,
        ),
        find={"events-arriving": "pass"},
        alone="status.page",
    ),
    healthy(
        "several-domains-tags-and-a-namesake",
        "wildcards and addresses, no copy in the logs, and a monitor of the same name elsewhere",
        (
            aws(
                f"rum update-app-monitor --name {MONITOR} --no-cw-log-enabled"
                " --domain-list localhost *.shop.example shop.* 192.0.2.10"
            ),
            aws(f"rum tag-resource --resource-arn {ARN} --tags team=web,cost=42"),
            aws(f"rum create-app-monitor --region us-east-1 --name {MONITOR} --domain a.example"),
        ),
    ),
)

RESOURCE_POLICIES = (
    AccountCase(
        "all-but-the-office-shut-out",
        "RUM, resource policies: the sample with NotIpAddress",
        (resource_policy(EVERYBODY, deny({"NotIpAddress": _OFFICE})),),
        verdict="degraded",
        find={"resource-policy": "warn", "guest-role-permission": "skip"},
        says=("198.51.100.0/24",),
    ),
    AccountCase(
        "all-but-the-office-shut-out-later",
        "nobody came from there",
        (resource_policy(EVERYBODY, deny({"NotIpAddress": _OFFICE})),),
        later=120,
        says=("198.51.100.0/24",),
        **_REFUSED,
    ),
    AccountCase(
        "alias-that-is-not-sent",
        "a Deny that spares one alias: the client sends none",
        (resource_policy(EVERYBODY, deny({"StringNotEquals": {"rum:alias": "web-prod"}})),),
        says=("alias: 'web-prod'",),
        mends=True,
        **_REFUSED,
    ),
    AccountCase(
        "referer-of-the-bare-domain",
        "DarkHours 41: the policy names the site without www",
        (
            resource_policy(
                EVERYBODY, deny({"StringNotLike": {"aws:Referer": "https://shop.example/*"}})
            ),
        ),
        says=("https://shop.example/",),
        **_REFUSED,
    ),
    AccountCase(
        "role-denied",
        "a Deny that names the guest role",
        (resource_policy(deny(principal={"AWS": ROLE_ARN})),),
        mends=True,
        **_REFUSED,
    ),
    healthy(
        "one-network-shut-out",
        "a crawler's network is denied, all others may send",
        (resource_policy(EVERYBODY, deny({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),),
    ),
    healthy(
        "alias-for-others",
        "partners send with an alias; the site's own role needs none",
        (resource_policy(EVERYBODY | {"Condition": {"StringEquals": {"rum:alias": "partner"}}}),),
    ),
)

CASES = (*POOLS, *TRUSTS, *PERMISSIONS, *MONITORS, *RESOURCE_POLICIES)
