"""What an investigation needs to be allowed, by trail source, each action as narrow as IAM has it.

Beside the reads of `aws.reads` these are permissions that AWS services ask of the caller when
they do something for it. Sources: Athena user guide, "Allow access to the Athena workgroup and
Glue"; CloudTrail user guide, "Identity-based policy examples for CloudTrail Lake"; Lake Formation
developer guide, "Underlying data access control"; the resources are those of the Service
Authorization Reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rumkit.aws.reads import ORGANIZATION, READS

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCES: Final = ("auto", "none", "lookup", "logs", "athena", "lake", "s3", "files")


@dataclass(frozen=True)
class Grant:
    """A permission that an AWS service asks of the caller; `resources` may hold names as a Read's.

    `only` says when it is needed, "" where always.
    """

    action: str
    resources: tuple[str, ...]
    why: str
    sources: frozenset[str]
    only: str = ""


_ATHENA: Final = frozenset({"athena"})
_CATALOG: Final = ("arn:{p}:glue:*:*:catalog", "arn:{p}:glue:*:*:database/{database}")
_TABLE: Final = (*_CATALOG, "arn:{p}:glue:*:*:table/{database}/{table}")
_BUCKETS: Final = ("arn:{p}:s3:::*",)
_OBJECTS: Final = ("arn:{p}:s3:::*/*",)
_KEYS: Final = ("arn:{p}:kms:*:*:key/*",)
_ENCRYPTED: Final = "where the files or results are encrypted with a KMS key"

GRANTS: Final = (
    Grant("glue:GetDatabase", _CATALOG, "the table's description", _ATHENA),
    Grant("glue:GetTable", _TABLE, "the table's description", _ATHENA),
    Grant("glue:GetPartitions", _TABLE, "the table's partitions", _ATHENA),
    Grant("s3:GetBucketLocation", _BUCKETS, "the trail's and the results' bucket", _ATHENA),
    Grant("s3:ListBucket", _BUCKETS, "the trail's and the results' bucket", _ATHENA),
    Grant("s3:GetObject", _OBJECTS, "the trail's files and the query's result", _ATHENA),
    Grant("s3:PutObject", _OBJECTS, "Athena writes the query's result for the caller", _ATHENA),
    Grant(
        "lakeformation:GetDataAccess",
        ("*",),
        "the trail's files",
        _ATHENA,
        "where Lake Formation governs the table",
    ),
    Grant("kms:Decrypt", _KEYS, "the trail's files", frozenset({"athena", "s3"}), _ENCRYPTED),
    Grant("kms:GenerateDataKey", _KEYS, "the query's result", _ATHENA, _ENCRYPTED),
    Grant(
        "kms:Decrypt",
        _KEYS,
        "CloudTrail Lake",
        frozenset({"lake"}),
        "where the event data store is encrypted with a KMS key",
    ),
    Grant(
        "kms:GenerateDataKey",
        _KEYS,
        "CloudTrail Lake",
        frozenset({"lake"}),
        "where the event data store is encrypted with a KMS key",
    ),
    Grant("sts:AssumeRole", ("arn:{p}:iam::*:role/{role}",), "each of its accounts", ORGANIZATION),
)


@dataclass(frozen=True)
class Permission:
    """One action with its resources: what it is for, and when it is needed ("" for always)."""

    action: str
    resources: tuple[str, ...]
    why: str
    only: str = ""


def permissions(
    partition: str = "aws", trail: str = "auto", organization: str = ""
) -> tuple[Permission, ...]:
    """Return what an investigation with a trail source needs, a source's own names filled in.

    `trail` is what `--trail` takes, or a source's bare name (`athena`) for any of its kind.
    `organization` adds what a fleet needs to find the accounts of an organization and to assume
    the role of this name in each.
    """
    source, names = _source(trail)
    fill = {"p": partition, "role": organization, **names}
    wanted = {source} | (ORGANIZATION if organization else set())
    by_name: dict[str, Permission] = {}
    for read in READS:
        if not read.sources or wanted & read.sources:
            resources = (read.resource.format(**fill),)
            _add(by_name, Permission(read.action, resources, read.why))
    for grant in GRANTS:
        if wanted & grant.sources:
            named = tuple(each.format(**fill) for each in grant.resources)
            _add(by_name, Permission(grant.action, named, grant.why, grant.only))
    return tuple(by_name.values())


def policy(
    partition: str = "aws", trail: str = "auto", organization: str = ""
) -> dict[str, object]:
    """Return the least-privilege IAM policy document: a statement for each set of resources."""
    by_resources: dict[tuple[str, ...], set[str]] = {}
    for each in permissions(partition, trail, organization):
        by_resources.setdefault(tuple(sorted(each.resources)), set()).add(each.action)
    statements = [
        {
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": resources[0] if len(resources) == 1 else list(resources),
        }
        for resources, actions in sorted(by_resources.items())
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _add(by_name: dict[str, Permission], new: Permission) -> None:
    """Put a permission beside those of the same action: its resources are added to theirs."""
    old = by_name.get(new.action)
    if old is None:
        by_name[new.action] = new
        return
    resources = tuple(dict.fromkeys((*old.resources, *new.resources)))
    why = old.why if new.why == old.why else f"{old.why}; {new.why}"
    only = old.only if old.only and new.only else ""
    by_name[new.action] = Permission(new.action, resources, why, only)


def _source(trail: str) -> tuple[str, Mapping[str, str]]:
    """Return the kind of a trail source and the names that it holds, `*` for those it does not."""
    names = dict.fromkeys(("store", "workgroup", "database", "table", "bucket"), "*")
    kind, colon, rest = trail.partition(":")
    if trail.startswith("s3://"):
        return "s3", names | {"bucket": urlsplit(trail).netloc or "*"}
    if kind not in SOURCES:
        return "files", names
    if kind == "lake" and colon:
        names["store"] = rest.rsplit("/", 1)[-1] or "*"
    if kind == "athena" and colon:
        table, _, workgroup = rest.partition("@")
        parts = table.split(".")
        names |= {"workgroup": workgroup or "primary", "table": parts[-1]}
        names["database"] = parts[-2] if len(parts) > 1 else "*"
    return kind, names
