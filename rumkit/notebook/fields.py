"""Errors in the words of a notebook: the fields that a person sees, not a command's options."""

from __future__ import annotations

import re

from rumkit.inputs import of_notebooks

_FIELDS = {each.name: each.label for each in of_notebooks()}
# An option with what stands for its value, if that follows.
_OPTION = re.compile(
    rf"(?<![\w-])--({'|'.join(_FIELDS)})(?:[ =](?:[A-Z][A-Z_:|]+\b|\d+[smhdw]\b))?(?![\w-])"
)
_WITHOUT_FIELD = "an option of the command line"
_OTHER = re.compile(r"(?<![\w-])--[a-z][a-z-]+(?:[ =][A-Z][A-Z_:|]+\b)?")
_PRACTICE = re.compile(r"`rumkit sandbox list`")
_COMMAND = re.compile(r"`?rumkit (?:investigate|watch)\b[^`\n.]*`?")


def in_fields(text: str) -> str:
    """Return a message in which options are the fields of the same meaning."""
    named = _OPTION.sub(lambda match: f"the field “{_FIELDS[match[1]]}”", text)
    named = _PRACTICE.sub(f"the field “{_FIELDS['sandbox']}”", named)
    named = _COMMAND.sub("the button “Investigate”", named)
    return _OTHER.sub(_WITHOUT_FIELD, named)
