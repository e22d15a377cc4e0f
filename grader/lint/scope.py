"""Which texts an expression of a lab's Python may stand for, as far as can be read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_DEEPEST = 8  # names that stand for names


@dataclass(frozen=True)
class Scope:
    """The names that are known at a place, each with the expressions that are assigned to it."""

    names: Mapping[str, list[ast.expr]] = field(default_factory=dict)

    def inside(self, body: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> Scope:
        """The scope of that body: what it assigns hides what stands around it."""
        own: dict[str, list[ast.expr]] = {}
        for node in _statements(body):
            for target, value in self._assigned(node):
                own.setdefault(target, []).append(value)
        return Scope({**self.names, **own})

    def texts(self, node: ast.expr, depth: int = 0) -> list[str]:
        """Every text that it may be; none where that cannot be told."""
        if depth > _DEEPEST:
            return []
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [a + b for a in self.texts(left, depth + 1) for b in self.texts(right, depth + 1)]
        choices = self._choices(node)
        found = [self.texts(choice, depth + 1) for choice in choices]
        return [text for texts in found for text in texts] if all(found) else []

    def keys(self, node: ast.expr) -> set[str] | None:
        """The keys of a table that is written out; None where that cannot be told."""
        tables = self.names.get(node.id, []) if isinstance(node, ast.Name) else [node]
        if not tables or not all(isinstance(table, ast.Dict) for table in tables):
            return None
        keys = [key for table in tables if isinstance(table, ast.Dict) for key in table.keys]
        return {str(key.value) for key in keys if isinstance(key, ast.Constant)}

    def _choices(self, node: ast.expr) -> list[ast.expr]:
        """The expressions, one of which this one comes to."""
        match node:
            case ast.IfExp(body=one, orelse=other):
                return [one, other]
            case ast.Name(id=name):
                return self.names.get(name, [])
            case ast.Subscript(value=ast.Name(id=name)):
                return self._values(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_, *default]):
                return [*self._values(name), *default]
        return []

    def _values(self, table: str) -> list[ast.expr]:
        return [value for node in self.names.get(table, []) if isinstance(node, ast.Dict) for value in node.values]

    def _assigned(self, node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
                for choice in self._choices(value) or [value]:
                    if isinstance(choice, ast.Tuple) and len(choice.elts) == len(targets):
                        pairs = zip(targets, choice.elts, strict=True)
                        yield from ((name.id, part) for name, part in pairs if isinstance(name, ast.Name))
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                yield name, value


def walk(body: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """Every node below, with the scope that it stands in."""
    for child in ast.iter_child_nodes(body):
        yield child, scope
        inner = scope.inside(child) if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else scope
        yield from walk(child, inner)


def _statements(body: ast.AST) -> Iterator[ast.AST]:
    """Every node of a body, those of functions inside it left out."""
    for child in ast.iter_child_nodes(body):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _statements(child)
