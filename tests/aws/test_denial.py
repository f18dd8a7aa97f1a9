"""What AWS's message says of the policy that denied."""

from __future__ import annotations

import pytest

from rumkit.aws.denial import denial_of, in_short

SCP = "arn:aws:organizations::999988887777:policy/o-abcd1234ef/service_control_policy/p-1a2b3c4d"


@pytest.mark.parametrize(
    ("clause", "layer", "explicit", "name"),
    [
        ("because no identity-based policy allows the rum:PutRumEvents action", "identity", False,
         ""),
        ("because no session policy allows the rum:PutRumEvents action", "session", False, ""),
        ("because no permissions boundary allows the rum:PutRumEvents action", "boundary", False,
         ""),
        ("because no VPC endpoint policy allows the rum:PutRumEvents action", "endpoint", False,
         ""),
        ("with an explicit deny in a permissions boundary", "boundary", True, ""),
        ("with an explicit deny in an identity-based policy", "identity", True, ""),
        ("with an explicit deny in a resource-based policy", "resource", True, ""),
        ("with an explicit deny in a resource control policy", "organisation", True, ""),
        (f"with an explicit deny in a service control policy: {SCP}", "organisation", True,
         "p-1a2b3c4d"),
    ],
)  # fmt: skip
def test_the_clause_names_the_layer(clause: str, layer: str, explicit: bool, name: str) -> None:
    denial = denial_of(f"User: u is not authorized to perform: rum:PutRumEvents {clause}")
    assert denial is not None
    assert (denial.layer, denial.explicit, denial.name) == (layer, explicit, name)
    assert clause.startswith(denial.words)


@pytest.mark.parametrize(
    "message", ["", "Rate exceeded", "User: u is not authorized to perform: a:B"]
)
def test_a_message_without_a_clause_names_none(message: str) -> None:
    assert denial_of(message) is None


def test_a_message_in_short_keeps_who_what_where_and_why() -> None:
    message = (
        "User: arn:aws:sts::111122223333:assumed-role/RUM-Unauth/CognitoIdentityCredentials is not"
        " authorized to perform: rum:PutRumEvents on resource: arn:aws:rum:eu-west-1:111122223333:"
        "appmonitor/shop because no VPC endpoint policy allows the rum:PutRumEvents action"
    )
    assert in_short(message) == (
        "RUM-Unauth is not authorized to perform: rum:PutRumEvents on appmonitor/shop (eu-west-1,"
        " account 111122223333) because no VPC endpoint policy allows the rum:PutRumEvents action"
    )
    assert in_short("Rate exceeded") == "Rate exceeded"
