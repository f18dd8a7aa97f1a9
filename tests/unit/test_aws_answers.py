"""What a person has at hand of the AWS CLI is named, wherever it is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import rumkit
from rumkit.aws_answers import what_aws_printed
from rumkit.model import BadInput

if TYPE_CHECKING:
    from pathlib import Path

ANSWERS = {
    '{"AppMonitor": {"Name": "shop"}}': "aws rum get-app-monitor",
    '{"AppMonitorSummaries": []}': "aws rum list-app-monitors",
    '{"PolicyDocument": "{}", "PolicyRevisionId": "1"}': "aws rum get-resource-policy",
    '{"IdentityPoolId": "p", "AllowUnauthenticatedIdentities": false}': "describe-identity-pool",
    '{"IdentityPoolId": "p", "Roles": {}}': "get-identity-pool-roles",
    '{"Role": {"AssumeRolePolicyDocument": {}}}': "aws iam get-role",
    '{"EvaluationResults": [{"EvalActionName": "rum:PutRumEvents"}]}': "simulate-principal-policy",
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}': "It is a policy",
    "An error occurred (AccessDenied) when calling the GetId operation: no": "refused with",
}


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_is_named(text: str) -> None:
    assert ANSWERS[text] in what_aws_printed(text)


@pytest.mark.parametrize("text", ["", "{}", '<pre>{"AppMonitor": {}}</pre>', '{"log": {}}'])
def test_other_texts_are_not(text: str) -> None:
    assert what_aws_printed(text) == ""


@pytest.mark.parametrize("door", ["trail", "recording"])
@pytest.mark.parametrize("text", list(ANSWERS)[:8])
def test_a_door_that_refuses_an_answer_names_what_asks_for_it(
    door: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / "answer.json").write_text(text)
    with pytest.raises(BadInput, match=re.escape(ANSWERS[text])):
        rumkit.investigate(**{door: str(tmp_path / "answer.json")})  # type: ignore[arg-type]


def test_an_answer_in_place_of_the_page_is_no_fault_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "pool.json").write_text('{"IdentityPoolId": "p", "Roles": {}}')
    found = rumkit.investigate(page=str(tmp_path / "pool.json"), trail="none")
    assert str(found.verdict) == "unproven"
    assert "get-identity-pool-roles" in " ".join(each.summary for each in found.findings)
