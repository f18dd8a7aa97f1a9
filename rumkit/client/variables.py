"""Variables that a build puts into a source, as the .env files of its project give them.

Each is read by its name when the client's start asks for it; what else the files hold is dropped.
A build's own environment comes before all files, so that nothing of this is certain.
Sources: https://vite.dev/guide/env-and-mode, Next.js' guide of environment variables,
https://create-react-app.dev/docs/adding-custom-environment-variables, Gatsby's own guide of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.packages import project_folder
from rumkit.client.source.fills import tag_in
from rumkit.plain_file import text_there

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES = 200_000
# A reference can lead to others: so many variables are looked for in all.
_MAX_LOOKS = 300
_MAX_VALUE = 2_000
_MAX_DEPTH = 5
# What is built for visitors is built in the mode `production`; nearest first.
_BY_MODE = (".env.production.local", ".env.production", ".env.local", ".env")
_LOCAL_FIRST = (".env.production.local", ".env.local", ".env.production", ".env")
_ORDERS = {
    "VITE_": _BY_MODE,
    "PUBLIC_": _BY_MODE,
    "VUE_APP_": _BY_MODE,
    "NEXT_PUBLIC_": _LOCAL_FIRST,
    "REACT_APP_": _LOCAL_FIRST,
    "GATSBY_": (".env.production",),
    "NUXT_": (".env",),
}
# Builds that give browsers no other variables.
_WITH_PREFIXES = re.compile(r"\"(?:next|vite|react-scripts|astro|gatsby|@sveltejs/kit)\"\s*:")
_READ = re.compile(r"(?:process\.env|import\.meta\.env)\.(\w{1,100})")
# Names of what no page should be told, though the client's own options can hold it (`headers`).
_SECRET = re.compile(r"secret|token|passw|private|credential|api_?key|auth", re.IGNORECASE)
_REFERENCE = re.compile(r"(?<!\\)\$(?:\{(\w{1,100})(?::?-([^{}]{0,300}))?\}|(\w{1,100}))")


def variable_read(source: str) -> str:
    """Return the variable that an expression such as `process.env.NAME` is; empty for others."""
    match = _READ.fullmatch(source)
    return match[1] if match else ""


class Variables:
    """The variables of the project that a file belongs to.

    `used` holds each that was asked for and given, with its file and its text.
    """

    def __init__(self, file: Path) -> None:
        folders = dict.fromkeys((file.parent, project_folder(file.parent)))
        self._folder = next(filter(_has_files, folders), file.parent)
        self._looks = 0
        self.used: dict[str, tuple[str, str]] = {}

    def value(self, name: str) -> str | None:
        """Return a variable's text; None where no file, or not all that may, gives the one."""
        if name in self.used:
            return self.used[name][1]
        beyond = self._looks > _MAX_LOOKS or self._kept_back(name)
        text, file = (None, "") if beyond else self._found(name, 0)
        # A placeholder in a file that is committed is the pipeline's to fill in.
        if text is None or tag_in(text):
            return None
        self.used[name] = file, text
        return text

    def _kept_back(self, name: str) -> bool:
        """Tell whether a variable reaches no browser, as its name has none of the prefixes."""
        if name.startswith(tuple(_ORDERS)):
            return False
        return bool(_WITH_PREFIXES.search(_text(self._folder / "package.json")))

    def _found(self, name: str, depth: int) -> tuple[str | None, str]:
        self._looks += 1
        # Whoever refers to a secret does not make it something to be shown.
        if self._looks > _MAX_LOOKS or _SECRET.search(name):
            return None, ""
        order = next((o for prefix, o in _ORDERS.items() if name.startswith(prefix)), None)
        files = ((file, self._of(file, name)) for file in order or _BY_MODE)
        given = [(text, file) for file, text in files if text is not None]
        if not given or (order is None and len({text for text, _ in given}) > 1):
            return None, ""
        return self._expanded(given[0][0], depth), given[0][1]

    def _expanded(self, text: str, depth: int) -> str | None:
        """Replace the references to other variables; None where one of them is not known."""
        pieces: list[str] = []
        end = 0
        for match in _REFERENCE.finditer(text):
            inner = None if depth >= _MAX_DEPTH else self._found(match[1] or match[3], depth + 1)[0]
            inner = match[2] if inner is None else inner
            if inner is None:
                return None
            pieces += [text[end : match.start()], inner]
            end = match.end()
        return "".join([*pieces, text[end:]]).replace("\\$", "$")[:_MAX_VALUE]

    def _of(self, file: str, name: str) -> str | None:
        """Return what one file gives a variable, as dotenv reads it."""
        wanted = re.compile(
            rf"^[ \t]*(?:export[ \t]+)?{name}[ \t]*=[ \t]*"
            r"(?:'([^'\n]*)'|\"((?:[^\"\\\n]|\\.)*)\"|`([^`\n]*)`|([^\n#'\"`]*+)(?!['\"`]))",
            re.MULTILINE,
        )
        found = list(wanted.finditer(_text(self._folder / file)))
        # The last of several counts.
        given = found[-1].groups() if found else ()
        return next((each.strip() for each in given if each is not None), None)


def _has_files(folder: Path) -> bool:
    return any(_text(folder / name) for name in _BY_MODE)


def _text(path: Path) -> str:
    return text_there(path, _MAX_BYTES).replace("\r\n", "\n")
