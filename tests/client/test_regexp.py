"""Patterns of a configuration match as JavaScript matches them, whatever the pattern costs."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time

import pytest

from rumkit.client.regexp import matches

PATTERNS = [
    ("^https:\\/\\/www\\.shop\\.example\\/", "", "https://www.shop.example/a", True),
    ("^\\/home", "", "https://www.shop.example/home", False),
    ("SHOP", "i", "https://www.shop.example/", True),
    ("basket$", "", "https://www.shop.example/basket", True),
    ("basket$", "", "https://www.shop.example/basket?x", False),
    ("basket$", "", "basket\n", False),
    (".*", "", "", True),
    ("\\d{2,3}", "", "a12", True),
    ("^\\d$", "", "\u0663", False),
    ("[^]", "", "a", True),
    ("[]", "", "a", False),
    ("(?:a|b)c", "g", "xbc", True),
    ("(?<name>a)", "", "a", True),
    ("b", "y", "ab", False),
    ("^b", "m", "a\nb", True),
    ("^b", "", "a\nb", False),
    ("a.b", "", "a\u2028b", False),
    ("a.b", "s", "a\nb", True),
    ("^\\s$", "", "\ufeff", True),
    ("^\\s$", "", "\u180e", False),
    ("^[^\\S]$", "", "\u00a0", True),
    ("^\\w$", "", "é", False),
    ("a]}{b", "", "a]}{b", True),
    ("a{,2}", "", "a{,2}", True),
    ("^[\\w-z]$", "", "-", True),
    ("^[\\b]$", "", "\b", True),
    ("^\\cJ$", "", "\n", True),
    ("\\c", "", "\\c", True),
    ("^\\u0041\\x42$", "", "AB", True),
    ("^\\u{41}$", "u", "A", True),
    ("^\\x4$", "", "x4", True),
    ("^\\p{L}$", "", "p{L}", True),
    ("^\\Qa\\E$", "", "QaE", True),
    ("^[[:alpha:]]$", "", "a", False),
    ("^k$", "i", "K", True),
    ("^[^a-z]$", "i", "K", False),
    ("\u212a", "i", "k", False),
    ("\u212a", "iu", "k", True),
    ("/\u00fcber", "i", "/%C3%BCber", False),
    ("^.$", "u", "\U0001f600", True),
]


@pytest.mark.parametrize(("pattern", "flags", "text", "expected"), PATTERNS)
def test_patterns_match_as_in_javascript(
    pattern: str, flags: str, text: str, expected: bool
) -> None:
    assert matches(pattern, flags, text) is expected


NO_ANSWER = [
    *(("(?=a)", ""), ("(?<!a)b", ""), ("(a)\\1", ""), ("\\01", ""), ("[\\01]", "")),
    *(("a{99999}", ""), ("(", ""), (")", ""), ("[b-a]", ""), ("[a", ""), ("a\\", "")),
    *(("a**", ""), ("^*", ""), ("{2}", ""), ("a{2,1}", ""), ("(?i)a", ""), ("(?P<n>a)", "")),
    *(("(?<n>a)(?<n>b)", ""), ("\\p{L}", "u"), ("a]", "u"), ("a{", "u"), ("\\a", "u")),
    *(("a", "v"), ("a", "x"), ("a", "gg"), ("\U0001f600", ""), ("a" * 2_001, "")),
]


@pytest.mark.parametrize(("pattern", "flags"), NO_ANSWER)
def test_a_pattern_that_re2_cannot_run_as_javascript_means_it_has_no_answer(
    pattern: str, flags: str
) -> None:
    assert matches(pattern, flags, "a") is None


@pytest.mark.parametrize(
    ("pattern", "flags", "text"),
    [
        ("^.$", "", "\U0001f600"),
        ("a", "", "\ud800"),
        ("É", "i", "é"),
        ("^b", "m", "a\rb"),
        ("a", "", "a" * 4_001),
    ],
)
def test_a_text_that_re2_reads_otherwise_has_no_answer(pattern: str, flags: str, text: str) -> None:
    assert matches(pattern, flags, text) is None


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)+$", "(.*){20}x", "a*a*a*a*a*b"])
def test_a_pattern_that_backtracks_for_ever_elsewhere_is_answered(pattern: str) -> None:
    assert matches(pattern, "", "a" * 3_000 + "!") is False


@pytest.mark.parametrize(
    "pattern",
    [
        "(a|b|ab|ba|\\w|\\W|\\d){900}x",
        "(.{0,30}){30}x",
        ".{900}b|.{901}c|.{902}d",
        "(.*a.{999}b)",
        "(?:" * 600 + "a" + ")*" * 600,
        "((a{0,30}){30}){30}b",
    ],
)
def test_no_pattern_is_run_for_long(pattern: str) -> None:
    picked = random.Random(3)
    begun = time.process_time()
    matches(pattern[:2_000], "", "".join(picked.choices("ab", k=4_000)))
    # A tenth to three quarters of a second on a quiet machine.
    assert time.process_time() - begun < 5


PIECES = [
    *"abAZz019_-/.sSkK {}[]|^$éÉß\u017f\u212aΩω\n\u2028\U0001f600",
    *("\\.", "*", "+", "?", "*?", "{2}", "{1,}", "{0,2}", "{,2}", "{a", "(", "(?:", "(?<n>", ")"),
    *("\\b", "\\B", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "[^", "[a-z]", "[A-Z0-9]", "[\\w-z]"),
    *("[a-\\d]", "[\\b]", "[\\s\\S]", "[^\\s]", "[^\\W]", "[\\u00e0-\\u00ff]", "[!-\\uffff]"),
    *("\\/", "\\-", "\\cA", "\\c", "\\c1", "[\\cA]", "[\\c1]", "\\x41", "\\x4", "\\u0041", "\\01"),
    *("\\u{41}", "\\u{1F600}", "\\n", "\\0", "\\v", "\\1", "\\k", "\\p{L}", "\\a", "\\z", "\\A"),
    *("(?=a)", "(?<!b)", "\\Q", "\\C", "[[:alpha:]]", "(?i)", "[--a]", "[a-]", "[^-]", "[z-a]"),
]
LETTERS = [
    *"^$|()?*+,\b\0\x01\U0001f600",
    *"abAZ01_-/.éÉß\u017f\u212aksSΩωåÅ\n\r\u2028 \t\v\u00a0\ufeff\u180e{}[]\\cu",
]
FLAGS = ["", "", "", "i", "i", "m", "s", "u", "iu", "y", "g", "im", "su", "gimsuy", "v", "gg"]
RUN = """
const asked = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(asked.map(([pattern, flags, text]) => {
  try { return new RegExp(pattern, flags).test(text); } catch { return null; }
})));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_what_is_answered_is_what_javascript_answers() -> None:
    picked = random.Random(11)
    asked = []
    for _ in range(20_000):
        pattern = "".join(picked.choices(PIECES, k=picked.randint(1, 6)))
        text = "".join(picked.choices(LETTERS, k=picked.randint(0, 6)))
        if picked.random() < 0.6:
            text = text.encode("ascii", "ignore").decode()
        asked.append((pattern, picked.choice(FLAGS), text))
    ran = subprocess.run(
        ["node", "-e", RUN], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    answered = 0
    for case, expected in zip(asked, json.loads(ran.stdout), strict=True):
        answer = matches(*case)
        answered += answer is not None
        assert answer in {expected, None}, case
    assert answered > 6_000


def test_re2_is_loaded_by_the_first_pattern_only() -> None:
    code = "import sys, rumkit.client.regexp; print('re2' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
