"""A file of targets: what it says is taken, and each mistake is told with its line and key."""

from __future__ import annotations

from datetime import date

import pytest

from rumkit.fleet.plan import Accepted, KnownMonitor, Reach
from rumkit.fleet.targets_file import read_targets
from rumkit.model import BadInput

WHOLE = """\
defaults: {since: 3d, trail: lookup}
accounts:
  - name: production
    profile: prod
    regions: [eu-west-1, us-east-1]
    monitors: ["shop-*"]
    tags: {team: shop}
    owner: web team
  - name: partner
    profile: hub
    region: eu-west-1
    role:
      - arn:aws:iam::111122223333:role/hub
      - arn:aws:iam::444455556666:role/reader
    external_id: "4711"
    session_name: night
monitors:
  - monitor: shop-web
    account: production
    page: https://www.shop.example/
    owner: shop team
    traffic: cloudfront:E1234567890ABC
accepted:
  - {check: xray-header, monitor: "shop-*", reason: no traces wanted, until: 2026-12-31}
"""

MISTAKES = [
    ("accounts:\n  - profile: prod\n    regoins: [eu-west-1]", 3,
     "accounts[1].regoins is not known; did you mean regions?"),
    ("acounts: []", 1, "acounts is not known; did you mean accounts?"),
    ("accounts: prod", 1, "accounts is a list, not 'prod'"),
    ("- prod", 1, "the file is a mapping of defaults"),
    ("accounts:\n  - prod", 2, "accounts[1] is a mapping of name"),
    ("accounts:\n  - {regions: [eu-west-1]}", 2, "accounts[1] names neither a profile nor a name"),
    ("accounts:\n  - profile: 7", 2, "accounts[1].profile is a text, not 7 (put it in quotes)"),
    ("accounts:\n  - profile: prod\n    regions: [eu-west-1, 7]", 3,
     "accounts[1].regions[2] is a text, not 7"),
    ("accounts:\n  - profile: prod\n    region: a\n    regions: [b]", 4, "stands beside region"),
    ("accounts:\n  - profile: prod\n    role: reader", 3, "is the ARN of a role, not 'reader'"),
    ("accounts:\n  - profile: prod\n    external_id: x", 3, "belongs to a role"),
    ("accounts:\n  - profile: prod\n    organization: arn:aws:iam::1:role/x", 3,
     "accounts[1].organization is the name of a role that each account has"),
    ("accounts:\n  - profile: prod\n  - profile: prod", 3,
     "accounts[2] (prod) stands in line 2 already"),
    ("accounts:\n  - profile: prod\n    profile: stage", 3, "profile stands in line 2 already"),
    ("monitors:\n  - monitor: shop\n  - monitor: shop", 3,
     "monitors[2] (shop) stands in line 2 already"),
    ("monitors:\n  - page: https://x/", 2, "monitors[1] names no monitor"),
    ("accounts:\n  - profile: prod\nmonitors:\n  - {monitor: a, account: prodd}", 4,
     "monitors[1].account is none of the accounts of this file; did you mean prod?"),
    ("monitors:\n  - monitor: a\n    traffic: elb", 3, "monitors[1].traffic can't be read: 'elb'"),
    ("accepted:\n  - {check: xray-heade, monitor: a, reason: b}", 2,
     "is the name of no check: xray-heade; did you mean xray-header?"),
    ("accepted:\n  - {check: xray-header, monitor: a}", 2, "accepted[1] lacks its reason"),
    ("accepted:\n  - {check: xray-header, monitor: a, reason: b, until: soon}", 2,
     "accepted[1].until is a day such as 2026-12-31, not 'soon'"),
    ("accepted:\n  - {check: xray-header, monitor: a, reason: b,\n     until: 2026-02-30}", 3,
     "accepted[1].until can't be read: '2026-02-30' (day is out of range for month)"),
    ("accounts:\n  - profile: !!bool prod", 2, "accounts[1].profile can't be read: 'prod'"),
    ("accounts:\n  - profile: !!timestamp prod", 2, "accounts[1].profile can't be read: 'prod'"),
    (f"accounts:\n  - profile: {'9' * 5000}", 2, "accounts[1].profile can't be read: '999"),
    ("defaults: {since: yesterday}", 1, "defaults.since can't be read"),
    ("accounts: [", 1, "is not YAML"),
    ("accounts: !!python/object/apply:os.system [ls]", 1, ""),
]  # fmt: skip


def written(tmp_path, text):
    path = tmp_path / "fleet.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_file(tmp_path):
    plan = read_targets(written(tmp_path, WHOLE))
    assert plan.places == (
        Reach("production", "prod", ("eu-west-1", "us-east-1"), monitors=("shop-*",),
              tags={"team": "shop"}, owner="web team"),
        Reach("partner", "hub", ("eu-west-1",),
              ("arn:aws:iam::111122223333:role/hub", "arn:aws:iam::444455556666:role/reader"),
              "4711", "night"),
    )  # fmt: skip
    assert plan.known == (
        KnownMonitor("shop-web", "production", page="https://www.shop.example/", owner="shop team",
              traffic="cloudfront:E1234567890ABC"),
    )  # fmt: skip
    assert plan.accepted == (
        Accepted("xray-header", "shop-*", "no traces wanted", date(2026, 12, 31)),
    )
    assert (plan.since, plan.trail) == ("3d", "lookup")


def test_an_organization_is_named_by_the_role_in_its_accounts(tmp_path):
    text = (
        "accounts:\n  - {profile: hub, organization: audit/reader, external_id: x}\n"
        "monitors:\n  - {monitor: shop, account: hub/Shop, owner: team}\n"
    )
    plan = read_targets(written(tmp_path, text))
    assert plan.places == (Reach("hub", "hub", organization="audit/reader", external_id="x"),)
    assert plan.known[0].place == "hub/Shop"


def test_a_file_of_monitors_alone_looks_at_these_alone(tmp_path):
    plan = read_targets(written(tmp_path, "monitors:\n  - monitor: shop-web\n"))
    assert [(place.profile, place.monitors) for place in plan.places] == [(None, ())]


@pytest.mark.parametrize(("text", "line", "told"), MISTAKES, ids=[told for *_, told in MISTAKES])
def test_a_mistake_is_told_with_line_and_key(text, line, told, tmp_path):
    with pytest.raises(BadInput) as raised:
        read_targets(written(tmp_path, text))
    assert str(raised.value).startswith(f"fleet.yaml, line {line}")
    assert told in str(raised.value)


def test_aliases_that_multiply_are_refused(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(BadInput, match="more than 60000 values"):
        read_targets(written(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"\xff\xfe", "is not UTF-8 text"), (b"", "is empty"), (b"[" * 100_000, "deeply")],
)
def test_what_is_no_such_file_is_refused(content, told, tmp_path):
    path = tmp_path / "fleet.yaml"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=told):
        read_targets(path)


def test_ten_thousand_monitors_with_four_values_each_are_read(tmp_path):
    entry = "  - {{monitor: m{n}, account: prod, page: 'https://a{n}.example/', owner: team}}"
    lines = ["accounts:", "  - {name: prod, region: eu-west-1}", "monitors:"]
    lines += [entry.format(n=number) for number in range(10_000)]
    assert len(read_targets(written(tmp_path, "\n".join(lines))).known) == 10_000
