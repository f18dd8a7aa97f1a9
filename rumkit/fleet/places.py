"""From places to targets: sign in, assume roles, list the monitors, and say what could not be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from rumkit.aws.errors import AwsRefusal, refused
from rumkit.aws.guard import let_only
from rumkit.aws.monitor import list_monitors
from rumkit.aws.partitions import COMMERCIAL, partition_of
from rumkit.aws.session import boto3_session
from rumkit.fleet.organization import accounts_of
from rumkit.fleet.plan import FleetTarget
from rumkit.fleet.session import AccountSession
from rumkit.fleet.trail import SharedTrail
from rumkit.model import BadInput, NotCollected
from rumkit.threads import Workers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import boto3

    from rumkit.fleet.plan import FleetPlan, Reach

ALL = "all"
_ASSUME = ("sts", "AssumeRole")
_WORKERS = 16
_TIMES: dict[str, Any] = {"connect_timeout": 5, "read_timeout": 20, "retries": {"mode": "standard"}}


@dataclass
class Opened:
    """A place that was signed in to: its session, its account, its targets and its trail."""

    place: Reach
    session: AccountSession
    account: str
    targets: list[FleetTarget] = field(default_factory=list)
    listed: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def trail(self) -> SharedTrail:
        """Return the trail that the targets share."""
        wanted = {(each.region, each.monitor) for each in self.targets}
        monitors = {
            region: tuple(pair for pair in pairs if (region, pair[0]) in wanted)
            for region, pairs in self.listed.items()
        }
        return SharedTrail(self.session, monitors)


def open_places(plan: FleetPlan) -> tuple[list[Opened], list[FleetTarget]]:
    """Return the places that could be signed in to, and the targets that can't be looked at.

    Raises BadInput for a profile or Region that does not exist: that is a mistake in what was
    asked, where a role that is refused is a state of the account, and a row of its own.
    """
    with Workers(_WORKERS) as pool:
        places = list(pool.map(lambda place: _expanded(plan, place), plan.places))
        expanded = chain.from_iterable(each for each, _ in places)
        answers = list(pool.map(lambda place: _open(plan, place), expanded))
    opened = [each for each, _ in answers if each is not None]
    lost = [target for _, each in (*places, *answers) for target in each]
    return opened, [*lost, *_nowhere(plan, opened, lost)]


def _nowhere(
    plan: FleetPlan, opened: Sequence[Opened], lost: Sequence[FleetTarget]
) -> list[FleetTarget]:
    """Return the monitors of the file that no account of an organization has.

    Those of a place that is one account are told by that place.
    """
    names = {each.place.name for each in opened} | {each.place for each in lost}
    pairs = [
        (each.place.name, region, name)
        for each in opened
        for region, listed in each.listed.items()
        for name, _ in listed
    ]
    # Of a place that can't be asked nobody knows what it has.
    unasked = [each.place for each in lost if not each.monitor]
    missing = []
    for known in plan.known:
        place = next((p for p in plan.places if p.name == known.place.partition("/")[0]), None)
        if not known.place or known.place in names or place is None:
            continue
        there = any(known.is_about(*pair) for pair in pairs)
        asked = not any(known.is_about(name, known.region, known.monitor) for name in unasked)
        if not there and asked:
            account = "/" in known.place and not any(n.startswith(known.place) for n in names)
            reason = (
                f"there is no active account {known.place!r}"
                if account
                else f"there is no app monitor {known.monitor!r} in any account of {known.place}"
            )
            missing.append(described(plan, place, "", known.region, known.monitor, error=reason))
    return missing


def _expanded(plan: FleetPlan, place: Reach) -> tuple[Sequence[Reach], list[FleetTarget]]:
    """Return a place as it is, or the accounts of the organization that it stands for.

    The external id is agreed with the role in each of them, not with what lists them.
    """
    if not place.organization:
        return [place], []
    try:
        return accounts_of(place, *_signed_in(replace(place, external_id=""))), []
    except NotCollected as gap:
        return [], _unreachable(plan, place, gap.reason)


def _signed_in(place: Reach) -> tuple[AccountSession, str]:
    """Return the session of a place and its account's number. Raises NotCollected."""
    region = next((name for name in place.regions if name != ALL), None)
    base = boto3_session(place.profile)
    session = AccountSession(
        profile=place.profile, region=region, session=_assumed(base, place, region)
    )
    home = session.region or COMMERCIAL.home
    return session, str(session.read("sts", "GetCallerIdentity", region=home)["Account"])


def _open(plan: FleetPlan, place: Reach) -> tuple[Opened | None, list[FleetTarget]]:
    try:
        opened = Opened(place, *_signed_in(place))
    except NotCollected as gap:
        return None, _unreachable(plan, place, gap.reason)
    return opened, _list(plan, opened)


def _assumed(base: boto3.Session, place: Reach, region: str | None) -> boto3.Session:
    """Return a session of the last role of the chain, which renews itself."""
    if not place.roles:
        return base
    from botocore.config import Config
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    credentials: Any = base.get_credentials()
    where = region or base.region_name or COMMERCIAL.home
    if credentials is None:
        raise NotCollected("credentials", "there are no AWS credentials to assume a role with")

    def client(*names: Any, **options: Any) -> Any:
        made = base.client(*names, **options, region_name=where, config=Config(**_TIMES))  # type: ignore[call-overload]
        let_only(made, lambda *called: called == _ASSUME, "rumkit may not call")
        return made

    last = len(place.roles) - 1
    for number, role in enumerate(place.roles):
        more = {"RoleSessionName": place.session_name}
        # An external id is agreed with the owner of the last role, not with those on the way.
        if place.external_id and number == last:
            more["ExternalId"] = place.external_id
        fetcher = AssumeRoleCredentialFetcher(client, credentials, role, extra_args=more)
        credentials = DeferredRefreshableCredentials(
            _explained(fetcher, role, where), "assume-role"
        )
    # The profile's other settings, such as a proxy's or an endpoint's, go for the roles too.
    session = boto3_session(place.profile)
    # No public name sets credentials that renew themselves.
    vars(session._session)["_credentials"] = credentials  # noqa: SLF001
    return session


def _explained(fetcher: Any, role: str, region: str) -> Any:
    """Return what fetches credentials and says which role was refused."""
    action = ":".join(_ASSUME)

    def fetch() -> dict[str, Any]:
        with refused("credentials", action, f"{action} of {role}", region):
            answer: dict[str, Any] = fetcher.fetch_credentials()
            return answer

    return fetch


def _list(plan: FleetPlan, opened: Opened) -> list[FleetTarget]:
    """Fill in the targets of a place and return those that can't be looked at."""
    lost: list[FleetTarget] = []
    regions = _regions(opened)
    with Workers(_WORKERS) as pool:
        answers = list(pool.map(lambda region: _monitors(opened, region), regions))
    refusals: dict[str, str] = {}
    for region, answer in zip(regions, answers, strict=True):
        if isinstance(answer, NotCollected):
            if not _switched_off(answer, opened):
                refusals[region] = answer.reason
                lost.append(_target(plan, opened, region, "", error=answer.reason))
            continue
        opened.listed[region] = tuple((name, ident) for name, ident, _ in answer)
        for name, ident, tags in answer:
            if opened.place.wants(name) and _tagged(opened.place, tags):
                opened.targets.append(_target(plan, opened, region, name, ident=ident))
    lost += _not_listed(plan, opened, regions, refusals)
    return lost


def _regions(opened: Opened) -> tuple[str, ...]:
    place, session = opened.place, opened.session
    if ALL in place.regions:
        partition = partition_of(session.region or COMMERCIAL.home).name
        return session.service_regions("rum", partition)
    regions = place.regions or ((session.region,) if session.region else ())
    unknown = next((name for name in regions if name not in session.known_regions()), None)
    if unknown:
        raise BadInput(f"{unknown!r} of {place.name} is not an AWS region.")
    if not regions:
        raise BadInput(f"{place.name} has no Region: name one, or set one in its profile.")
    return tuple(regions)


def _switched_off(gap: NotCollected, opened: Opened) -> bool:
    """Tell whether a Region is off, where all were asked and nobody named this one."""
    off = isinstance(gap, AwsRefusal) and gap.kind == "region"
    return off and ALL in opened.place.regions


def _monitors(opened: Opened, region: str) -> list[tuple[str, str, dict[str, str]]] | NotCollected:
    """Return (name, id, tags) of a Region's monitors; tags are read where they are asked for."""
    try:
        listed = list_monitors(opened.session, region)
    except NotCollected as gap:
        return gap
    return [
        (str(each["Name"]), str(each.get("Id", "")), _tags(opened, region, str(each["Name"])))
        for each in listed
    ]


def _tags(opened: Opened, region: str, name: str) -> dict[str, str]:
    if not opened.place.tags or not opened.place.wants(name):
        return {}
    try:
        reply = opened.session.read("rum", "GetAppMonitor", region=region, Name=name)
    except NotCollected:
        # It is looked at all the same, which says what is the matter.
        return dict(opened.place.tags)
    return dict(reply["AppMonitor"].get("Tags") or {})


def _tagged(place: Reach, tags: dict[str, str]) -> bool:
    return all(tags.get(key) == value for key, value in place.tags.items())


def _not_listed(
    plan: FleetPlan, opened: Opened, regions: Sequence[str], refusals: Mapping[str, str]
) -> list[FleetTarget]:
    """Add the monitors of the file that belong here, and return those that are not there."""
    lost = []
    there = {(each.region, each.monitor) for each in opened.targets}
    names = {region: {name for name, _ in pairs} for region, pairs in opened.listed.items()}
    for known in plan.known:
        if known.place not in {"", opened.place.name}:
            continue
        if not known.place and plan.places != (opened.place,):
            # Without an account it decorates what the accounts have.
            continue
        homes = [
            region
            for region in regions
            if known.region in {"", region} and known.monitor in names.get(region, set())
        ]
        for region in homes:
            if (region, known.monitor) not in there:
                idents = dict(opened.listed[region])
                opened.targets.append(
                    _target(plan, opened, region, known.monitor, ident=idents[known.monitor])
                )
        if not homes:
            where = known.region or ", ".join(regions)
            reason = f"there is no app monitor {known.monitor!r} in {where}"
            # Where the list was refused, nobody can say so.
            unread = (why for name, why in refusals.items() if known.region in {"", name})
            reason = next(unread, reason)
            lost.append(_target(plan, opened, known.region, known.monitor, error=reason))
    return lost


def _target(
    plan: FleetPlan, opened: Opened, region: str, name: str, *, ident: str = "", error: str = ""
) -> FleetTarget:
    return described(plan, opened.place, opened.account, region, name, ident=ident, error=error)


def described(
    plan: FleetPlan,
    place: Reach,
    account: str,
    region: str,
    name: str,
    *,
    ident: str = "",
    error: str = "",
) -> FleetTarget:
    """Return a target with all that the file knows of it; what is more exact wins."""
    about = [each for each in plan.known if each.is_about(place.name, region, name)]
    about.sort(key=lambda each: (len(each.place), bool(each.region)))
    known = {"owner": place.owner, "trail": plan.trail}
    for each in about:
        texts = {"page": each.page, "owner": each.owner, "traffic": each.traffic,
                 "trail": each.trail}  # fmt: skip
        known |= {key: text for key, text in texts.items() if text}
    return FleetTarget(
        place.name, account, region, name, since=plan.since, error=error, ident=ident, **known
    )


def _unreachable(plan: FleetPlan, place: Reach, reason: str) -> list[FleetTarget]:
    """Return a row for the place as a whole, and one for each monitor that the file names there."""
    named = [each for each in plan.known if each.place == place.name]
    whole = described(plan, place, "", ", ".join(place.regions), "", error=reason)
    rows = [described(plan, place, "", each.region, each.monitor, error=reason) for each in named]
    return [whole, *rows]
