"""A page as the policies' judge wants it, made from a case."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rumkit.client.csp import judge

if TYPE_CHECKING:
    from csp_cases import Case

    from rumkit.client.csp import Judgement


@dataclass(frozen=True)
class Script:
    index: int
    text: str
    attributes: dict[str, str] = field(default_factory=dict)
    inert: bool = False


@dataclass(frozen=True)
class MetaPolicy:
    value: str
    in_head: bool
    next_script: int
    http_equiv: str = "Content-Security-Policy"


@dataclass(frozen=True)
class Page:
    url: str
    headers: tuple[tuple[str, str], ...]
    scripts: tuple[Script, ...]
    meta_policies: tuple[MetaPolicy, ...]


def page_of(case: Case) -> Page:
    """Return the case's page: one script, and the meta policies around it."""
    headers = [("Content-Security-Policy", value) for value in case.headers]
    headers += [("Content-Security-Policy-Report-Only", value) for value in case.report_only]
    attributes = {"nonce": case.nonce} if case.nonce else {}
    metas = tuple(
        MetaPolicy(meta.value, meta.place != "body", 0 if meta.place == "before" else 1)
        for meta in case.metas
    )
    scripts = (Script(0, case.text, attributes),)
    return Page(f"{case.site}/page/1", tuple(headers), scripts, metas)


def mended(case: Case, judgement: Judgement) -> Case:
    """Return the case with every correction in place."""
    new = {(fix.where, fix.original): fix.value for fix in judgement.corrections}
    return replace(
        case,
        headers=tuple(new.get(("header", value), value) for value in case.headers),
        metas=tuple(
            replace(meta, value=new.get(("meta", meta.value), meta.value)) for meta in case.metas
        ),
    )


def judge_case(case: Case) -> Judgement:
    """Return what the library says about the case."""
    return judge(page_of(case), case.urls, client_url=case.client, snippet_index=0)
