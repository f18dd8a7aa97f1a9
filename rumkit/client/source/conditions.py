"""Under which condition a place of a script runs, quoted as it is written there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from rumkit.client.source.javascript import (
    FUNCTIONS,
    arguments,
    brief,
    callee_of,
    immediate_call,
    is_field,
)
from rumkit.client.source.templates import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from rumkit.client.source.javascript import Path

_MAX_REASONS = 3
_MAX_CALLS = 10
_MAX_DEPTH = 4
_LOOPS = frozenset(["for_statement", "for_in_statement", "while_statement", "do_statement"])
# What frameworks call it: SvelteKit and esm-env, Angular, Docusaurus, Quasar; Vite, Nuxt, Next.js.
_IN_BROWSERS = (
    r"browser|BROWSER|isBrowser\b(?:\(\))?|isPlatformBrowser\([\w.]{1,40}\)"
    r"|(?:ExecutionEnvironment\.)?canUseDOM|process\.env\.CLIENT"
)
_ON_SERVERS = r"import\.meta\.(?:env\.SSR|server)|process\.server|isServer|building"
# What every browser answers with yes, and with no; the latter guards also against a second start.
_YES = (
    r"(?:true|1|!0|window|document|self|globalThis|process\.(?:client|browser)"
    rf"|import\.meta\.client|{_IN_BROWSERS}"
    r"|document\.readyState ?===? ?['\"](?:interactive|complete)['\"]"
    r"|typeof (?:window|document|self|globalThis) ?!==? ?['\"]undefined['\"]"
    r"|['\"]undefined['\"] ?!==? ?typeof (?:window|document|self|globalThis)"
    r"|typeof (?:window|document) ?===? ?['\"]object['\"])"
)
_NO = (
    rf"(?:false|0|!1|{_ON_SERVERS}|window\.(?:AwsRumClient|cwr)"
    r"|typeof (?:window|document|self|globalThis) ?===? ?['\"]undefined['\"]"
    r"|['\"]undefined['\"] ?===? ?typeof (?:window|document|self|globalThis))"
)
_ALWAYS = re.compile(rf"\(?{_YES}\)?|!\(?{_NO}\)?")
_NEVER = re.compile(rf"\(?{_NO}\)?|!\(?{_YES}\)?")
# What runs the function that it is given: soon, when the page is ready, or while it renders.
_AT_ONCE = frozenset(
    [
        *("setTimeout", "requestIdleCallback", "requestAnimationFrame", "ready", "$", "jQuery"),
        *("Promise", "queueMicrotask", "defineNuxtPlugin", "boot", "definePlugin"),
        *("useMemo", "useState", "useRef", "useCallback", "useReducer"),
    ]
)
_ONLOAD = frozenset(["window.onload", "document.onload", "onload"])
_EFFECTS = frozenset(
    [
        "useEffect",
        "useLayoutEffect",
        "useInsertionEffect",
        "createEffect",
        "onMount",
        "onMounted",
        "afterNextRender",
        "effect",
        "$effect",
        "useVisibleTask$",
    ]
)
# Methods of components that frameworks call when a component comes to the page.
_LIFECYCLE = frozenset(
    [
        "created",
        "mounted",
        "beforeMount",
        "componentDidMount",
        "connectedCallback",
        "ngOnInit",
        "ngAfterViewInit",
        "onClientEntry",
        "ngDoBootstrap",
        "firstUpdated",
    ]
)

CallsOf: TypeAlias = "Callable[[Node], list[Path]]"
# A condition in words (or nothing), and whether what lies further out no longer counts; None when
# the calls of the function decide.
Reason: TypeAlias = tuple[str, bool | None]


def condition(
    path: Path, *, start: int = 0, calls_of: CallsOf | None = None, depth: int = 0
) -> str:
    """Say under which condition the path's last node runs; empty when it runs at once.

    A function that runs on the spot, and one that waits only for the page to load, is no
    condition. `calls_of` finds the calls of a function by its name: one that this source calls at
    once is no condition either.
    """
    reasons: list[str] = []
    for at in range(len(path) - 2, start - 1, -1):
        reason, last = _reason(path, at)
        if last is None:
            reason, last = _called(path[at], reason, calls_of, depth), True
        if reason:
            reasons.append(reason)
        if last or len(reasons) >= _MAX_REASONS:
            break
    return ", ".join(dict.fromkeys(reasons))


def _reason(path: Path, at: int) -> Reason:
    """Return what a node of the path makes of the condition of what it holds."""
    if path[at].type in FUNCTIONS:
        return _function(path, at)
    return _statement(path[at], path[at + 1]), False


def _called(function: Node, reason: str, calls_of: CallsOf | None, depth: int) -> str:
    """Look at a function's calls: the first that runs at once makes it unconditional."""
    calls = calls_of(function)[:_MAX_CALLS] if calls_of and depth < _MAX_DEPTH else []
    first = ""
    for call in calls:
        when = _when(call, calls_of, depth + 1)
        if not when:
            return ""
        first = first or when
    return first or reason


def _when(use: Path, calls_of: CallsOf | None, depth: int) -> str:
    """Say when a function is called at a use of its name: there, or by whom it is given to."""
    holder = use[-2] if len(use) > 2 else None
    if use[-1].type == "call_expression" or holder is None or holder.type == "new_expression":
        return condition(use, calls_of=calls_of, depth=depth)
    reason, last = ("", False) if holder.type != "arguments" else _callback(use[-3])
    if holder.type == "assignment_expression":
        target = brief(holder.child_by_field_name("left"))
        reason = "" if target in _ONLOAD else f"when {target} is called"
    outer = "" if last else condition(use, calls_of=calls_of, depth=depth)
    return ", ".join(filter(None, (reason, outer)))


def quoted(node: Node) -> str:
    """Return a node's text on one line, shortened."""
    return one_line((node.text or b"")[:1_000].decode("utf-8", "replace"))


def _statement(node: Node, child: Node) -> str:
    """Return the condition that a statement or operator lays upon one of its children."""
    if node.type == "if_statement":
        return _if(node, child)
    if node.type in {"statement_block", "program"}:
        return _early_return(node, child)
    if node.type == "ternary_expression":
        return _ternary(node, child)
    if node.type in {"binary_expression", "augmented_assignment_expression"}:
        return _short_circuit(node, child)
    if node.type in _LOOPS:
        return "inside a loop" if is_field(node, "body", child) else ""
    if node.type == "switch_statement":
        return f"inside switch {_test(node, 'value')}" if is_field(node, "body", child) else ""
    return "inside a catch" if node.type == "catch_clause" else ""


def _test(node: Node, field: str = "condition") -> str:
    test = node.child_by_field_name(field)
    text = quoted(test) if test is not None else ""
    return text if text.startswith("(") else f"({text})"


def _bare(test: str) -> str:
    return test[1:-1].strip() if test.startswith("(") and test.endswith(")") else test


def _if(node: Node, child: Node) -> str:
    test = _test(node)
    if is_field(node, "consequence", child):
        return "" if _ALWAYS.fullmatch(_bare(test)) else f"inside if {test}"
    if child.type == "else_clause":
        return "" if _NEVER.fullmatch(_bare(test)) else f"inside the else of if {test}"
    return ""


def _ternary(node: Node, child: Node) -> str:
    test = node.child_by_field_name("condition")
    if test is None or test == child:
        return ""
    text = quoted(test)
    first = is_field(node, "consequence", child)
    if (_ALWAYS if first else _NEVER).fullmatch(text):
        return ""
    return f"inside {text} ? ..." if first else f"inside the other branch of {text} ? ..."


def _short_circuit(node: Node, child: Node) -> str:
    operator, left = node.child_by_field_name("operator"), node.child_by_field_name("left")
    if operator is None or left is None or not is_field(node, "right", child):
        return ""
    sign = operator.type
    if node.type == "augmented_assignment_expression" or sign not in {"&&", "||", "??"}:
        return ""
    text = quoted(left)
    certain = _ALWAYS if sign == "&&" else _NEVER
    return "" if certain.fullmatch(text) else f"behind {text} {sign}"


def _early_return(block: Node, statement: Node) -> str:
    """Return the `if (...) return` that stands before a statement of the same block."""
    for node in block.named_children[:300]:
        if node.start_byte >= statement.start_byte:
            return ""
        if word := _leaves(node):
            return f"behind a {word} that always comes first"
        if node.type != "if_statement":
            continue
        test = _test(node)
        word = _leaves(node.child_by_field_name("consequence"))
        if word and not _NEVER.fullmatch(_bare(test)):
            return f"after the early {word} of if {test}"
        word = _leaves(node.child_by_field_name("alternative"))
        if word and not _ALWAYS.fullmatch(_bare(test)):
            return f"after the early {word} in the else of if {test}"
    return ""


def _leaves(node: Node | None) -> str:
    """Return how a statement, or the last one of a block, leaves the function; or nothing."""
    while node is not None and node.type in {"statement_block", "else_clause"}:
        node = next((c for c in reversed(node.named_children) if c.type != "comment"), None)
    leaves = node is not None and node.type in {"return_statement", "throw_statement"}
    return node.type.partition("_")[0] if node is not None and leaves else ""


def _function(path: Path, at: int) -> Reason:
    """Return a function's condition, as far as its own place tells."""
    if immediate_call(path, at) is not None:
        return "", False
    outer = path[at - 1] if at else None
    if outer is not None and outer.type == "arguments" and at >= 2:
        return _callback(path[at - 2])
    if outer is not None and outer.type == "assignment_expression":
        target = brief(outer.child_by_field_name("left"))
        if target in _ONLOAD:
            return "", False
    name = function_name(path, at)
    if name in _LIFECYCLE:
        return f"inside {name}, which the framework calls", False
    kind = "method" if path[at].type == "method_definition" else "function"
    if name == "document.onreadystatechange":
        return "", False
    if name == "constructor":
        return "inside a constructor that this file does not call", None
    if name:
        return f"inside the {kind} {name}, which this file does not call", None
    return "inside a function that this file does not call", None


def function_name(path: Path, at: int) -> str:
    """Return the name of the function at a depth: its own, or what it is assigned to."""
    named = path[at].child_by_field_name("name")
    holder = path[at - 1] if at else None
    if named is None and holder is not None:
        if holder.type == "variable_declarator":
            named = holder.child_by_field_name("name")
        elif holder.type == "assignment_expression":
            named = holder.child_by_field_name("left")
        elif holder.type in {"pair", "field_definition", "public_field_definition"}:
            named = holder.child_by_field_name("key") or holder.child_by_field_name("property")
            named = named or holder.child_by_field_name("name")
    return quoted(named)[:60] if named is not None else ""


def _callback(call: Node) -> Reason:
    """Evaluate a function that is handed to another: waiting for the page is no condition."""
    callee = callee_of(call)
    text = quoted(callee) if callee is not None else ""
    name = text.rpartition(".")[2][:60]
    if name in _AT_ONCE or (name == "then" and "import(" in text):
        return "", False
    if name == "addEventListener":
        event = quoted(arguments(call)[0]).strip("'\"`") if arguments(call) else ""
        if event in {"load", "DOMContentLoaded"}:
            return "", False
        return f"inside a handler of the event {event}", True
    if name in _EFFECTS:
        return f"inside an effect ({name})", True
    return (f"inside a function given to {name}" if name else "inside a function"), False


def renders(path: Path) -> str:
    """Return the React component or hook whose every render runs the path's last node; or ''."""
    for at in range(len(path) - 2, -1, -1):
        node = path[at]
        if node.type in FUNCTIONS:
            if immediate_call(path, at) is not None:
                continue
            name = function_name(path, at)
            component = re.fullmatch(r"[A-Z]\w*", name) and _returns_elements(node)
            return name if component or re.fullmatch(r"use[A-Z]\w*", name) else ""
        if _statement(node, path[at + 1]) or _once(node):
            return ""
    return ""


def _once(node: Node) -> bool:
    """Say whether a node is an assignment that happens only the first time."""
    operator = node.child_by_field_name("operator")
    return operator is not None and operator.type in {"??=", "||="}


def _returns_elements(function: Node) -> bool:
    pending = [function]
    for _ in range(3_000):
        if not pending:
            return False
        node = pending.pop()
        if node.type.startswith("jsx_"):
            return True
        pending.extend(node.named_children)
    return False
