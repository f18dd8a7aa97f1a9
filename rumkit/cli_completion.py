"""Shell completion: a script for bash, zsh or fish, made from the parser itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rumkit.cli_parser import Parser

SHELLS = ("bash", "zsh", "fish")

_BASH = """\
_rumkit() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words
  case "$before" in
%(values)s
    *) case "${COMP_WORDS[1]}" in
%(commands)s
      *) words="%(names)s" ;;
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -F _rumkit rumkit
"""


def script(shell: str, top: Parser) -> str:
    """Return the script of a shell; `source <(rumkit completion bash)` puts it to use."""
    commands = {name: command.option_names() for name, command in top.commands.items()}
    if shell == "fish":
        return "\n".join(_fish(commands))
    lead = "autoload -U +X bashcompinit && bashcompinit\n" if shell == "zsh" else ""
    return lead + _bash(commands).rstrip()


def _values() -> dict[str, list[str]]:
    """Return the words that an option or a command takes."""
    from rumkit.checks.names import CHECK_IDS
    from rumkit.model import FixKind

    checks = sorted(CHECK_IDS)
    return {"--fix": ["cli", *get_args(FixKind)], "--check": checks, "explain": checks,
            "completion": list(SHELLS)}  # fmt: skip


def _bash(commands: Mapping[str, list[str]]) -> str:
    values = (f'    {name}) words="{" ".join(words)}" ;;' for name, words in _values().items())
    cases = (f'      {name}) words="{" ".join(options)}" ;;' for name, options in commands.items())
    parts = {"values": "\n".join(values), "commands": "\n".join(cases), "names": " ".join(commands)}
    return _BASH % parts


def _fish(commands: Mapping[str, list[str]]) -> Iterator[str]:
    yield f'complete -c rumkit -n __fish_use_subcommand -fa "{" ".join(commands)}"'
    values = _values()
    for name, options in commands.items():
        here = f'complete -c rumkit -n "__fish_seen_subcommand_from {name}"'
        if name in values:
            yield f'{here} -fa "{" ".join(values[name])}"'
        for option in options:
            words = f' -xa "{" ".join(values[option])}"' if option in values else ""
            yield f"{here} -l {option.removeprefix('--')}{words}"
