"""The picture of the path in a browser: no label meets another or is cut; print has no controls."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import examples
import pytest

from rumkit.model import Condition, Hop, HopState, Proof, Status, Table
from rumkit.report_export import page_of
from rumkit.show import html, tables

if TYPE_CHECKING:
    from rumkit.investigation import Investigation

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("path-in-a-browser")]

# The text boxes of the picture that meet each other, or reach out of the picture or the window.
_FAULTS = """() => {
  const picture = document.querySelector('.rk-path');
  const frame = picture.getBoundingClientRect();
  const texts = [...picture.querySelectorAll('text')].map(node => [node, node.getBoundingClientRect()]);
  const faults = [];
  texts.forEach(([node, box], at) => {
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1
        || box.right > innerWidth + 1) faults.push('cut: ' + node.textContent);
    texts.slice(at + 1).forEach(([other, next]) => {
      const wide = Math.min(box.right, next.right) - Math.max(box.left, next.left);
      const high = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
      if (wide > 0.5 && high > 4) faults.push(node.textContent + ' meets ' + other.textContent);
    });
  });
  return faults;
}"""  # noqa: E501
_SIZE = "() => Math.min(...[...document.querySelectorAll('.rk-path text')].map(node => parseFloat(getComputedStyle(node).fontSize) * node.closest('svg').getBoundingClientRect().width / node.closest('svg').viewBox.baseVal.width))"  # noqa: E501


def with_conditions(condition: Condition, broken: Hop) -> Investigation:
    steps = tuple(HopState(hop, Status.UNKNOWN, condition) for hop in Hop)
    found = examples.broken()
    cause = found.finding("guest-role-permission")
    longest = replace(cause, hop=broken, check="token-vending-failures")
    return replace(
        found, path=steps, findings=(longest,), root_cause="token-vending-failures"
    )  # fmt: skip


@pytest.mark.parametrize("width", [800, 620, 1000, 1400])
@pytest.mark.parametrize("condition", list(Condition))
def test_no_label_meets_another_or_is_cut(condition: Condition, width: int, browser: Any) -> None:
    page = browser.new_context(viewport={"width": width, "height": 600}).new_page()
    for hop in Hop:
        page.set_content(page_of(with_conditions(condition, hop)))
        assert page.evaluate(_FAULTS) == []
    assert page.evaluate(_SIZE) >= (11 if width >= 800 else 8)
    page.context.close()


@pytest.mark.parametrize(("width", "pictured"), [(390, False), (320, False), (800, True)])
def test_a_phone_gets_the_path_as_a_list(width: int, pictured: bool, browser: Any) -> None:
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    page.set_content(page_of(examples.broken()))
    assert page.locator(".rk-path").is_visible() is pictured
    assert page.locator(".rk-hops").is_visible() is not pictured
    assert "Authorise broken ← breaks here" in " ".join(
        page.locator(".rk-hops").text_content().split()
    ).replace("✗ ", "")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_without_style_the_path_is_still_told(browser: Any) -> None:
    """A notebook that is not trusted loses its style sheets and its pictures."""
    shown = html.overview(examples.broken())
    bare = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", shown, flags=re.DOTALL)
    page = browser.new_context().new_page()
    page.set_content(bare)
    assert page.locator(".rk-hops").is_visible()
    page.context.close()


def test_print_has_no_search_boxes(browser: Any) -> None:
    found = examples.broken()
    table = tables.table(found, "denied_put_events").html
    body = page_of(found).replace("</main>", f"{table}</main>")
    page = browser.new_context(viewport={"width": 800, "height": 1000}).new_page()
    page.set_content(body.replace("</body>", f"{tables.library()}</body>").replace(
        "script-src 'unsafe-inline' blob:", "script-src 'unsafe-inline' blob: data:"))  # fmt: skip
    page.locator("table.dataTable").first.wait_for()
    assert page.get_by_label("Filter").first.is_visible()
    page.emulate_media(media="print")
    assert not page.get_by_label("Filter").first.is_visible()
    assert page.locator("table.dataTable").first.is_visible()
    page.context.close()


def test_a_table_of_evidence_with_long_words_is_not_cut_in_a_narrow_window(browser: Any) -> None:
    found = examples.broken()
    arn = "arn:aws:rum:eu-west-1:111122223333:appmonitor/" + "shop" * 12
    table = Table(
        ("element", "answer", "why"), ((arn, "not matched", f"the request is for {arn}"),)
    )
    cause = replace(found.cause, evidence=(Proof("iam:GetRolePolicy", {"role": arn}, table=table),))
    page = browser.new_context(viewport={"width": 620, "height": 800}).new_page()
    page.set_content(page_of(replace(found, findings=(cause,))))
    widths = "nodes => nodes.map(node => node.scrollWidth - node.clientWidth)"
    assert page.locator(".rk-scroll:has(table):visible").evaluate_all(widths) == [0, 0]
    page.context.close()
