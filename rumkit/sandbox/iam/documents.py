"""What IAM asks of a policy document before it saves it, and the words in which it refuses one."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from rumkit.aws.policy import PolicyDocument
from rumkit.aws.policy.conditions import take_apart
from rumkit.aws.policy.document import parse_document
from rumkit.sandbox.errors import AwsError

if TYPE_CHECKING:
    from rumkit.aws.policy.document import Statement
    from rumkit.sandbox.roles import Document, Role

# Quotas, in characters without white space.
_INLINE: Final = 10_240
_MANAGED: Final = 6144
_TRUST: Final = 2048
_COGNITO: Final = "cognito-identity.amazonaws.com"
_SYNTAX: Final = "Syntax errors in policy."


def trust_document(text: str) -> Document:
    """Return a role's trust policy. Raises AwsError where IAM would not save it."""
    document = _object(text, "This policy contains invalid Json")
    if not document.get("Statement"):
        raise _malformed("Could not parse the policy: Statement is empty!")
    parsed = parse_document(PolicyDocument("", document), "trust")
    for statement in parsed.statements:
        _check_trust(statement)
    if parsed.problems or parsed.too_large or any(each.problems for each in parsed.statements):
        raise _malformed(_SYNTAX)
    _check_shared(parsed.statements)
    _limit(text, _TRUST, "ACLSizePerRole")
    return document


def managed_document(text: str) -> Document:
    """Return a version of a managed policy. Raises AwsError where IAM would not save it."""
    document = _permissions(text)
    _limit(text, _MANAGED, "PolicySize")
    return document


def inline_document(role: Role, name: str, text: str) -> Document:
    """Return an inline policy of a role. Raises AwsError where IAM would not save it."""
    document = _permissions(text)
    others = (json.dumps(other) for known, other in role.inline.items() if known != name)
    if sum(map(_size, (text, *others))) > _INLINE:
        message = f"Maximum policy size of {_INLINE} bytes exceeded for role {role.name}"
        raise AwsError("LimitExceeded", message)
    return document


def _permissions(text: str) -> Document:
    document = _object(text, _SYNTAX)
    parsed = parse_document(PolicyDocument("", document), "identity")
    for statement in parsed.statements:
        _check_permission(statement)
    if parsed.problems or parsed.too_large or any(each.problems for each in parsed.statements):
        raise _malformed(_SYNTAX)
    _check_shared(parsed.statements)
    return document


def _object(text: str, refusal: str) -> Document:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _malformed(refusal) from None
    if not isinstance(document, dict):
        raise _malformed(refusal)
    if document.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        raise _malformed("The policy must contain a valid version string")
    return document


def _check_trust(statement: Statement) -> None:
    if statement.resources is not None or statement.not_resources is not None:
        raise _malformed("Has prohibited field Resource")
    if statement.principals is None and statement.not_principals is None:
        raise _malformed("Missing required field Principal")
    actions = statement.actions or statement.not_actions or ()
    if not all(action.lower().startswith("sts:") for action in actions):
        raise _malformed("AssumeRole policy may only specify STS AssumeRole actions.")
    # Otherwise a guest of any pool of any account could assume the role.
    trusts_pools = ("Federated", _COGNITO) in (statement.principals or ())
    names_pool = any(clause.key.lower() == f"{_COGNITO}:aud" for clause in statement.conditions)
    if trusts_pools and statement.effect == "Allow" and not names_pool:
        raise _malformed("A condition block must be present for the Cognito provider")


def _check_permission(statement: Statement) -> None:
    if statement.principals is not None or statement.not_principals is not None:
        raise _malformed("Policy document should not specify a principal.")
    actions = statement.actions or statement.not_actions
    if not actions:
        raise _malformed("Policy statement must contain actions.")
    if any(action != "*" and ":" not in action for action in actions):
        raise _malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        )
    resources = statement.resources or statement.not_resources
    if not resources:
        raise _malformed("Policy statement must contain resources.")
    for resource in resources:
        if resource != "*" and not resource.startswith(("arn:", "${", "*")):
            raise _malformed(f'Resource {resource} must be in ARN format or "*".')


def _check_shared(statements: tuple[Statement, ...]) -> None:
    """Check what holds for both kinds: known operators, with values; each Sid once."""
    clauses = [clause for statement in statements for clause in statement.conditions]
    if not all(clause.values and take_apart(clause) for clause in clauses):
        raise _malformed(_SYNTAX)
    names = Counter(statement.sid for statement in statements if statement.sid)
    if any(count > 1 for count in names.values()):
        raise _malformed("Statement IDs (SID) in a single policy must be unique.")


def _limit(text: str, most: int, quota: str) -> None:
    if _size(text) > most:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for {quota}: {most}")


def _size(text: str) -> int:
    return len("".join(text.split()))


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocument", message)
