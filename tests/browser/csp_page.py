"""A case as the library reads it: the page's own HTML and headers, evaluated and mended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rumkit.client.csp import evaluate
from rumkit.client.page import page_from_html

if TYPE_CHECKING:
    from csp_cases import Case

    from rumkit.client.csp import Evaluation
    from rumkit.client.page import Page


def page_of(case: Case) -> Page:
    """Return the case's page, read from the HTML and headers that Chromium gets."""
    headers = [("Content-Security-Policy", value) for value in case.headers]
    headers += [("Content-Security-Policy-Report-Only", value) for value in case.report_only]
    return page_from_html(case.html, url=f"{case.site}/page/1", headers=headers)


def mended(case: Case, evaluation: Evaluation) -> Case:
    """Return the case with every correction in place."""
    new = {(fix.where, fix.original): fix.value for fix in evaluation.corrections}
    return replace(
        case,
        headers=tuple(new.get(("header", value), value) for value in case.headers),
        metas=tuple(
            replace(meta, value=new.get(("meta", meta.value), meta.value)) for meta in case.metas
        ),
    )


def evaluate_case(case: Case) -> Evaluation:
    """Return what the library says about the case."""
    return evaluate(page_of(case), case.urls, client_url=case.client, snippet_index=0)
