"""How a policy's texts match a request's: wildcards, policy variables, ARNs, principals.

Sources: IAM User Guide, elements Action, Resource, Principal, NotPrincipal; "IAM policy
elements: Variables and tags"; "Using wildcards in resource ARNs".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from rumkit.aws.policy.types import KeyState, Truth, any_of
from rumkit.aws_names import ACCOUNT, is_account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.aws.policy.types import KeyValue, Principal, Request

_VARIABLE = re.compile(r"\$\{([^{}]{0,300})\}")
_MAX_TEXT = 4096


class _Wild(Enum):
    STAR = "*"
    QUESTION = "?"
    # A variable whose value this request has, but nobody knows.
    SOMETHING = "${}"


_Token = str | _Wild


@dataclass(frozen=True)
class _Pattern:
    """A text cut into literals and wildcards; `absent` names a variable without a value."""

    tokens: tuple[_Token, ...]
    absent: str = ""
    untold: str = ""


def matches(
    pattern: str,
    text: str,
    request: Request,
    *,
    wildcards: bool = True,
    variables: bool = True,
    ignore_case: bool = False,
    arn: bool = False,
) -> tuple[Truth, str]:
    """Match one text of a policy with one of a request; the reason is empty when obvious.

    A variable that this request has no value for never matches; the caller decides what that
    means for a negated element, from the reason `unresolved`.
    """
    cut = _cut(pattern, request, wildcards=wildcards, variables=variables)
    if cut.absent:
        return Truth.NO, f"unresolved ${{{cut.absent}}}: this request has no value for it"
    tokens = cut.tokens
    if ignore_case:
        text = text.lower()
        tokens = tuple(each.lower() if isinstance(each, str) else each for each in tokens)
    if len(text) > _MAX_TEXT or not _reaches(tokens, text, arn=False):
        return Truth.NO, ""
    if cut.untold:
        return Truth.UNTOLD, f"the value of ${{{cut.untold}}} is not known"
    if arn and not _reaches(tokens, text, arn=True):
        return Truth.UNTOLD, "a * would have to reach across a colon of the ARN"
    return Truth.YES, ""


def matches_any(
    patterns: Sequence[str], text: str, request: Request, *, variables: bool, arn: bool
) -> tuple[Truth, str]:
    """Match a list of actions or resources with a request's; returns the telling reason."""
    results = [
        matches(each, text, request, variables=variables, ignore_case=not arn, arn=arn)
        for each in patterns
        if each != "*"
    ]
    if "*" in patterns:
        return Truth.YES, ""
    answer = any_of(result for result, _ in results)
    return answer, next((why for result, why in results if result is answer and why), "")


def glob(pattern: str, text: str) -> bool:
    """Tell whether `*` and `?` alone make a pattern cover a text; one with eight stars does not."""
    return pattern.count("*") < 8 and fnmatchcase(text, pattern.replace("[", "[[]"))


def _cut(pattern: str, request: Request, *, wildcards: bool, variables: bool) -> _Pattern:
    tokens: list[_Token] = []
    absent = untold = ""
    place = 0
    for match in _VARIABLE.finditer(pattern) if variables else ():
        tokens += _literal(pattern[place : match.start()], wildcards=wildcards)
        place = match.end()
        value = _variable(match[1], request)
        if isinstance(value, str):
            tokens.append(value)
        elif value is KeyState.ABSENT:
            absent = absent or match[1]
        else:
            untold = untold or match[1]
            tokens.append(_Wild.SOMETHING)
    tokens += _literal(pattern[place:], wildcards=wildcards)
    return _Pattern(tuple(tokens), absent, untold)


def _literal(text: str, *, wildcards: bool) -> list[_Token]:
    if not wildcards:
        return [text] if text else []
    pieces = re.split(r"([*?])", text)
    kinds: dict[str, _Token] = {"*": _Wild.STAR, "?": _Wild.QUESTION}
    return [kinds.get(each, each) for each in pieces if each]


def _variable(written: str, request: Request) -> str | KeyState:
    if written in ("*", "?", "$"):
        return written
    key, comma, default = written.partition(",")
    value: KeyValue = request.value(key.strip())
    if isinstance(value, tuple):
        # A multivalued key cannot be used as a variable; what AWS does then is not documented.
        return value[0] if len(value) == 1 else KeyState.UNKNOWN
    quoted = default.strip()
    if value is KeyState.ABSENT and comma and len(quoted) > 1 and quoted[0] == quoted[-1] == "'":
        return quoted[1:-1]
    return value


def _reaches(tokens: Sequence[_Token], text: str, *, arn: bool) -> bool:
    """Tell whether the tokens can cover the text; linear in text for each token."""
    positions = {0}
    colons = 0
    for place, token in enumerate(tokens):
        if isinstance(token, str):
            colons += token.count(":")
            positions = {at + len(token) for at in positions if text.startswith(token, at)}
        elif token is _Wild.QUESTION:
            inside = arn and colons < 5
            positions = {
                at + 1 for at in positions if at < len(text) and not (inside and text[at] == ":")
            }
        else:
            bound = arn and colons < 5 and not _ends_segment(tokens, place)
            positions = _stretch(positions, text, bound=bound)
        if not positions:
            return False
    return len(text) in positions


def _ends_segment(tokens: Sequence[_Token], place: int) -> bool:
    # A * that is the last character of a segment may reach beyond the colon.
    following = tokens[place + 1] if place + 1 < len(tokens) else ":"
    return isinstance(following, str) and following.startswith(":")


def _stretch(positions: set[int], text: str, *, bound: bool) -> set[int]:
    if not bound:
        return set(range(min(positions), len(text) + 1))
    reached: set[int] = set()
    for start in positions:
        colon = text.find(":", start)
        reached.update(range(start, (len(text) if colon < 0 else colon) + 1))
    return reached


Strength = Literal["everyone", "caller", "role", "account", "none"]


@dataclass(frozen=True)
class PrincipalMatch:
    """How a Principal entry meets the caller.

    `strength` decides what a boundary still limits: `caller` and `everyone` grant to the
    caller itself, `role` to the role, `account` only lets identity policies grant.
    """

    answer: Truth
    strength: Strength = "none"
    reason: str = ""


_MISS = PrincipalMatch(Truth.NO)
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,40}")


def match_principal(kind: str, value: str, principal: Principal) -> PrincipalMatch:
    """Match one entry of a Principal element with the caller."""
    if value == "*" and kind in ("*", "AWS"):
        return PrincipalMatch(Truth.YES, "everyone")
    if kind == "Federated":
        return _match_federated(value, principal)
    if kind != "AWS" or principal.kind in ("anonymous", "web-identity"):
        return _MISS
    account = _account_of(value)
    if account:
        same = account == principal.account
        return PrincipalMatch(Truth.YES, "account") if same else _MISS
    if value == principal.arn:
        return PrincipalMatch(Truth.YES, "caller")
    if principal.role_arn and value == principal.role_arn:
        return PrincipalMatch(Truth.YES, "role")
    if _UNIQUE_ID.fullmatch(value):
        return PrincipalMatch(Truth.NO, reason=f"{value} is the id of a deleted principal")
    if "*" in value or "?" in value:
        return PrincipalMatch(Truth.NO, reason="a Principal takes no wildcard within an ARN")
    return _MISS


def _account_of(value: str) -> str:
    if is_account(value):
        return value
    root = re.fullmatch(rf"arn:[a-z-]{{3,20}}:iam::({ACCOUNT}):root", value)
    return root[1] if root else ""


def _match_federated(value: str, principal: Principal) -> PrincipalMatch:
    if not principal.provider:
        return _MISS
    if not principal.provider_certain and value.startswith("cognito-identity"):
        reason = "AWS publishes no provider name of Cognito for this partition"
        return PrincipalMatch(Truth.UNTOLD, "caller", reason)
    if value != principal.provider:
        return _MISS
    if principal.kind == "web-identity":
        return PrincipalMatch(Truth.YES, "caller")
    reason = "CloudWatch RUM does not document federated principals in its resource policies"
    return PrincipalMatch(Truth.UNTOLD, "caller", reason)


def exempts(entries: Sequence[tuple[str, str]], principal: Principal) -> tuple[Truth, str]:
    """Tell whether a NotPrincipal with Deny spares the caller.

    AWS checks the account, then the role, then the session; a list that names only some of
    them may still deny (IAM User Guide, NotPrincipal).
    """
    strengths = {match_principal(kind, value, principal).strength for kind, value in entries}
    if "everyone" in strengths:
        return Truth.YES, ""
    named = strengths & {"caller", "role", "account"}
    if not named:
        return Truth.NO, ""
    needed = {"role", "account"} if principal.kind == "role-session" else {"caller", "account"}
    if needed <= named:
        return Truth.YES, ""
    return Truth.UNTOLD, "NotPrincipal must name the role and its account to spare the role"
