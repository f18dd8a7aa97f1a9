"""The right hash, and the wrong ones by the mistake that makes them."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumkit.client.csp.hashes import (
    browser_hash,
    explain_hash,
    mistakes,
    shell_assignment,
    split_words,
)

GUIDE = (
    "(function(n,i,v,r,s,c,u,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c,u:u};window[n]="
    "function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');z.async=true;z.src=s;"
    "document.head.insertBefore(z,document.getElementsByTagName('script')[0]);})('cwr','00000000-"
    "0000-0000-0000-000000000000','1.0.0','us-west-2','https://client.rum.us-east-1.amazonaws.com/"
    "1.0.2/cwr.js',{sessionSampleRate:1,guestRoleArn:'arn:aws:iam::000000000000:role/RUM-Monitor-"
    "us-west-2-000000000000-00xx-Unauth',identityPoolId:'us-west-2:00000000-0000-0000-0000-"
    "000000000000',endpoint:'https://dataplane.rum.us-west-2.amazonaws.com',telemetries:['errors',"
    "'http','performance'],allowCookies:true});"
)
SPACED = "\n  cwr('start', {\n    host:\t'shop',  \"name\": \"A  b\"\n  });\n"


def hash_of(name: str, text: str) -> str:
    return browser_hash(next(m.text for m in mistakes(text) if m.name == name))


def test_browser_hash_of_the_guides_snippet() -> None:
    assert browser_hash(GUIDE) == "'sha256-+ReXRyw465AikdwbZimIH+KZRpNUPPXzzL4ce6Tnphc='"


@pytest.mark.parametrize(
    ("mistake", "value"),
    [
        ("newline", "BJZh3GJaLf+3rLoWhWhy8BSe1yu5eANQ7FvjDPQ1CJg="),
        ("guide-command", "dhFqvDHwFpO34BJSlFlEdnhKI/jmMD2Yl50PvxjyLN0="),
        ("echo-n", "ArML1I4VaWjGfDAluaBCwBzbZ41Fv4ETn/DGDDzXPBo="),
    ],
)
def test_wrong_hash_of_the_guides_snippet(mistake: str, value: str) -> None:
    assert hash_of(mistake, GUIDE) == f"'sha256-{value}'"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("'sha256-dhFqvDHwFpO34BJSlFlEdnhKI/jmMD2Yl50PvxjyLN0='", "the guide's command hashes"),
        ("'sha256-ArML1I4VaWjGfDAluaBCwBzbZ41Fv4ETn/DGDDzXPBo='", "does not mend"),
        ("'sha256-BJZh3GJaLf+3rLoWhWhy8BSe1yu5eANQ7FvjDPQ1CJg='", "plus a newline"),
        ("sha256-dhFqvDHwFpO34BJSlFlEdnhKI/jmMD2Yl50PvxjyLN0=", "takes it for a host name"),
        ("sha256-+ReXRyw465AikdwbZimIH+KZRpNUPPXzzL4ce6Tnphc=", "is the right hash, but"),
        ("+ReXRyw465AikdwbZimIH+KZRpNUPPXzzL4ce6Tnphc=", "is the right hash, but"),
        ("'sha256-+rexryw465aikdwbzimih+kzrpnuppxzzl4ce6tnphc='", "wrong case"),
        ("\u2018sha256-+ReXRyw465AikdwbZimIH+KZRpNUPPXzzL4ce6Tnphc=\u2019", "single quotes"),
    ],
)
def test_explanation_names_the_mistake(source: str, words: str) -> None:
    assert words in (explain_hash(source, GUIDE) or "")


@pytest.mark.parametrize(
    "source",
    [
        "'sha256-+ReXRyw465AikdwbZimIH+KZRpNUPPXzzL4ce6Tnphc='",
        "'sha256--ReXRyw465AikdwbZimIH-KZRpNUPPXzzL4ce6Tnphc'",
        "'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='",
        "'self'",
        "https://client.rum.us-east-1.amazonaws.com",
        "",
    ],
)
def test_right_hash_and_unrelated_sources_are_not_explained(source: str) -> None:
    assert explain_hash(source, GUIDE) is None


@pytest.mark.parametrize("name", sorted({mistake.name for mistake in mistakes(SPACED)}))
def test_every_mistake_on_a_spaced_snippet_is_explained(name: str) -> None:
    text = next(m.text for m in mistakes(SPACED) if m.name == name)
    if text != SPACED:
        assert explain_hash(browser_hash(text), SPACED)


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_mistakes_are_recognised_in_the_longer_algorithms(algorithm: str) -> None:
    assert explain_hash(browser_hash(GUIDE + "\n", algorithm), GUIDE)


def test_windows_line_ends_are_recognised() -> None:
    text = SPACED.replace("\n", "\r\n")
    assert "Windows line ends" in (explain_hash(browser_hash(text), SPACED) or "")


def test_hexadecimal_digest_is_recognised() -> None:
    import hashlib

    source = f"'sha256-{hashlib.sha256(GUIDE.encode()).hexdigest()}'"
    assert "hexadecimal" in (explain_hash(source, GUIDE) or "")


@pytest.mark.parametrize(
    "text", ["it's", "f('a b')", "f('a;b')", "f('$x')", 'f("it\'s")', "f('~/x')"]
)
def test_assignment_that_the_shell_breaks_is_not_guessed(text: str) -> None:
    assert shell_assignment(text) is None


BASH = shutil.which("bash")
QUOTED = st.text('abc(){};=.,[0]"\\$ \n\t*', max_size=20)
BARE = st.text("abcXYZ019.:/-_,{}[]@%+=", max_size=12)


@pytest.mark.skipif(BASH is None, reason="there is no bash on this machine")
@pytest.mark.parametrize(
    ("mistake", "command"),
    [
        ("guide-command", "echo $SNIPPET"),
        ("echo-n", 'echo -n "$SNIPPET"'),
        ("echo-quoted", 'echo "$SNIPPET"'),
        ("echo-n-unquoted", "echo -n $SNIPPET"),
    ],
)
def test_mistake_is_what_bash_prints(mistake: str, command: str) -> None:
    script = f"set -f\nSNIPPET='{SPACED}'\n{command}"
    run = subprocess.run([str(BASH), "-c", script], capture_output=True, check=True, timeout=20)
    assert browser_hash(run.stdout.decode()) == hash_of(mistake, SPACED)


@pytest.mark.skipif(BASH is None, reason="there is no bash on this machine")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(QUOTED, BARE), max_size=4), QUOTED)
def test_shell_emulation_equals_bash(pairs: list[tuple[str, str]], tail: str) -> None:
    text = "".join(f"{quoted}'{bare}'" for quoted, bare in pairs) + tail
    kept = shell_assignment(text)
    assert kept is not None
    # No pathname expansion: the words below would otherwise match files of the directory.
    script = f"set -f\nSNIPPET='{text}'\nprintf '%s' \"$SNIPPET\"; printf '\\1'; echo $SNIPPET"
    run = subprocess.run([str(BASH), "-c", script], capture_output=True, check=True, timeout=20)
    echoed = split_words(kept)
    if not re.match(r"-[neE]+( |$)", echoed):
        assert run.stdout.decode() == f"{kept}\x01{echoed}\n"
