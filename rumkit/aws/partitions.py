"""AWS partitions: which one a region lies in, its host names, Cognito's names there, and ARNs.

Sources: botocore's partitions.json; AWS General Reference, "AWS Management Console endpoints";
AWS GovCloud (US), China and European Sovereign Cloud user guides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAX_ARN = 2048
_MAX_HOST = 255


@dataclass(frozen=True)
class Partition:
    """One partition, as botocore's partitions.json describes it.

    `home` is the Region that records the calls of global services such as IAM, `console` the
    console's own domain.
    """

    name: str
    dns_suffix: str
    dual_stack_suffix: str
    regions: str
    home: str
    console: str


PARTITIONS = (
    Partition(
        "aws-us-gov",
        "amazonaws.com",
        "api.aws",
        r"us-gov-[a-z]+-\d",
        "us-gov-west-1",
        "console.amazonaws-us-gov.com",
    ),
    Partition(
        "aws-cn",
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
        r"cn-[a-z]+-\d",
        "cn-north-1",
        "console.amazonaws.cn",
    ),
    Partition(
        "aws-eusc",
        "amazonaws.eu",
        "api.amazonwebservices.eu",
        r"eusc-[a-z]{2}-[a-z]+-\d",
        "eusc-de-east-1",
        "console.amazonaws-eusc.eu",
    ),
    Partition(
        "aws",
        "amazonaws.com",
        "api.aws",
        r"[a-z]{2}-[a-z]+-\d",
        "us-east-1",
        "console.aws.amazon.com",
    ),
)
COMMERCIAL = PARTITIONS[-1]
_GOVERNMENT = PARTITIONS[0]


def partition_of(region: str) -> Partition:
    """Return the partition of a region; an unknown region counts as commercial."""
    for partition in PARTITIONS:
        if re.fullmatch(partition.regions, region):
            return partition
    return COMMERCIAL


def service_host(service: str, region: str, *, dual_stack: bool = False) -> str:
    """Return the host of a service in a Region: `sts.eu-west-1.amazonaws.com`."""
    partition = partition_of(region)
    suffix = partition.dual_stack_suffix if dual_stack else partition.dns_suffix
    return f"{service}.{region}.{suffix}"


def data_plane_host(region: str, *, dual_stack: bool = False) -> str:
    """Return the host that browsers send events to."""
    return service_host("dataplane.rum", region, dual_stack=dual_stack)


def data_plane_hosts(region: str) -> tuple[str, ...]:
    """Return every host of the data plane in a Region, the one that is meant by default first."""
    services = ("dataplane.rum", "dataplane.rum-fips")
    return tuple(
        service_host(service, region, dual_stack=dual_stack)
        for service in services
        for dual_stack in (False, True)
    )


def region_of_host(host: str) -> str:
    """Return the Region in the name of a service's host, "" where it is not such a name.

    Reads hosts of all partitions, of both stacks and with FIPS: SERVICE.REGION.SUFFIX.
    """
    name = host.lower().rstrip(".")[:_MAX_HOST]
    for partition in PARTITIONS:
        for suffix in (partition.dns_suffix, partition.dual_stack_suffix):
            service, dot, region = name.removesuffix(f".{suffix}").rpartition(".")
            there = name.endswith(f".{suffix}") and dot and service
            if there and _is_region(region) and partition_of(region) is partition:
                return region
    return ""


def console_url(region: str, path: str) -> str:
    """Return the address of a page of the console of a Region; `path` is what follows the host."""
    partition = partition_of(region)
    regional = f"{region}." if partition in {COMMERCIAL, _GOVERNMENT} else ""
    return f"https://{regional}{partition.console}/{path.lstrip('/')}"


def canonical_source(source: str) -> str:
    """Return a CloudTrail event source without its partition: `sts.amazonaws.com` everywhere."""
    for suffix in (".amazonaws.com.cn", ".amazonaws.eu"):
        if source.endswith(suffix):
            return f"{source.removesuffix(suffix)}.amazonaws.com"
    return source


# The Regions that every account has switched on; those opened since March 2019 are opt-in.
# AWS Account Management reference guide, "Enable or disable AWS Regions in your account".
_ALWAYS_ON = frozenset(
    {"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-south-1", "ap-northeast-1",
     "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
     "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1"}
)  # fmt: skip


def is_opt_in(region: str) -> bool:
    """Tell whether an account has to switch a Region on before it can be used."""
    return partition_of(region) is COMMERCIAL and region not in _ALWAYS_ON and _is_region(region)


def _is_region(text: str) -> bool:
    return any(re.fullmatch(partition.regions, text) for partition in PARTITIONS)


@dataclass(frozen=True)
class CognitoProvider:
    """The name under which Cognito's tokens are trusted: Federated principal and key prefix.

    `certain` is false where AWS publishes no example for the partition.
    """

    name: str
    certain: bool = True

    def key(self, claim: str) -> str:
        """Return the condition key of a claim: `aud`, `amr` or `sub`."""
        return f"{self.name}:{claim}"


_PROVIDERS = {
    # AWS GovCloud (US) User Guide, "Amazon Cognito in AWS GovCloud (US)".
    "us-gov-west-1": CognitoProvider("cognito-identity-us-gov.amazonaws.com"),
    "us-gov-east-1": CognitoProvider("cognito-identity.us-gov-east-1.amazonaws.com"),
    # The AWS Mobile SDK for Android names this one; Cognito has no other region in China.
    "cn-north-1": CognitoProvider("cognito-identity.cn-north-1.amazonaws.com.cn"),
}


def cognito_provider(region: str) -> CognitoProvider:
    """Return the provider name for identity pools of a region."""
    known = _PROVIDERS.get(region)
    if known:
        return known
    partition = partition_of(region)
    if partition is COMMERCIAL:
        return CognitoProvider("cognito-identity.amazonaws.com")
    return CognitoProvider(f"cognito-identity.{partition.dns_suffix}", certain=False)


_COGNITO_NAME = re.compile(r"(?i)cognito-?identity[a-z0-9.-]{0,40}\.amazon[a-z0-9.-]{1,30}")


def is_cognito_name(name: str) -> bool:
    """Tell whether a text looks like Cognito's provider name in any partition, spelt at all."""
    return bool(_COGNITO_NAME.fullmatch(name.strip()[:120]))


@dataclass(frozen=True)
class Arn:
    """The six parts of an ARN."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn | None:
    """Split an ARN, or answer None when the text is not one."""
    parts = text.split(":", 5) if len(text) <= _MAX_ARN else []
    if len(parts) != 6 or parts[0] != "arn":
        return None
    return Arn(*parts[1:])


def account_of(arn: str) -> str:
    """Return the account in an ARN, an empty text where the text is no ARN."""
    parsed = parse_arn(arn)
    return parsed.account if parsed else ""


def app_monitor_arn(region: str, account: str, name: str) -> str:
    """Return the ARN of an app monitor, which holds its name and never its id."""
    return f"arn:{partition_of(region).name}:rum:{region}:{account}:appmonitor/{name}"


def identity_pool_arn(account: str, pool_id: str) -> str:
    """Return the ARN of an identity pool; its region is the first part of its id."""
    region = pool_region(pool_id)
    partition = partition_of(region).name
    return f"arn:{partition}:cognito-identity:{region}:{account}:identitypool/{pool_id}"


def pool_region(pool_id: str) -> str:
    """Return the region of an identity pool, or an empty text when the id has none."""
    region, colon, _ = pool_id.partition(":")
    return region if colon else ""


def session_arn(role_arn: str, session_name: str) -> str:
    """Return the ARN of a role session: service sts, the role's name without its path."""
    role = parse_arn(role_arn)
    if role is None:
        return ""
    name = role.resource.rpartition("/")[2]
    return f"arn:{role.partition}:sts::{role.account}:assumed-role/{name}/{session_name}"
