"""How AWS writes Regions, ids and ARNs, and what only looks like it."""

from __future__ import annotations

import re

import pytest

from rumkit import aws_names
from rumkit.aws_names import (
    IDENTITY_POOL_ID,
    MONITOR_ARN,
    POLICY_ARN,
    REGION,
    ROLE_ARN,
    TRAIL_ARN,
    UUID,
    arn_parts,
    is_account,
    is_identity_pool_id,
    is_region,
    is_region_like,
    is_role_arn,
    is_user_pool_id,
    is_uuid,
    known_regions,
)

ID = "5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5"
MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop#web_1.a"
ROLE = "arn:aws:iam::111122223333:role/service-role/RUM-Monitor+shop=1,@guest"

WRITTEN = [
    (REGION, "eusc-de-east-1"),
    (REGION, "us-isob-east-1"),
    (UUID, ID),
    (UUID, ID.upper()),
    (IDENTITY_POOL_ID, f"us-gov-west-1:{ID}"),
    (MONITOR_ARN, MONITOR),
    (MONITOR_ARN, MONITOR.replace("arn:aws:", "arn:aws-cn:")),
    (ROLE_ARN, ROLE),
    (ROLE_ARN, "arn:aws-us-gov:iam::111122223333:role/guest"),
    (POLICY_ARN, "arn:aws:iam::aws:policy/service-role/Any"),
    (POLICY_ARN, "arn:aws:iam::111122223333:policy/put-events"),
    (TRAIL_ARN, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"),
]
NOT_WRITTEN = [
    (REGION, "eu-west-1a"),
    (REGION, "EU-WEST-1"),
    (REGION, "eu-west-\u0661"),
    (REGION, "-eu-west-1"),
    (UUID, ID[:-1]),
    (UUID, f"{{{ID}}}"),
    (IDENTITY_POOL_ID, ID),
    (IDENTITY_POOL_ID, f"shop:{ID}"),
    (IDENTITY_POOL_ID, f"eu-west-1:{ID}\n"),
    (MONITOR_ARN, MONITOR.replace("111122223333", "")),
    (MONITOR_ARN, MONITOR.replace("shop", "-shop")),
    (MONITOR_ARN, MONITOR.replace("shop", "a/shop")),
    (ROLE_ARN, ROLE.replace("111122223333", "11112222333")),
    (ROLE_ARN, ROLE.replace("111122223333", "١١١١٢٢٢٢٣٣٣٣")),
    (ROLE_ARN, f"{ROLE}/"),
    (ROLE_ARN, f"{ROLE}{'x' * 64}"),
    (ROLE_ARN, ROLE.replace(":role/", ":user/")),
    (ROLE_ARN, ROLE.replace("service-role/", "a b/")),
    (POLICY_ARN, "arn:aws:iam::other:policy/x"),
    (TRAIL_ARN, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/a b"),
]


@pytest.mark.parametrize(("form", "text"), WRITTEN)
def test_what_aws_writes_has_its_form(form, text):
    assert re.fullmatch(form, text)


@pytest.mark.parametrize(("form", "text"), NOT_WRITTEN)
def test_what_only_looks_like_it_has_not(form, text):
    assert not re.fullmatch(form, text)


def test_every_region_of_aws_has_the_form_of_one():
    assert len(known_regions()) > 30
    assert all(is_region_like(region) for region in known_regions())
    assert is_region_like("eu-nowhere-9")
    assert not is_region("eu-nowhere-9")


def test_each_form_can_stand_inside_another_pattern():
    """A group or an anchor of its own would shift or break the pattern around it."""
    forms = [value for name, value in vars(aws_names).items() if name.isupper()]
    assert len([form for form in forms if isinstance(form, str)]) >= 9
    for form in forms:
        if isinstance(form, str):
            assert re.compile(form).groups == 0
            assert not form.startswith("^")
            assert not form.endswith(("$", r"\Z"))
    message = f"User: x is not authorized on resource: {MONITOR} because no policy allows it"
    assert re.search(rf"resource: ({MONITOR_ARN}) because", message)[1] == MONITOR


def test_a_pool_id_is_known_by_its_form_whatever_stands_for_the_region():
    """What is no Region is a fault of its own, which is told by its own words."""
    assert is_identity_pool_id(f"eu-west-1:{ID}")
    assert is_identity_pool_id(f"EU_West_1:{ID}")
    assert not is_identity_pool_id(ID)
    assert not is_identity_pool_id(f":{ID}")
    assert not is_identity_pool_id(f"é:{ID}")


def test_the_other_ids():
    assert is_uuid(ID)
    assert is_user_pool_id("eu-west-1_AbC123")
    assert not is_user_pool_id(f"eu-west-1:{ID}")
    assert is_account("012345678901")
    assert not is_account("12345678901")
    assert not is_account("٠١٢٣٤٥٦٧٨٩٠١")
    assert is_role_arn(ROLE)


def test_the_parts_of_an_arn():
    monitor, role = arn_parts(MONITOR), arn_parts(ROLE)
    assert (monitor.region, monitor.account, monitor.name) == (
        "eu-west-1", "111122223333", "shop#web_1.a",
    )  # fmt: skip
    assert (role.partition, role.region, role.name) == ("aws", "", "RUM-Monitor+shop=1,@guest")
