"""The command line's parser: a word that is unknown is refused, with the nearest that is known."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn, get_args

from rumkit.model import BadInput, did_you_mean, ended

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BAD_USAGE = 2


class Parser(argparse.ArgumentParser):
    """argparse with one sentence for a mistake; `--help` says the rest."""

    commands: Mapping[str, Parser]

    def __init__(self, **options: Any) -> None:
        # A word that is cut short would mean another option one day; here it is refused, too.
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Exit with one sentence."""
        self.exit(BAD_USAGE, f"{self.prog}: {ended(message)} See {self.prog} --help.\n")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Refuse what no option is called, which argparse leaves to the caller.

        Words behind an option are left to it as well; where a command takes words, they join them.
        """
        options, unknown = super().parse_known_args(args, namespace)
        words: list[str] | None = vars(options).pop("what", None)
        if words is not None and not any(each.startswith("-") for each in unknown):
            self._sort([*words, *unknown], options)
            unknown = []
        if unknown:
            first = unknown[0].partition("=")[0]
            self.error(f"unknown: {unknown[0]}{did_you_mean(first, self._option_string_actions)}")
        return options, unknown

    def _sort(self, words: Sequence[str], options: argparse.Namespace) -> None:
        from rumkit.cli_words import sort_words

        try:
            sort_words(words, options)
        except BadInput as error:
            self.error(str(error))

    def option_names(self) -> list[str]:
        """Return what the options are called, in their long form."""
        return sorted(name for name in self._option_string_actions if name.startswith("--"))

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Name the nearest word where argparse would list them all."""
        if action.choices is not None and value not in action.choices:
            hint = _hint(str(value), list(map(str, action.choices)))
            raise argparse.ArgumentError(action, f"unknown: {value}{hint}")


class Once(argparse.Action):
    """A value that may stand once: a second one would replace the first without a word."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - as argparse calls it
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002 - as argparse calls it
    ) -> None:
        """Keep the first value and refuse a second."""
        if before := getattr(namespace, self.dest, None):
            raise argparse.ArgumentError(self, f"given twice, as {before} and {values}")
        setattr(namespace, self.dest, values)


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Cut at the first `--`: what follows is another program's command line."""
    if "--" not in arguments:
        return arguments, []
    cut = arguments.index("--")
    return arguments[:cut], arguments[cut + 1 :]


def fix_kind(word: str) -> str:
    """Read the kind of a fix; `cli` is short for `aws-cli`."""
    from rumkit.model import FixKind

    known = get_args(FixKind)
    if word == "cli":
        return "aws-cli"
    if word in known:
        return word
    raise argparse.ArgumentTypeError(f"unknown kind of fix: {word}{_hint(word, known)}")


def check_name(word: str) -> str:
    """Read the name of a check, rumkit's or one's own."""
    from rumkit.checks.names import CHECK_IDS
    from rumkit.checks.own import own_checks

    known = [*CHECK_IDS, *(each.id for each in own_checks())]
    if word in known:
        return word
    raise argparse.ArgumentTypeError(f"unknown check: {word}{_hint(word, known)}")


def _hint(word: str, known: Sequence[str]) -> str:
    """Name the nearest known word; all of them where none is near."""
    return did_you_mean(word, known) or f"; there are {', '.join(known)}"
