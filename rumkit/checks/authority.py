"""Whether AWS itself names what a fix would widen or narrow.

Anyone can write a page: the guest role, the identity pool and the monitor's id that it names are
claims. A command against a role, a pool or a monitor is printed only where the account's own
answers name it, and a role only where it holds nothing beyond RUM; else the reasons are printed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit.aws.monitor import names_host
from rumkit.aws.policy.excess import beyond_rum
from rumkit.aws.policy.opened import opened
from rumkit.aws.policy.types import PolicyDocument
from rumkit.checks import fixes
from rumkit.checks.words import page_host
from rumkit.checks.xray_tracing.tracing import asks_for_traces
from rumkit.model import Absent, NotCollected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rumkit.aws.policy.types import Policies, Request
    from rumkit.aws.roles import RolePolicies
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Risk

_SHOWN = 5
_VERIFY_ACCOUNT = (
    "verify in the account which identity pool and guest role this app monitor is meant to use, and"
    " what else uses them. Where the page names the wrong ones, correct the page. A guest role"
    " should allow rum:PutRumEvents on this app monitor and nothing else, because anyone on the"
    " internet can get its credentials."
)
VERIFY_HOST = (
    "verify that the host is yours, and that the snippet on the page is yours too. If they are, add"
    " it to the directive that blocks it; if not, the policy has just protected your visitors."
)
# The hosts of AWS that the web client calls; others of the same domains belong to customers.
_AWS_HOST = re.compile(
    r"client\.rum\.us-east-1\.amazonaws\.com"
    r"|(?:dataplane\.rum|cognito-identity|sts)(?:-fips)?(?:\.[a-z0-9-]+)?"
    r"\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|api\.aws|api\.amazonwebservices\.com\.cn)"
)
_TELEMETRIES = frozenset({"errors", "performance", "http"})
# What the monitor's configuration may take over from a page, by UpdateAppMonitor's own limits.
_SOUND: Mapping[str, Callable[[object, Evidence], bool]] = {
    "SessionSampleRate": lambda rate, _: (
        isinstance(rate, int | float) and not isinstance(rate, bool) and 0 < rate <= 1
    ),
    "AllowCookies": lambda value, _: isinstance(value, bool),
    # A page that asks for trace headers and leaves X-Ray off has a fault of its own.
    "EnableXRay": lambda value, evidence: (
        isinstance(value, bool) and (value or not asks_for_traces(evidence))
    ),
    "Telemetries": lambda names, _: (
        isinstance(names, list) and all(isinstance(n, str) and n in _TELEMETRIES for n in names)
    ),
    "IdentityPoolId": lambda pool, _: isinstance(pool, str),
}


def role_doubts(evidence: Evidence) -> tuple[str, ...]:
    """Return why no command may change the client's guest role; empty when one may."""
    return _doubts(
        lambda: _pool_elsewhere(evidence),
        lambda: _role_not_named(evidence, evidence.guest_role_arn),
        lambda: _role_holds_more(evidence.guest_role_policies),
    )


def new_role_doubts(evidence: Evidence, arn: str) -> tuple[str, ...]:
    """Return why no command may make the role of an ARN, which does not exist; empty when one may.

    Without an ARN the role is a new one for the pool, so that the pool is changed too.
    """
    if not arn:
        return pool_doubts(evidence)
    return _doubts(lambda: _pool_elsewhere(evidence), lambda: _role_not_named(evidence, arn))


def given_role_doubts(evidence: Evidence, arn: str) -> tuple[str, ...]:
    """Return why no command may give the pool this role of the account; empty when one may.

    It is the monitor's GuestRoleArn, or bears the name of the role that the pool names.
    """

    def policies() -> RolePolicies:
        named = evidence.configured_or_none("GuestRoleArn") == arn
        return evidence.configured_role_policies if named else evidence.guest_role_policies

    return (*pool_doubts(evidence), *_doubts(lambda: _role_holds_more(policies())))


def pool_doubts(evidence: Evidence) -> tuple[str, ...]:
    """Return why no command may change the client's identity pool; empty when one may."""
    return (
        *_doubts(lambda: _pool_elsewhere(evidence), lambda: _pool_not_named(evidence)),
        *monitor_doubts(evidence),
    )


def monitor_doubts(evidence: Evidence) -> tuple[str, ...]:
    """Return why no command may change the app monitor; empty when one may."""
    return () if evidence.target.monitor else _doubts(lambda: _monitor_not_named(evidence))


def host_doubts(evidence: Evidence, original: str, corrected: str) -> tuple[str, ...]:
    """Return why no policy may be printed that lets the page reach what it newly names.

    A content security policy is what keeps a stranger's markup from loading a stranger's script.
    """
    site = (urlsplit(evidence.page.url).hostname or "").removeprefix("www.")
    known = set(original.replace(";", " ").split())
    new = dict.fromkeys(corrected.replace(";", " ").replace(",", " ").split())
    return tuple(
        f"only the page names the host {_inert(word)}, which is neither the site's own nor one that"
        " the web client needs of AWS"
        for word in new
        if "://" in word and word not in known and not _own_or_aws(word, site)
    )


def _own_or_aws(source: str, site: str) -> bool:
    host = urlsplit(source).hostname or ""
    own = bool(site) and (host == site or host.endswith(f".{site}"))
    return own or bool(_AWS_HOST.fullmatch(host))


def value_doubts(evidence: Evidence, deployed: Mapping[str, object]) -> tuple[str, ...]:
    """Return why a page's values, by the monitor's own names, may not become the monitor's.

    A pool must be this account's; the rest must be what a page without a fault would say.
    """
    wrong = tuple(
        f"the page's {name} may itself be the fault"
        for name, value in deployed.items()
        if name in _SOUND and not _SOUND[name](value, evidence)
    )
    if "IdentityPoolId" in deployed:
        return (*_doubts(lambda: _pool_elsewhere(evidence)), *wrong)
    return wrong


def opening_doubts(
    compare: Callable[[], tuple[Request, Policies, Policies]],
) -> tuple[str, ...]:
    """Return why policies may not be printed; empty where they open the one call and no more.

    `compare` gives the call, and the policies without the change and with it.
    """

    def look() -> str:
        more = opened(*compare())
        listed = "; ".join(map(_inert, more[:_SHOWN]))
        return f"it would let through more than the call that is meant ({listed})" if more else ""

    return _doubts(look)


def _doubts(*looks: Callable[[], str]) -> tuple[str, ...]:
    """Return the sentences; what could not be read is a doubt, for nobody confirmed it."""
    doubts = []
    for look in looks:
        try:
            doubts.append(look())
        except NotCollected as gap:
            doubts.append(f"AWS did not confirm it ({_inert(gap.reason)})")
    return tuple(filter(None, doubts))


def _pool_elsewhere(evidence: Evidence) -> str:
    pool = evidence.identity_pool_lookup
    if isinstance(pool, Absent):
        return f"the identity pool {_inert(evidence.pool_id)} is none of this account's"
    return ""


def _pool_not_named(evidence: Evidence) -> str:
    if evidence.configured("IdentityPoolId") == evidence.pool_id:
        return ""
    pool = _inert(evidence.pool_id)
    return f"only the page names the identity pool {pool}; the app monitor's configuration does not"


def _role_not_named(evidence: Evidence, arn: str) -> str:
    if arn in {evidence.pool_roles.guest, evidence.configured_or_none("GuestRoleArn")}:
        return ""
    return (
        f"only the page names the role {_inert(arn)}; neither the identity pool's roles nor the app"
        " monitor's configuration do"
    )


def _role_holds_more(policies: RolePolicies) -> str:
    if policies.unread:
        return f"not all of the role's policies could be read ({_inert(policies.unread[0].reason)})"
    documents = [PolicyDocument(each.name, each.document) for each in policies.policies]
    more = beyond_rum(documents)
    if not more:
        return ""
    listed = ", ".join(map(_inert, more[:_SHOWN]))
    return f"the role holds more than rum:PutRumEvents ({listed}), so it is not RUM's alone"


def _monitor_not_named(evidence: Evidence) -> str:
    host, monitor = page_host(evidence), evidence.monitor
    if host and names_host(monitor, host):
        return ""
    return (
        f"only the page says that it belongs to the app monitor {_inert(monitor.name)}, whose"
        " domains do not include the page's host (naming it with --monitor says so too)"
    )


def _inert(text: str) -> str:
    """Return words from outside as an advice may hold them: nothing that a shell would read."""
    return re.sub(r"[^A-Za-z0-9_.:/@=+, -]", "·", text[:200])


def withheld(title: str, doubts: Iterable[str], verify: str = _VERIFY_ACCOUNT) -> Fix:
    """Return the advice that stands in place of a command, a policy or infrastructure code."""
    why = "; and ".join(doubts)
    text = f"Nothing is printed to paste, because {why}. What a page says is a claim: {verify}"
    return fixes.advice(title, text)


def marked(
    evidence: Evidence, risk: Risk, made: Iterable[Fix], *, undo: Fix | None = None
) -> tuple[Fix, ...]:
    """Return fixes with their risk, the account that they are for, and what takes them back."""
    account = _account_label(evidence)
    return tuple(
        fix
        if fix.kind == "advice"
        else replace(
            fix,
            risk=risk,
            account=account,
            undo=undo.text if undo and fix.kind == undo.kind == "aws-cli" else "",
        )
        for fix in made
    )


def on_monitor(evidence: Evidence, made: tuple[Fix, ...], *, undo: Fix) -> tuple[Fix, ...]:
    """Return fixes that change the app monitor, marked; withheld where only a page names it."""
    doubts = monitor_doubts(evidence)
    if doubts:
        return (withheld(made[0].title, doubts),)
    return marked(evidence, "replaces configuration", made, undo=undo)


def _account_label(evidence: Evidence) -> str:
    """Return the account's id, with its alias where IAM tells it; empty where neither is known."""
    account = evidence.account_or_none()
    if account is None:
        return ""
    try:
        alias = evidence.account_alias
    except NotCollected:
        alias = ""
    return f"{account} ({alias})" if alias else account
