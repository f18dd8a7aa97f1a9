"""What is printed for CloudFormation and Terraform mends as the commands beside it do."""

from __future__ import annotations

import json

from cfnlint.api import lint
from cfnlint.config import ManualArgs
from deploying import deploy, resources  # type: ignore[import-not-found]
from harness import (  # type: ignore[import-not-found]
    each_scenario,
    found_at_first,
    investigate_in,
)

from rumkit.model import Status
from rumkit.sandbox.runner import list_scenarios, start

LANGUAGES = ("cloudformation", "terraform")
# The checks whose fixes are things that templates manage, by `rumkit explain`.
MANAGED = {
    "classic-flow",
    "custom-events",
    "guest-role-permission",
    "guest-role-trust",
    "identity-pool",
    "monitor-domain",
    "pool-guest-role",
    "resource-policy",
    "signing",
}
# A pool that is gone has no resource to correct: its commands make another.
MADE_ANEW = {"identity-pool-deleted"}
FAULTS = [each.name for each in list_scenarios()
          if each.root_cause in MANAGED and "+" not in each.name]  # fmt: skip
MENDED = [name for name in (*FAULTS, "xray-monitor-off") if name not in MADE_ANEW]


def forms(finding, language):
    return [fix for fix in finding.fixes if fix.kind == language and fix.target]


@each_scenario(MENDED)
def test_a_template_and_a_terraform_resource_mend_as_printed(name):
    before = found_at_first(name)
    printed = {language: forms(before.cause, language) for language in LANGUAGES}
    for language in LANGUAGES:
        assert printed[language]
        with start(name) as sandbox:
            for fix in printed[language]:
                deploy(sandbox, fix)
            sandbox.advance(180)
            after = investigate_in(sandbox, since="2h").finding(before.root_cause)
        assert after.status is not Status.FAIL, after.summary
    declared = [[each for fix in printed[language] for each in resources(fix)]
                for language in LANGUAGES]  # fmt: skip
    assert plain(declared[0]) == plain(declared[1])


def plain(declared):
    """Resources with the policies among their properties as documents, whatever holds them."""
    return json.loads(
        json.dumps(declared), object_hook=lambda held: {k: document(v) for k, v in held.items()}
    )


def document(value):
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


@each_scenario([*FAULTS, "configuration-drift"])
def test_every_template_passes_cfn_lint(name):
    found = found_at_first(name)
    templates = [fix.text for finding in found.findings for fix in finding.fixes
                 if fix.kind == "cloudformation"]  # fmt: skip
    assert templates or name in MADE_ANEW
    for text in templates:
        errors = [match for match in lint(text, config=ManualArgs(regions=["eu-west-1"]))
                  if match.rule.id.startswith("E")]  # fmt: skip
        # A fragment leaves out what the person's own template holds.
        assert not [each for each in errors if each.rule.id != "E3003"], errors


def test_a_pages_own_fault_is_not_copied_into_the_monitor():
    """The page asks for trace headers and leaves X-Ray off; the monitor has it on."""
    with start("xray-enabled") as sandbox:
        drift = investigate_in(sandbox).finding("configuration-drift")
    assert drift.status is Status.WARN
    assert {fix.kind for fix in drift.fixes} == {"advice", "client-config"}
