"""Rules about a lab's Python: every message is rendered once, and nothing in it waits, guesses or hides an error."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.checks import Given
from grader.contents import JUNK_FOLDERS
from grader.errors import LabError
from grader.lab import NOT_SHIPPED, Lab
from grader.lint.finding import Finding
from grader.lint.nudges import finished_call
from grader.lint.scope import Scope, walk
from grader.lint.templates import named_in, unrendered

_EVIDENCE = ("found", "wanted", "why", "fix")
_POSITIONS = {"Failure": ("found",), "require": ("", "found")}  # what stands where without a name
_OF_GIVEN = frozenset({name for name in dir(Given) if not name.startswith("_")} | {"parameters", "facts"})


def rules(lab: Lab) -> Iterator[Finding]:
    """Findings about every module of the lab."""
    parameters = {parameter.name for parameter in lab.parameters.declared}
    for path in sorted(lab.folder.rglob("*.py")):
        if set(path.relative_to(lab.folder).parts) & (NOT_SHIPPED | JUNK_FOLDERS):
            continue
        tree = _parsed(path)
        for node, scope in walk(tree, Scope().inside(tree)):
            for line, message in _Place(scope, parameters).findings(node):
                yield Finding(path, line, message)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text("utf-8"), str(path))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise LabError(f"{path}:{getattr(error, 'lineno', None) or 1}: {type(error).__name__}: {error}") from None


@dataclass(frozen=True)
class _Place:
    """Somewhere in a module: what names stand for there."""

    scope: Scope
    parameters: set[str]

    def findings(self, node: ast.AST) -> Iterator[tuple[int, str]]:
        match node:
            case ast.Call(func=function, lineno=line):
                yield from ((line, message) for message in self._of_call(node, _name(function)))
            case ast.Attribute(value=ast.Name(id="given"), attr=name, lineno=line):
                if name not in self.parameters | _OF_GIVEN:
                    yield line, f"given.{name}: lab.toml declares no parameter {name!r}"
            case ast.ExceptHandler(type=caught, lineno=line) if _catches_all(caught):
                yield line, "this catches every exception, the lab's own mistakes too: name the one that is meant"

    def _of_call(self, call: ast.Call, name: str) -> Iterator[str]:
        if name == "say":
            yield from self._said(call)
        elif name in _POSITIONS:
            yield from self._blamed(call, _POSITIONS[name])
        elif name == "sleep":
            yield "a checker never sleeps: aws.until(…) waits no longer than it must"

    def _said(self, call: ast.Call) -> Iterator[str]:
        """`say`: a template that is written out, and just the arguments that its fields name."""
        templates = self.scope.texts(call.args[0]) if call.args else []
        if not templates:
            yield "say(…) takes a template that is written out, here or in a constant: it is to be translated"
            return
        given: set[str] = set()
        for keyword in call.keywords:
            keys = {keyword.arg} if keyword.arg else self.scope.keys(keyword.value)
            if keys is None:
                yield "say(…) takes each argument by its name; what ** brings cannot be told here"
                return
            given |= keys
        for template in templates:
            yield from (f"the template {message}" for message in unrendered(template, given))
        if spare := sorted(given - set[str]().union(*map(named_in, templates))):
            yield f"say(…) is given {', '.join(spare)}, which its template does not name"

    def _blamed(self, call: ast.Call, positions: Sequence[str]) -> Iterator[str]:
        """`Failure` and `require`: the evidence, as plain texts over the parameters, or said."""
        named = [*zip(positions, call.args, strict=False), *((word.arg or "", word.value) for word in call.keywords)]
        for name, value in named:
            if name not in _EVIDENCE:
                continue
            texts = self.scope.texts(value)
            if not texts and _is_composed(value):
                yield f"{name} is put together here: say(template, name=value) can be translated, and is safe"
            for template in texts:
                yield from (f"{name} {message}" for message in unrendered(template, self.parameters))
            if name == "fix" and (finished := self._finished(value)):
                yield f"fix is a nudge, and gives a finished call away: {finished}"

    def _finished(self, fix: ast.expr) -> str:
        inner = [node for node in ast.walk(fix) if isinstance(node, ast.expr)]
        return next(filter(None, (finished_call(text) for node in inner for text in self.scope.texts(node))), "")


def _name(function: ast.expr | None) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _is_composed(node: ast.expr) -> bool:
    match node:
        case ast.JoinedStr() | ast.BinOp():
            return True
        case ast.Call(func=ast.Attribute(attr="format" | "join")):
            return True
        case ast.IfExp(body=one, orelse=other):
            return _is_composed(one) or _is_composed(other)
    return False


def _catches_all(caught: ast.expr | None) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or _name(kind) in ("Exception", "BaseException") for kind in kinds)
