"""Does the deployed snippet agree with the monitor's configuration?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.checks import authority, fixes, infrastructure, links, names
from rumkit.checks.base import Check, passed, skipped, warned
from rumkit.checks.words import shown
from rumkit.checks.written import telemetry_name
from rumkit.client.options import KnownOption, UnreadOption
from rumkit.model import Fix, Hop, Outcome, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet
    from rumkit.evidence import Evidence


# The monitor's field, the snippet's option, and what the client does when the option is left out.
_PAIRS: tuple[tuple[str, str, Any], ...] = (
    ("IdentityPoolId", "identityPoolId", None),
    ("SessionSampleRate", "sessionSampleRate", 1),
    ("AllowCookies", "allowCookies", False),
    ("EnableXRay", "enableXRay", False),
    ("Telemetries", "telemetries", None),
)
# Flows that need no identity pool, whatever the monitor names.
_WITHOUT_POOL = frozenset({"unsigned", "own-credentials"})


def configured(evidence: Evidence) -> Outcome | None:
    """Warn for a snippet with sample rate 0.1 when the monitor's configuration says 1."""
    snippet, monitor = evidence.snippet, evidence.monitor
    if not snippet.configured:
        return skipped("The snippet hands the client no configuration to compare.")
    own = evidence.flow in _WITHOUT_POOL
    differing = [
        (field, option, deployed)
        for field, option, default in _PAIRS
        if not (own and option == "identityPoolId")
        and _differs(deployed := _deployed(snippet, option, default), monitor.config.get(field))
    ]
    rows = tuple(
        (option, shown(deployed), shown(monitor.config[field]))
        for field, option, deployed in differing
    )
    table = Table(("option", "snippet", "monitor"), rows)
    proof = Proof(
        "rum:GetAppMonitor", {"differences": len(rows)}, {"Name": monitor.name}, table=table
    )
    if not rows:
        return passed("The snippet agrees with the monitor's configuration.", proof)
    return warned(
        f"The snippet and the monitor differ in {', '.join(row[0] for row in rows)}. The snippet"
        " is what browsers do; the monitor's configuration only feeds the generated snippet.",
        proof,
        fixes=(
            *_update_monitor(evidence, {field: deployed for field, _, deployed in differing}),
            fixes.configuration(
                "Or deploy the monitor's values",
                ",\n".join(
                    fixes.member(option, monitor.config[field]) for field, option, _ in differing
                ),
            ),
        ),
    )


def _update_monitor(evidence: Evidence, changed: dict[str, Any]) -> tuple[Fix, ...]:
    """Return what makes the monitor agree with the page; nothing changes for browsers.

    It is withheld where the page itself may be wrong, or where only the page names the monitor.
    """
    monitor = evidence.monitor
    title = "Update the monitor to what the page does; browsers notice nothing"
    doubts = (*authority.monitor_doubts(evidence), *authority.value_doubts(evidence, changed))
    if doubts:
        return (authority.withheld(title, doubts),)
    update = fixes.update_monitor(monitor, title, **changed)
    kept = {**monitor.config, **changed}
    whole = {key: value for key, value in kept.items() if value is not None}
    made = (update, *infrastructure.app_monitor(monitor, AppMonitorConfiguration=whole))
    undo = fixes.update_monitor(monitor, "undo")
    return authority.marked(evidence, "replaces configuration", made, undo=undo)


def _deployed(snippet: Snippet, option: str, default: Any) -> Any:
    setting = snippet.setting(option)
    if isinstance(setting, UnreadOption):
        return setting
    value = setting.value if isinstance(setting, KnownOption) else default
    if option == "telemetries" and isinstance(value, list):
        return list(map(telemetry_name, value))
    return value


def _differs(deployed: Any, configured: Any) -> bool:
    """Compare what both sides say; an expression is no difference."""
    if configured is None or isinstance(deployed, UnreadOption):
        return False
    if isinstance(configured, list):
        return isinstance(deployed, list) and sorted(map(str, deployed)) != sorted(configured)
    return bool(deployed != configured)


CHECK = Check(
    id=names.CONFIGURATION_DRIFT,
    hop=Hop.INGEST,
    section=Section.BEYOND,
    title="The deployed snippet agrees with the monitor's configuration",
    configured=configured,
    docs=(f"{links.RUM_API}/API_AppMonitorConfiguration.html",),
    table="changes",
)
