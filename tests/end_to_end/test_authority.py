"""What a page says is a claim: no command opens or closes what AWS itself does not name."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest
from harness import environment, investigate_in  # type: ignore[import-not-found]
from mending import apply  # type: ignore[import-not-found]

import rumkit
from rumkit.sandbox.installation import trust_policy
from rumkit.sandbox.resources import Pool
from rumkit.sandbox.roles import Role
from rumkit.sandbox.runner import start

ADMIN_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
BY_STAFF = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}
STRANGER = "eu-west-1:99999999-8888-4777-8666-555555555555"
PASTED = {"aws-cli", "iam-policy", "trust-policy", "resource-policy", "cloudformation", "terraform"}


def org_admin(sandbox, trust=None, policy=ADMIN_POLICY):
    """Put an administrator's role into the account, and let the page name it."""
    role = Role("OrgAdmin", trust or BY_STAFF, {"Everything": policy}, path="/")
    sandbox.world.roles.add(role)
    sandbox.installation.client.config["guestRoleArn"] = role.arn
    return role


def fixes_of(found):
    return [fix for finding in found.findings for fix in finding.fixes]


def pasted(found):
    return [fix for fix in fixes_of(found) if fix.kind in PASTED]


def written(fix):
    return f"{fix.text}\n{fix.target}\n{fix.undo}"


def name_stranger(sandbox):
    sandbox.installation.client.config["identityPoolId"] = STRANGER


def keep_pool(sandbox):
    sandbox.installation.pool.classic = True


POOLS = {"a stranger's pool": name_stranger, "the account's own pool": keep_pool}
ADMINS = {
    "closed": {},
    "trusts the pool already": {"trusts": True},
    "holds nothing beyond RUM": {"rum": True},
}


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("admin", ADMINS)
@pytest.mark.parametrize("scenario", ["healthy", "guest-role-permission"])
def test_no_fix_touches_a_role_that_only_a_page_names(scenario, admin, pool):
    with start(scenario) as sandbox:
        place = sandbox.installation
        kind = ADMINS[admin]
        trust = trust_policy(place.pool.id) if kind.get("trusts") else None
        rum = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": "arn:aws:rum:*:*:x"}
        ]}  # fmt: skip
        org_admin(sandbox, trust, rum if kind.get("rum") else ADMIN_POLICY)
        POOLS[pool](sandbox)
        found = investigate_in(sandbox)
    for fix in pasted(found):
        assert "OrgAdmin" not in written(fix), fix
        assert STRANGER not in written(fix), fix


def test_the_advice_in_its_place_says_why_and_what_to_verify():
    with start("healthy") as sandbox:
        org_admin(sandbox)
        keep_pool(sandbox)
        finding = investigate_in(sandbox).finding("guest-role-trust")
    [advice] = finding.fixes
    assert advice.kind == "advice"
    assert "only the page names the role" in advice.text
    assert "holds more than rum:PutRumEvents" in advice.text
    assert "verify" in advice.text
    assert "aws iam" not in advice.text


def test_a_role_that_the_pool_names_and_that_holds_more_is_not_opened():
    with start("guest-role-trust-enhanced") as sandbox:
        sandbox.installation.role.inline["Everything"] = ADMIN_POLICY
        found = investigate_in(sandbox)
    name = sandbox.installation.role.name
    assert not [fix for fix in pasted(found) if name in written(fix)]


def test_a_role_that_the_pool_names_and_that_holds_more_is_not_stripped():
    with start("healthy") as sandbox:
        sandbox.installation.role.inline["Everything"] = ADMIN_POLICY
        found = investigate_in(sandbox)
    assert found.finding("guest-role-permission").status == "warn"
    assert not [fix for fix in pasted(found) if sandbox.installation.role.name in written(fix)]


def test_a_role_of_which_not_every_policy_can_be_read_is_not_opened():
    with start("guest-role-trust-enhanced") as sandbox:
        sandbox.world.denied_actions = {"iam:ListAttachedRolePolicies"}
        found = investigate_in(sandbox)
    assert not [fix for fix in found.finding("guest-role-trust").fixes if fix.kind in PASTED]


def test_drift_does_not_offer_a_strangers_pool():
    with start("configuration-drift") as sandbox:
        name_stranger(sandbox)
        found = investigate_in(sandbox)
    drift = found.finding("configuration-drift")
    assert "identityPoolId" in drift.summary
    assert not [fix for fix in drift.fixes if fix.kind in PASTED]
    assert any("none of this account's" in fix.text for fix in drift.fixes)


def test_drift_offers_a_pool_of_this_account():
    with start("healthy") as sandbox:
        sandbox.installation.monitor.configuration["IdentityPoolId"] = STRANGER
        drift = investigate_in(sandbox).finding("configuration-drift")
    assert any(fix.kind == "aws-cli" for fix in drift.fixes)


FAULTS = {"sessionSampleRate": 0, "telemetries": "errors", "allowCookies": "yes"}


@pytest.mark.parametrize("option", FAULTS)
def test_drift_does_not_copy_a_pages_fault(option):
    with start("healthy") as sandbox:
        sandbox.installation.client.config[option] = FAULTS[option]
        drift = investigate_in(sandbox).finding("configuration-drift")
    assert not [fix for fix in drift.fixes if fix.kind in PASTED]


OTHER = "eu-west-1:77777777-6666-4555-8444-333333333333"


def test_no_fix_admits_guests_to_another_pool_of_the_account_that_a_page_names():
    """Customers sign in there; that the page names it makes it no pool of RUM's."""
    with start("healthy") as sandbox:
        sandbox.world.pools[OTHER] = Pool(OTHER, "Customers", guests=False)
        sandbox.installation.client.config["identityPoolId"] = OTHER
        found = investigate_in(sandbox)
    assert found.finding("identity-pool").status == "fail"
    assert not [fix for fix in found.finding("identity-pool").fixes if fix.kind in PASTED]
    assert not [fix for fix in pasted(found) if "set-identity-pool-roles" in fix.text]


def test_a_monitor_that_only_a_page_names_is_not_changed():
    for scenario in ("custom-events", "monitor-domain", "resource-policy", "configuration-drift"):
        with start(scenario) as sandbox:
            sandbox.installation.monitor.domains = ["elsewhere.example"]
            page = {**sandbox.environment, "RUMKIT_MONITOR": ""}
            with environment({k: v for k, v in page.items() if v}):
                found = rumkit.investigate(page=sandbox.environment["RUMKIT_PAGE"])
        changes = [fix for fix in pasted(found) if "aws rum" in fix.text]
        assert not [fix for fix in changes if "list-app-monitors" not in fix.text], scenario


MARKED = {
    "guest-role-trust": "widens access",
    "guest-role-permission": "widens access",
    "identity-pool": "widens access",
    "classic-flow": "widens access",
    "pool-guest-role": "widens access",
    "guest-role-deleted": "widens access",
    "resource-policy": "widens access",
    "guest-role-broad": "narrows access",
    "configuration-drift": "replaces configuration",
}


def first_command(found):
    name = found.root_cause or next(f.check for f in found.findings if f.status == "warn")
    return next(fix for fix in found.finding(name).fixes if fix.kind == "aws-cli")


@pytest.mark.parametrize("scenario", MARKED)
def test_a_fix_that_changes_access_says_so_and_names_account_and_undo(scenario):
    with start(scenario) as sandbox:
        found = investigate_in(sandbox)
    fix = first_command(found)
    assert fix.risk == MARKED[scenario]
    assert fix.account[:12].isdigit()
    assert all(shlex.split(line)[0] == "aws" for line in fix.undo.splitlines())
    assert fix.undo
    shown = str(found)
    assert f"This {fix.risk} in account {fix.account}." in shown
    assert fix.undo.splitlines()[0] in shown


def state(sandbox):
    """What a fix may have changed, as plain text."""
    place, world = sandbox.installation, sandbox.world
    role = world.roles.get(place.role.name)
    return json.dumps(
        [
            [role.trust, role.inline] if role else None,
            [place.pool.guests, place.pool.classic, dict(place.pool.roles)],
            [json.loads(place.monitor.policy or "null"), dict(place.monitor.configuration)],
        ],
        sort_keys=True,
    )


@pytest.mark.parametrize("scenario", MARKED)
def test_the_printed_undo_restores_what_was_read(scenario):
    with start(scenario) as sandbox:
        before = state(sandbox)
        fix = first_command(investigate_in(sandbox))
        apply(sandbox, fix)
        assert state(sandbox) != before
        apply(sandbox, replace(fix, text=fix.undo))
        assert state(sandbox) == before


def test_an_account_is_named_by_its_alias_too():
    with start("guest-role-trust") as sandbox:
        sandbox.world.roles.aliases.append("shop-prod")
        found = investigate_in(sandbox)
    assert first_command(found).account.endswith(" (shop-prod)")


POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; connect-src 'self'"
CLAIMS = {
    "client": ("https://cdn.stranger.example/1.x/cwr.js", None, "cdn.stranger.example"),
    "endpoint": (None, "https://collect.stranger.example", "collect.stranger.example"),
    "customer's host at AWS": (None, "https://x.s3.amazonaws.com", "x.s3.amazonaws.com"),
}


def page_with(sandbox, url, endpoint):
    client = sandbox.installation.client
    client.url = url or client.url
    client.config["endpoint"] = endpoint or client.config["endpoint"]
    sandbox.installation.headers.append(("Content-Security-Policy", POLICY))


@pytest.mark.parametrize("claim", CLAIMS)
def test_no_policy_lets_in_a_strangers_host_that_a_page_names(claim):
    url, endpoint, host = CLAIMS[claim]
    with start("healthy") as sandbox:
        page_with(sandbox, url, endpoint)
        found = investigate_in(sandbox)
    checks = [found.finding(name) for name in ("csp-script", "csp-connect")]
    printed = [fix for each in checks for fix in each.fixes if fix.kind == "csp-header"]
    assert not [fix for fix in printed if host in fix.text]
    advice = [fix.text for each in checks for fix in each.fixes if fix.kind == "advice"]
    assert any(host in text and "verify" in text for text in advice)


def test_a_policy_lets_in_the_sites_own_host():
    with start("healthy") as sandbox:
        host = sandbox.installation.host.removeprefix("www.")
        page_with(sandbox, None, f"https://rum.{host}")
        found = investigate_in(sandbox)
    assert any(f"https://rum.{host}" in fix.text for fix in found.finding("csp-connect").fixes)
