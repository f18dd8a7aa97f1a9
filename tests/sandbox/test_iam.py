"""The sandbox's IAM: roles, inline and managed policies, boundaries, and what IAM refuses."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from rumkit.sandbox.ids import ACCOUNT
from rumkit.sandbox.installation import put_events_policy, trust_policy

ROLE = "RUM-Monitor-shop-web-Unauth"
SERVICE_ROLE = "AWSServiceRoleForCloudWatchRUM"
FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonCloudWatchRUMFullAccess"
SERVICE_POLICY = "arn:aws:iam::aws:policy/aws-service-role/AmazonCloudWatchRUMServiceRolePolicy"
NO_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/nothing"
SEND = {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": "*"}
LAMBDA = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def document(*statements, version="2012-10-17"):
    return json.dumps({"Version": version, "Statement": list(statements)})


@pytest.fixture
def sandbox(sandbox_of):
    return sandbox_of()


@pytest.fixture
def iam(sandbox, client_of):
    return client_of(sandbox, "iam")


@pytest.fixture
def readable(healthy, client_of):
    return client_of(healthy, "iam")


def refused(call, **params):
    """Return the code, status and message that a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    reply = caught.value.response
    error = reply["Error"]
    return error["Code"], reply["ResponseMetadata"]["HTTPStatusCode"], error["Message"]


def test_a_role_is_made_shown_changed_and_deleted(sandbox, iam):
    made = iam.create_role(
        RoleName="other",
        Path="/team/",
        Description="for a try",
        MaxSessionDuration=7200,
        AssumeRolePolicyDocument=document(LAMBDA),
        Tags=[{"Key": "team", "Value": "web"}],
    )["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/team/other"
    assert made["RoleId"].startswith("AROA")
    assert made["CreateDate"] == sandbox.world.live()
    assert iam.get_role(RoleName="other")["Role"] == {**made, "RoleLastUsed": {}}
    iam.update_role(RoleName="other", Description="", MaxSessionDuration=3600)
    iam.tag_role(RoleName="other", Tags=[{"Key": "cost", "Value": "1"}])
    iam.untag_role(RoleName="other", TagKeys=["team"])
    shown = iam.get_role(RoleName="other")["Role"]
    assert (shown.get("Description"), shown["MaxSessionDuration"]) == (None, 3600)
    assert shown["Tags"] == iam.list_role_tags(RoleName="other")["Tags"]
    assert shown["Tags"] == [{"Key": "cost", "Value": "1"}]
    iam.delete_role(RoleName="other")
    assert refused(iam.get_role, RoleName="other")[:2] == ("NoSuchEntity", 404)


def test_a_role_made_anew_is_another_role(iam):
    ids = []
    for _ in range(2):
        made = iam.create_role(RoleName="other", AssumeRolePolicyDocument=document(LAMBDA))
        ids.append(made["Role"]["RoleId"])
        iam.delete_role(RoleName="other")
    assert ids[0] != ids[1]


def test_roles_are_listed_by_name_page_by_page_and_by_path(iam):
    for name in ("zeta", "alpha", "beta"):
        iam.create_role(RoleName=name, Path="/mine/", AssumeRolePolicyDocument=document(LAMBDA))
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2}))
    names = [role["RoleName"] for page in pages for role in page["Roles"]]
    assert names == sorted([SERVICE_ROLE, ROLE, "alpha", "beta", "zeta"])
    assert [len(page["Roles"]) for page in pages] == [2, 2, 1]
    mine = iam.list_roles(PathPrefix="/mine/")["Roles"]
    assert [role["RoleName"] for role in mine] == ["alpha", "beta", "zeta"]


def test_inline_policies_are_put_listed_and_deleted(iam):
    iam.put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=document(SEND))
    assert iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == ["RUMPutBatchMetrics", "more"]
    found = iam.get_role_policy(RoleName=ROLE, PolicyName="more")["PolicyDocument"]
    assert found["Statement"] == [SEND]
    iam.delete_role_policy(RoleName=ROLE, PolicyName="more")
    code, _, words = refused(iam.get_role_policy, RoleName=ROLE, PolicyName="more")
    assert (code, words) == ("NoSuchEntity", "The role policy with name more cannot be found.")


def test_only_the_default_version_of_a_managed_policy_decides(sandbox, iam):
    arn = iam.create_policy(PolicyName="shared", PolicyDocument=document(SEND))["Policy"]["Arn"]
    role, monitor = sandbox.installation.role, sandbox.installation.monitor
    iam.delete_role_policy(RoleName=ROLE, PolicyName="RUMPutBatchMetrics")
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    denial = document({**SEND, "Effect": "Deny"})

    def decision():
        reply = iam.simulate_principal_policy(
            PolicySourceArn=role.arn,
            ActionNames=["rum:PutRumEvents"],
            ResourceArns=[monitor.arn],
        )
        return reply["EvaluationResults"][0]["EvalDecision"]

    iam.create_policy_version(PolicyArn=arn, PolicyDocument=denial)
    assert decision() == "allowed"
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert decision() == "explicitDeny"
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=arn)
    assert decision() == "implicitDeny"


def test_a_managed_policy_keeps_five_versions_and_no_number_comes_back(iam):
    arn = iam.create_policy(PolicyName="shared", PolicyDocument=document(SEND))["Policy"]["Arn"]
    new = {"PolicyArn": arn, "PolicyDocument": document(SEND), "SetAsDefault": True}
    for _ in range(4):
        iam.create_policy_version(**new)
    code, status, words = refused(iam.create_policy_version, **new)
    assert (code, status) == ("LimitExceeded", 409)
    assert "up to 5 versions" in words
    assert refused(iam.delete_policy_version, PolicyArn=arn, VersionId="v5")[0] == "DeleteConflict"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v4")
    iam.create_policy_version(**new)
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [each["VersionId"] for each in versions] == ["v6", "v5", "v3", "v2", "v1"]
    assert [each["IsDefaultVersion"] for each in versions] == [True, *[False] * 4]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v6"


def test_what_is_in_use_is_not_deleted(iam):
    arn = iam.create_policy(PolicyName="shared", PolicyDocument=document(SEND))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    assert [each["RoleName"] for each in entities["PolicyRoles"]] == [ROLE]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert refused(iam.delete_policy, PolicyArn=arn)[:2] == ("DeleteConflict", 409)
    assert "detach all policies first" in refused(iam.delete_role, RoleName=ROLE)[2]
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=arn)
    assert "delete policies first" in refused(iam.delete_role, RoleName=ROLE)[2]
    iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=arn)
    assert refused(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    iam.delete_role_permissions_boundary(RoleName=ROLE)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(SEND))
    assert "more than one version" in refused(iam.delete_policy, PolicyArn=arn)[2]
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)
    assert refused(iam.get_policy, PolicyArn=arn)[0] == "NoSuchEntity"


def test_a_boundary_limits_a_role_from_the_moment_it_is_put(iam, sandbox):
    arn = iam.create_policy(
        PolicyName="limit", PolicyDocument=document({**SEND, "Action": "s3:GetObject"})
    )["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=arn)
    shown = iam.get_role(RoleName=ROLE)["Role"]["PermissionsBoundary"]
    assert shown == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    sandbox.advance(30)
    assert sandbox.world.accepted == []
    iam.delete_role_permissions_boundary(RoleName=ROLE)
    sandbox.advance(30)
    assert sandbox.world.accepted


def test_policies_of_aws_can_be_attached_and_read_but_not_changed(iam):
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=FULL_ACCESS)
    [attached] = iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    assert attached == {"PolicyName": "AmazonCloudWatchRUMFullAccess", "PolicyArn": FULL_ACCESS}
    version = iam.get_policy(PolicyArn=FULL_ACCESS)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=FULL_ACCESS, VersionId=version)["PolicyVersion"]
    assert found["Document"]["Statement"][0]["Action"] == ["rum:*"]
    change = {"PolicyArn": FULL_ACCESS, "PolicyDocument": document(SEND)}
    assert refused(iam.create_policy_version, **change)[:2] == ("AccessDenied", 403)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"Scope": "Local"}, {"shared"}),
        ({"Scope": "Local", "OnlyAttached": True}, set()),
        ({"OnlyAttached": True}, {"AmazonCloudWatchRUMServiceRolePolicy"}),
        ({"PathPrefix": "/aws-service-role/"}, {"AmazonCloudWatchRUMServiceRolePolicy"}),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, {"shared"}),
    ],
)
def test_policies_are_listed_by_owner_use_and_path(iam, asked, names):
    arn = iam.create_policy(PolicyName="shared", PolicyDocument=document(SEND))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=arn)
    assert {each["PolicyName"] for each in iam.list_policies(**asked)["Policies"]} == names


def test_the_role_of_the_service_is_there_and_nobody_changes_it(iam):
    shown = iam.get_role(RoleName=SERVICE_ROLE)["Role"]
    assert shown["Path"] == "/aws-service-role/rum.amazonaws.com/"
    [attached] = iam.list_attached_role_policies(RoleName=SERVICE_ROLE)["AttachedPolicies"]
    assert attached["PolicyArn"] == SERVICE_POLICY
    code, status, words = refused(iam.delete_role, RoleName=SERVICE_ROLE)
    assert (code, status) == ("UnmodifiableEntity", 400)
    assert SERVICE_ROLE in words
    taken = refused(iam.create_service_linked_role, AWSServiceName="rum.amazonaws.com")
    assert taken[0] == "InvalidInput"
    assert "has been taken" in taken[2]


def test_the_account_has_no_alias(readable):
    assert readable.list_account_aliases()["AccountAliases"] == []


POOL = "eu-west-1:00000000-0000-4000-8000-000000000000"
GUESTS = trust_policy(POOL)["Statement"][0]
ANY_POOL = {key: value for key, value in GUESTS.items() if key != "Condition"}
WITHOUT_AUD = {**GUESTS, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
COGNITO = "A condition block must be present for the Cognito provider"
TRUSTS = [
    (document(ANY_POOL), COGNITO),
    (document(WITHOUT_AUD), COGNITO),
    (document(GUESTS, ANY_POOL), COGNITO),
    ("{", "This policy contains invalid Json"),
    ("[]", "This policy contains invalid Json"),
    (document(), "Could not parse the policy: Statement is empty!"),
    (document({**LAMBDA, "Resource": "*"}), "Has prohibited field Resource"),
    (document(SEND | {"Resource": []}), "Has prohibited field Resource"),
    (document({"Effect": "Allow", "Action": "sts:AssumeRole"}), "Missing required field Principal"),
    (
        document({**LAMBDA, "Action": "rum:PutRumEvents"}),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    (document({**LAMBDA, "Effect": "allow"}), "Syntax errors in policy."),
    (document(LAMBDA, version="2012-10-18"), "The policy must contain a valid version string"),
]


@pytest.mark.parametrize(("text", "words"), TRUSTS)
def test_a_trust_policy_that_iam_would_not_save_is_refused(readable, healthy, text, words):
    before = json.dumps(healthy.installation.role.trust)
    change = {"RoleName": ROLE, "PolicyDocument": text}
    malformed = ("MalformedPolicyDocument", 400, words)
    assert refused(readable.update_assume_role_policy, **change) == malformed
    made = {"RoleName": "new", "AssumeRolePolicyDocument": text}
    assert refused(readable.create_role, **made) == malformed
    assert json.dumps(healthy.installation.role.trust) == before
    assert healthy.world.roles.get("new") is None


@pytest.mark.parametrize(
    "statement", [{**ANY_POOL, "Effect": "Deny"}, GUESTS, {**GUESTS, "Condition": {
        "StringLike": {"Cognito-Identity.amazonaws.com:AUD": [POOL]}}}],
)  # fmt: skip
def test_a_trust_policy_that_names_the_pool_or_denies_is_saved(iam, statement):
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=document(statement))
    saved = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    assert saved["Statement"] == [statement]


PERMISSIONS = [
    ("{", "Syntax errors in policy."),
    ('{"Statement": [{"Effect": "Allow"}]}', "Policy statement must contain actions."),
    (document({**SEND, "Effect": "Maybe"}), "Syntax errors in policy."),
    (document({**SEND, "Extra": 1}), "Syntax errors in policy."),
    (document({**SEND, "Condition": {"StringIs": {"a:b": "c"}}}), "Syntax errors in policy."),
    (
        document({"Effect": "Allow", "Action": "rum:PutRumEvents"}),
        "Policy statement must contain resources.",
    ),
    (
        document({**SEND, "Principal": "*"}),
        "Policy document should not specify a principal.",
    ),
    (
        document({**SEND, "Action": "PutRumEvents"}),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    (
        document({**SEND, "Resource": "shop-web"}),
        'Resource shop-web must be in ARN format or "*".',
    ),
    (
        document({**SEND, "Sid": "Once"}, {**SEND, "Sid": "Once"}),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
]


@pytest.mark.parametrize(("text", "words"), PERMISSIONS)
def test_a_permission_policy_that_iam_would_not_save_is_refused(readable, text, words):
    malformed = ("MalformedPolicyDocument", 400, words)
    put = {"RoleName": ROLE, "PolicyName": "new", "PolicyDocument": text}
    assert refused(readable.put_role_policy, **put) == malformed
    made = {"PolicyName": "new", "PolicyDocument": text}
    assert refused(readable.create_policy, **made) == malformed


def long_policy(characters):
    return document({**SEND, "Resource": [f"arn:aws:rum:::{'x' * (characters // 10)}"] * 10})


@pytest.mark.parametrize(
    ("call", "params", "words"),
    [
        ("put_role_policy", {"RoleName": ROLE, "PolicyName": "new",
         "PolicyDocument": long_policy(10_300)}, "Maximum policy size of 10240 bytes exceeded"),
        ("create_policy", {"PolicyName": "new", "PolicyDocument": long_policy(6200)},
         "PolicySize: 6144"),
        ("update_assume_role_policy", {"RoleName": ROLE, "PolicyDocument": document(
            {**LAMBDA, "Sid": "x" * 2100})}, "ACLSizePerRole: 2048"),
    ],
)  # fmt: skip
def test_a_policy_that_is_too_long_is_refused(readable, call, params, words):
    code, status, message = refused(getattr(readable, call), **params)
    assert (code, status) == ("LimitExceeded", 409)
    assert words in message


MISSING = [
    ("get_role", {"RoleName": "nobody"}, "The role with name nobody cannot be found."),
    ("list_role_policies", {"RoleName": "nobody"}, "The role with name nobody cannot be found."),
    ("delete_role_policy", {"RoleName": ROLE, "PolicyName": "no"},
     "The role policy with name no cannot be found."),
    ("get_policy", {"PolicyArn": NO_POLICY}, f"Policy {NO_POLICY} was not found."),
    ("get_policy_version", {"PolicyArn": FULL_ACCESS, "VersionId": "v9"},
     f"Policy {FULL_ACCESS} version v9 does not exist or is not attachable."),
    ("attach_role_policy", {"RoleName": ROLE, "PolicyArn": NO_POLICY},
     f"Policy {NO_POLICY} does not exist or is not attachable."),
    ("detach_role_policy", {"RoleName": ROLE, "PolicyArn": FULL_ACCESS},
     f"Policy {FULL_ACCESS} was not found."),
    ("put_role_permissions_boundary", {"RoleName": ROLE, "PermissionsBoundary": NO_POLICY},
     f"Scope ARN: {NO_POLICY} does not exist or is not attachable."),
]  # fmt: skip


@pytest.mark.parametrize(("call", "params", "words"), MISSING)
def test_what_is_not_there_is_named(readable, call, params, words):
    assert refused(getattr(readable, call), **params) == ("NoSuchEntity", 404, words)


def test_a_name_is_given_once_whatever_its_case(iam):
    again = {"RoleName": ROLE.upper(), "AssumeRolePolicyDocument": document(LAMBDA)}
    assert refused(iam.create_role, **again)[:2] == ("EntityAlreadyExists", 409)
    iam.create_policy(PolicyName="shared", PolicyDocument=document(SEND))
    again = {"PolicyName": "Shared", "Path": "/other/", "PolicyDocument": document(SEND)}
    assert refused(iam.create_policy, **again)[:2] == ("EntityAlreadyExists", 409)


def test_a_role_takes_ten_managed_policies_and_none_of_a_service(iam):
    text = document(SEND)
    for number in range(11):
        arn = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=text)["Policy"]["Arn"]
        if number < 10:
            iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    assert refused(iam.attach_role_policy, RoleName=ROLE, PolicyArn=arn)[0] == "LimitExceeded"
    of_service = {"RoleName": ROLE, "PolicyArn": SERVICE_POLICY}
    assert refused(iam.attach_role_policy, **of_service)[0] == "PolicyNotAttachable"
    pages = iam.get_paginator("list_attached_role_policies").paginate(
        RoleName=ROLE, PaginationConfig={"PageSize": 3}
    )
    assert sum(len(page["AttachedPolicies"]) for page in pages) == 10


INVALID = [
    ("get_role", {"RoleName": "no body"}, r"Value 'no body' at 'roleName'.*\[\\w\+=,.@-\]\+"),
    ("get_role", {"RoleName": "x" * 65}, "have length less than or equal to 64"),
    ("list_roles", {"MaxItems": 1001}, "have value less than or equal to 1000"),
    ("list_roles", {"Marker": "somewhere"}, "Invalid Marker"),
    ("list_policies", {"Scope": "Mine"}, r"enum value set: \[All, AWS, Local\]"),
    ("list_roles", {"PathPrefix": "mine", "MaxItems": 2000}, "^2 validation errors detected: .*; "),
]


@pytest.mark.parametrize(("call", "params", "words"), INVALID)
def test_a_value_outside_of_the_model_is_refused_in_iams_words(readable, call, params, words):
    import re

    code, status, message = refused(getattr(readable, call), **params)
    assert (code, status) == ("ValidationError", 400)
    assert re.search(words, message), message


def test_what_is_saved_is_recorded_and_what_is_refused_is_not(sandbox, iam):
    before = len(sandbox.world.journal)
    refused(iam.put_role_policy, RoleName=ROLE, PolicyName="new", PolicyDocument="{")
    text = json.dumps(put_events_policy(sandbox.installation.monitor.arn))
    iam.put_role_policy(RoleName=ROLE, PolicyName="new", PolicyDocument=text)
    [record] = sandbox.world.journal[before:]
    assert (record["eventName"], record["awsRegion"]) == ("PutRolePolicy", "us-east-1")
    assert record["requestParameters"]["policyDocument"] == text
    assert sandbox.world.defects == []


def test_nothing_of_moto_is_imported(sandbox, iam):
    import sys

    iam.list_roles()
    assert not [name for name in sys.modules if name.partition(".")[0] == "moto"]
