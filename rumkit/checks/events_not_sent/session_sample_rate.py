"""Is every session recorded?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, warned
from rumkit.checks.observed import not_told, seen_to_fail, seen_to_work
from rumkit.checks.words import shown
from rumkit.checks.written import problem_proof, sentence, wrong_value
from rumkit.client.options import KnownOption, LeftOut
from rumkit.model import Hop, Outcome, Proof, Section

if TYPE_CHECKING:
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_STICKY = (
    "The draw is kept in cookie cwr_s for the session, so a higher rate does not help sessions"
    " that have begun."
)
_NEW_SESSION = fixes.advice(
    "Begin a new session to look again",
    "Clear the site's cookies, or open the page in a private window: the draw is made anew.",
)
_EVERY = fixes.configuration("Record every session", "sessionSampleRate: 1", side_effect=_STICKY)


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `sessionSampleRate: 0`; warn for anything below 1."""
    if wrong := wrong_value(evidence.snippet, "sessionSampleRate"):
        return failed(
            f"{sentence(wrong)} That text is not a number, so no session is ever recorded.",
            problem_proof(wrong),
            fixes=(_EVERY,),
        )
    rate = evidence.option("sessionSampleRate", default=1)
    proof = Proof("snippet", {"sessionSampleRate": shown(rate)})
    number = _number(rate)
    if number is None or math.isnan(number):
        return failed(
            f"The sample rate {shown(rate)} is not a number, so no session is ever recorded.",
            proof,
            fixes=(_EVERY,),
        )
    if number <= 0:
        return failed(f"The sample rate is {rate}: no session is recorded.", proof, fixes=(_EVERY,))
    if number < 1:
        return warned(
            f"{number:.4g} of the sessions are recorded; the others send nothing. {_STICKY}",
            proof,
            fixes=(_EVERY,),
        )
    return passed("Every session is recorded.", proof)


def _number(value: Any) -> float | None:
    """Return what JavaScript's comparison makes of a value, None for what it can't compare."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value.strip() or "0")
        except ValueError:
            return None
    return 0.0 if value is None else None


def observed(evidence: Evidence) -> Outcome | None:
    """Check sampling: the session's own cookie decides, not the rate of the page."""
    visit = evidence.visit
    stored = visit.storage.sessions if visit.storage else ()
    sent = {c.batch.session_id for c in visit.puts if c.batch}
    unsampled = [s for s in stored if s.record is False and s.session_id not in sent]
    rate = _rate_of(visit)
    if unsampled:
        return seen_to_fail(
            f"The session's cookie cwr_s says record: false{_rate(rate)}: this session was not "
            "sampled and sends nothing until it ends (30 minutes without activity), whatever "
            "the page's rate is now.",
            fixes=(_EVERY, _NEW_SESSION),
        )
    if visit.console and visit.console.said("unsampled") and not visit.puts:
        return seen_to_fail(
            f"The client says that the session is not sampled{_rate(rate)}.",
            fixes=(_EVERY, _NEW_SESSION),
        )
    if visit.puts:
        return seen_to_work("The session is sampled: it sent events.", visit.puts[:1])
    if any(s.record for s in stored):
        return seen_to_work("The session's cookie cwr_s says record: true.")
    if not visit.silent_loads or any(call.failed for call in visit.vending):
        return None
    if visit.setting("allowCookies") != KnownOption(value=True) and rate == 0:
        return seen_to_fail("sessionSampleRate is 0: no session is ever recorded.", fixes=(_EVERY,))
    return _silent_sampling(visit, rate)


def _silent_sampling(visit: Visit, rate: float | None) -> Outcome:
    if rate == 0:
        return seen_to_fail(
            "sessionSampleRate is 0, and the client sent nothing.", certain=False, fixes=(_EVERY,)
        )
    vended = any(call.ok for call in visit.vending)
    third = "enableRumClient: false or an excluded page" if vended else "no credentials configured"
    return not_told(
        f"The client ran and sent no events{_rate(rate)}. The recording alone can't tell these "
        "apart: an unsampled session, the event limit reached earlier in the session, "
        f"{third}, a blocked request (it leaves no entry) or a recording shorter than 5 s. The "
        "cookie cwr_s does (record, eventCount): save the browser's storage, and the console, "
        "beside the recording.",
        missing=("input:storage", "input:console"),
    )


def _rate_of(visit: Visit) -> float | None:
    """Return the snippet's rate, 1 where it is left out, None where it is not known."""
    match visit.setting("sessionSampleRate"):
        case KnownOption(int(rate) | float(rate)) if not isinstance(rate, bool):
            return float(rate)
        case LeftOut():
            return 1.0
        case _:
            return None


def _rate(rate: float | None) -> str:
    return "" if rate in {None, 1.0} else f" (sessionSampleRate is {rate:g})"


CHECK = Check(
    id=names.SESSION_SAMPLE_RATE,
    hop=Hop.SESSION,
    section=Section.EVENTS_NOT_SENT,
    title="Every session is recorded",
    configured=configured,
    observed=observed,
    docs=(links.CLIENT_OPTIONS,),
)
