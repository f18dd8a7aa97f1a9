"""Policies as the files of servers and frameworks hold them: as text, or as lists of sources.

Nothing of a file is run. What something else fills stays in the policy as `${…}`.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from rumkit.client.csp.fluent import built_directives

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_TEXT = 400_000
_MAX_PIECES = 300
_MAX_VALUE = 20_000
_KINDS = "default|script|style|connect|img|font|object|media|frame|child|worker|manifest|prefetch"
_DIRECTIVE = re.compile(rf"(?<![\w$-])(?:{_KINDS})-src(?:-elem|-attr)?(?=[\s;'\"\\])")
# The names of directives in lists: helmet, Rails, Django, Laravel, SvelteKit and their like.
_LISTED = re.compile(
    rf"(?<![\w$-])(['\"]?)(?:CSP_)?(?:Directive(?:::|\.)(?P<bare>{_KINDS})(?:_SRC)?"
    rf"|(?P<named>{_KINDS})(?:[-_]src|Src))(?:[-_]?(?P<part>elem|attr))?\1"
    r"\s{0,8}(?:=>|[:=,(]|\s(?=[:'\"%]))\s{0,8}",
    re.IGNORECASE,
)
# A list that is joined to a directive: its name, and then its sources.
_NAME_FIRST = re.compile(
    rf"\[\s{{0,99}}(['\"])(?P<name>(?:{_KINDS})-src(?:-elem|-attr)?)\1\s{{0,99}},"
    r"(?P<sources>[^\[\]]{0,5000})\]"
)
_NAMES_POLICY = re.compile(
    r"content.{0,2}security.{0,2}policy|\bcsp\b|csp_|helmet|['\"](?:default|script|connect)-src['\"]",
    re.IGNORECASE,
)
# The header, or the names that Django's settings and NWebsec have for it.
_HEADER = re.compile(
    r"(?:content[-_ ]?security[-_ ]?policy|\bSECURE_CSP|\bUseCsp)([-_ ]?report[-_ ]?only)?",
    re.IGNORECASE,
)
_ON_TRIAL = re.compile(
    r"report.?only['\"]?\s{0,4}(?:=>|[:=])\s{0,4}(?:true\b|True\b|1\b)", re.IGNORECASE
)
_COMMENT = re.compile(r"\s*(?:#|//|/?\*|<!--|--|;)")
_BETWEEN = re.compile(r"(?:[\s,+.()\\;&|]|\b(?:join|concat)\b|['\"]|#[^\n{]*+|//[^\n]*+)*+")
_ADDED = re.compile(r"['\"`]\s*\+\s*([A-Za-z_$][\w$.]*)\s*\+")
_ITEM = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`"
    r"|:(\w+)|#[^\n]*|//[^\n]*|([A-Za-z_$][\w$.:]*(?:\([^()]{0,80}\))?)|\S"
)
_WORDS = frozenset(["self", "none", "unsafe_inline", "unsafe_eval", "strict_dynamic",
                    "wasm_unsafe_eval", "unsafe_hashes", "report_sample"])  # fmt: skip
_SCHEMES = frozenset(["https", "http", "data", "blob", "wss", "ws", "filesystem", "mediastream"])
# helmet(), helmet.contentSecurityPolicy({…}), register(helmet), use(require('koa-helmet')())
_HELMET = re.compile(
    r"\bhelmet(?:\.contentSecurityPolicy|\.default)?\(|\bregister\(\s{0,40}(?:fastifyH|h)elmet\b"
    r"|['\"](?:@fastify/|koa-)?helmet['\"]\)\s{0,9}[(,)]"
)
_NO_DEFAULTS = re.compile(r"useDefaults\s{0,9}:\s{0,9}false")
# Of its default policy what decides whether the client runs and connects.
_HELMET_DEFAULTS = ("default-src 'self'", "script-src 'self'")
_CLOSING = {"[": "]", "(": ")", "{": "}"}
# Up to the quote that ends a text; YAML doubles one that belongs to it.
_CLOSE = {
    '"': re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL),
    "`": re.compile(r"(?:[^`\\]|\\.)*+`", re.DOTALL),
    "'": re.compile(r"(?:[^'\\]|\\.|'')*+'", re.DOTALL),
}
_LINE_END = re.compile(r"[\n\"`<}]")
_ARGUMENTS = re.compile(r"(?:[^\n]*,[ \t]*\n)*[^\n]*")
# Where one text goes on as the next: added with + or ., or side by side as in Python and C.
_JOINS = re.compile(
    r"\"\s{0,200}[+.]\s{0,200}\"|'\s{0,200}\+\s{0,200}'"
    r"|(?<!\\)\"[ \t]{0,40}\r?\n\s{0,200}[fFrR]?\"(?=[^\"\n]*\")"
)
# What something else fills.
_FILL = re.compile(r"\$?\{[^{}]*\}?|<[^<>]*>?|%s|\$[A-Za-z_]\w*|\}")
# Policies for images that Next.js optimises, and for Electron Forge's own server.
_OTHERS = re.compile(r"dangerouslyAllowSVG|devContentSecurityPolicy")
# Names of the header that no browser of today reads.
_OLD_NAMES = re.compile(
    r"\bX-(?:Content-Security-Policy|WebKit-CSP)\b(?!.*(?<!X-)Content-Security-Policy)",
    re.IGNORECASE,
)
_TYPED = re.compile(r"\[\]\w{1,20}\s{0,4}(?=\{)")


@dataclass(frozen=True)
class WrittenPolicy:
    """One policy of a file: its value as a header carries it, and whether it only reports."""

    value: str
    report_only: bool

    @property
    def header(self) -> tuple[str, str]:
        """Return the policy as a response header."""
        name = "content-security-policy"
        return f"{name}-report-only" if self.report_only else name, self.value


@dataclass(frozen=True)
class _Piece:
    """A part of a policy, and where it stands in the file."""

    start: int
    end: int
    text: str


def written_policies(text: str) -> tuple[WrittenPolicy, ...]:
    """Return the policies that a file of a server, a framework or a CDN sets, each once."""
    text = _JOINS.sub("", text[:_MAX_TEXT])
    pieces = (
        sorted([*_pieces(text), *_named_first(text)], key=lambda piece: piece.start)
        or list(_lists(text))
        or [_Piece(*each) for each in built_directives(text)]
        or list(_bare_helmet(text))
    )
    helmet_adds = _HELMET.search(text) is not None and _NO_DEFAULTS.search(text) is None
    policies: list[WrittenPolicy] = []
    for group in _groups(text, pieces):
        value = _joined_value(text, group)
        value = (_with_helmets(value) if helmet_adds else value)[:_MAX_VALUE]
        policies.append(WrittenPolicy(value, _only_reports(text, group[0].start)))
    return tuple(dict.fromkeys(policies))


def open_sources(value: str) -> tuple[str, ...]:
    """Return the sources of a directive's value that something else fills."""
    return tuple(word for word in value.split() if _FILL.search(word))


def may_allow(value: str, url: str) -> bool:
    """Tell whether a directive's value may allow a URL once something else has filled it.

    `https://dataplane.rum.${region}.amazonaws.com` never becomes the host of another service.
    """
    return any(_may_cover(source, url) for source in open_sources(value))


def _may_cover(source: str, url: str) -> bool:
    kept = _FILL.split(source.removeprefix("https://").replace("*", "{}"))
    # What hangs on a source without a dot may bring further sources: 'self'${more}
    if kept[-1] == "" and not kept[-2].endswith("."):
        return True
    rest = url.removeprefix("https://")
    if not rest.startswith(kept[0]):
        return False
    for part in filter(None, kept):
        _, there, rest = rest.partition(part)
        if not there:
            return False
    return True


def _pieces(text: str) -> Iterator[_Piece]:
    """Yield what is written as a policy's own text: in quotes, or on a line of its own."""
    end = count = 0
    for match in _DIRECTIVE.finditer(text):
        if match.start() < end or count >= _MAX_PIECES or not _sets_policy(text, match.start()):
            continue
        before = text[max(0, match.start() - 200) : match.start()].rstrip()
        end = _end(text, match.start(), before[-1:])
        value = _plain(text[match.start() : end])
        count += 1
        if len(value.split()) > 1 or ";" in value:
            yield _Piece(match.start(), end, value)


def _sets_policy(text: str, at: int) -> bool:
    """Tell whether what stands here is neither a comment nor a policy of something else."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    around = text[max(0, at - 300) : at + 300]
    return not (_COMMENT.match(line) or _OLD_NAMES.search(line) or _OTHERS.search(around))


def _end(text: str, start: int, before: str) -> int:
    """Return where the text ends that begins with a directive behind this character."""
    if before in {'"', "`", "'"}:
        match = _CLOSE[before].match(text, start, start + _MAX_VALUE)
        return match.end() - 1 if match else start
    match = _LINE_END.search(text, start, start + _MAX_VALUE)
    return match.start() if match else min(len(text), start + _MAX_VALUE)


def _plain(value: str) -> str:
    value = html.unescape(value).replace("''", "'").replace("\\n", " ")
    return " ".join(re.sub(r"\\(.)", r"\1", value).split()).strip(" ;,")


def _lists(text: str) -> Iterator[_Piece]:
    """Yield the directives that are written as lists, in a file that speaks of policies."""
    if not _NAMES_POLICY.search(text):
        return
    end = 0
    for match in islice(_LISTED.finditer(text), _MAX_PIECES):
        if match.start() < end or not _sets_policy(text, match.start()):
            continue
        end, sources = _sources(text, match.end())
        if sources is not None:
            part = f"-{match['part'].lower()}" if match["part"] else ""
            name = f"{(match['bare'] or match['named']).lower()}-src{part}"
            yield _Piece(match.start(), end, " ".join([name, *sources]))


def _named_first(text: str) -> Iterator[_Piece]:
    """Yield the directives of lists that begin with the directive's own name."""
    for match in islice(_NAME_FIRST.finditer(text), _MAX_PIECES):
        if _sets_policy(text, match.start()):
            value = " ".join([match["name"], *_items(match["sources"])])
            yield _Piece(match.start(), match.end(), value)


def _bare_helmet(text: str) -> Iterator[_Piece]:
    """Yield the policy that helmet sends when nobody configures one."""
    if "ontentSecurityPolicy" not in text and (call := _HELMET.search(text)):
        yield _Piece(call.start(), call.end(), _HELMET_DEFAULTS[0])


def _with_helmets(value: str) -> str:
    """Add the directives that a policy leaves to helmet."""
    named = _directive_names(value)
    missing = [each for each in _HELMET_DEFAULTS if each.split()[0] not in named]
    return "; ".join([value, *missing])


def _directive_names(policy: str) -> set[str]:
    return {part.split()[0] for part in policy.split(";") if part.strip()}


def _sources(text: str, start: int) -> tuple[int, list[str] | None]:
    """Return where a list ends, and its sources; None where a value is no list of them."""
    typed = _TYPED.match(text, start)
    start = typed.end() if typed else start
    opening = text[start : start + 1]
    if text.startswith("%w", start):
        closing = text.find(_CLOSING.get(text[start + 2 : start + 3], "]"), start)
        return closing, text[start + 3 : closing].split() if closing > 0 else None
    if opening in _CLOSING:
        end = text.find(_CLOSING[opening], start, start + _MAX_VALUE)
        return (end + 1, _items(text[start + 1 : end])) if end > 0 else (start, None)
    if opening in {"'", '"', "`"} and text[start - 1 : start] != "(" and not _ruby(text, start):
        end = _end(text, start + 1, opening)
        return end + 1, _plain(text[start + 1 : end]).split()
    line = _ARGUMENTS.match(text, start, start + _MAX_VALUE)
    end = line.end() if line else start
    return end, _items(text[start:end].rstrip(";,) \t"))


def _ruby(text: str, start: int) -> bool:
    """Tell whether a list goes on behind its first text, as arguments without brackets do."""
    line = text[start : start + 2_000].partition("\n")[0]
    return bool(re.match(r"(['\"])[^'\"]*\1\s*,\s*[:'\"]", line)) and "]" not in line


def _items(text: str) -> list[str]:
    """Return the sources of a list's text, those that are not known as `${name}`."""
    sources: list[str] = []
    for match in _ITEM.finditer(text):
        quoted = next((each for each in match.groups()[:3] if each is not None), None)
        name = match[4] or match[5]
        if quoted is not None:
            sources += [_keyword(word) for word in _plain(quoted).split()]
        elif name is not None:
            last = re.split(r"[.:]+", name)[-1].lower()
            known = last in _WORDS or last in _SCHEMES
            sources.append(_keyword(last) if known else f"${{{name}}}")
    return sources


def _keyword(word: str) -> str:
    """Return a keyword with the quotes that a header wants, a scheme with its colon."""
    lowered = word.lower().replace("-", "_")
    if lowered in _WORDS:
        return f"'{lowered.replace('_', '-')}'"
    return f"{word}:" if word.lower() in _SCHEMES else word


def _groups(text: str, pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Yield the pieces that make one policy: neighbours that name no directive twice."""
    group: list[_Piece] = []
    names: set[str] = set()
    for piece in pieces:
        own = _directive_names(piece.text)
        if group and (names & own or not _joined(text, group[-1], piece)):
            yield group
            group, names = [], set()
        group.append(piece)
        names |= own
    if group:
        yield group


def _joined(text: str, left: _Piece, right: _Piece) -> bool:
    """Tell whether two pieces belong together: nothing of weight, or one line, is between them."""
    between = text[left.end : right.start]
    if len(between) > 400:
        return False
    if _BETWEEN.fullmatch(between):
        return True
    # Lists stand one below the other, with the words of their language between them.
    return between.count("\n") < 12 and not _HEADER.search(between)


def _joined_value(text: str, group: list[_Piece]) -> str:
    """Join the pieces of a policy; a variable that is added between two of them is a source."""
    value = group[0].text
    for left, right in pairwise(group):
        added = _ADDED.match(text[left.end : right.start])
        value += f" ${{{added[1]}}}" if added else ""
        value += f"; {right.text}"
    return value


def _only_reports(text: str, start: int) -> bool:
    """Tell whether a policy is on trial, by the header's name before it or by a switch."""
    named = list(_HEADER.finditer(text, max(0, start - 600), start))
    if named and named[-1][1]:
        return True
    return bool(_ON_TRIAL.search(text, max(0, start - 600), start + 4_000))
