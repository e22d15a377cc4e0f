"""Parameters of a lab: declared by kind, range and relation; drawn for each student from a public seed."""

from __future__ import annotations

import ast
import hashlib
import hmac
import ipaddress
import operator
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

from grader.texts import fields

Value: TypeAlias = str | int
KINDS = ("token", "integer", "choice", "cidr", "name")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_KEYS = {
    "token": {"default", "digits"},
    "integer": {"default", "min", "max", "unit"},
    "choice": {"default", "values"},
    "cidr": {"default", "within", "prefix"},
    "name": {"format"},
}


class ParameterError(ValueError):
    """A declaration that cannot be; the message names the parameter."""


@dataclass(frozen=True)
class Parameter:
    """One declaration. `options` by kind: token {digits}, integer {min, max}, choice {values}, cidr {within, prefix}.

    A `name` is not drawn: it is a format over the others (`labgrade-photos-{token}`).
    """

    name: str
    kind: str
    default: Value
    options: Mapping[str, Any]
    about: str = ""

    @classmethod
    def parse(cls, name: str, table: Mapping[str, Any]) -> Parameter:
        """From a table `[parameters.NAME]` of lab.toml. Raises ParameterError."""
        kind = table.get("kind")
        if not _NAME.match(name):
            raise ParameterError(f"parameter {name!r}: a name is lower case letters, digits and _")
        if kind not in KINDS:
            raise ParameterError(f"parameter {name}: kind is one of {', '.join(KINDS)}, not {kind!r}")
        unknown = set(table) - _KEYS[kind] - {"kind", "about"}
        if unknown:
            raise ParameterError(f"parameter {name}: a {kind} has no {', '.join(sorted(unknown))}")
        needed = _KEYS[kind] - {"digits", "unit"} - set(table)
        if needed:
            raise ParameterError(f"parameter {name}: a {kind} needs {', '.join(sorted(needed))}")
        parameter = cls(name, kind, table.get("default", ""), table, str(table.get("about", "")))
        parameter._validate()
        return parameter

    def draw(self, number: int) -> Value:
        """The value that a uniform whole number below 2**256 picks."""
        match self.kind:
            case "token":
                return f"{number:064x}"[: self.options.get("digits", 6)]
            case "integer":
                low, high = self.bounds
                return low + number % (high - low + 1)
            case "choice":
                values: list[Value] = self.options["values"]
                return values[number % len(values)]
            case _:
                within = ipaddress.ip_network(self.options["within"])
                size = self.options["prefix"]
                block = within.network_address + (number % 2 ** (size - within.prefixlen)) * 2 ** (32 - size)
                return f"{block}/{size}"

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest value of an integer."""
        return int(self.options["min"]), int(self.options["max"])

    def _validate(self) -> None:
        match self.kind:
            case "integer":
                low, high = self.bounds
                self._demand(low <= high, "min is above max")
                self._demand(isinstance(self.default, int) and low <= self.default <= high, "default is out of range")
            case "choice":
                values = self.options["values"]
                self._demand(isinstance(values, list) and values, "values is a list with something in it")
                self._demand(self.default in values, "default is not one of its values")
            case "cidr":
                self._validate_cidr()
            case "token":
                digits = self.options.get("digits", 6)
                self._demand(isinstance(digits, int) and 4 <= digits <= 32, "digits is 4 to 32")
                fits = isinstance(self.default, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", self.default)
                self._demand(fits, f"default is {digits} hex digits")

    def _validate_cidr(self) -> None:
        try:
            within = ipaddress.IPv4Network(self.options["within"])
            default = ipaddress.IPv4Network(self.default)
        except ValueError as error:
            raise ParameterError(f"parameter {self.name}: {error}") from None
        size = self.options["prefix"]
        self._demand(isinstance(size, int) and within.prefixlen <= size <= 28, "prefix is within's to 28")
        self._demand(default.subnet_of(within) and default.prefixlen == size, "default is not such a block")

    def _demand(self, holds: object, message: str) -> None:
        if not holds:
            raise ParameterError(f"parameter {self.name}: {message}")


@dataclass(frozen=True)
class Parameters:
    """All of a lab's declarations, with the relations that hold between them whatever the student."""

    declared: tuple[Parameter, ...] = ()
    relations: tuple[str, ...] = ()

    @classmethod
    def parse(cls, tables: Mapping[str, Any], relations: list[str] | None = None) -> Parameters:
        """From lab.toml. Raises ParameterError, also for a relation that some seed would break."""
        parameters = cls(tuple(Parameter.parse(n, t) for n, t in tables.items()), tuple(relations or ()))
        parameters._validate_names()
        for relation in parameters.relations:
            parameters._prove(relation)
        for one, other in combinations([p for p in parameters.declared if p.kind == "integer"], 2):
            # Two numbers of one lab are never equal, so that a mix-up shows.
            if max(one.bounds[0], other.bounds[0]) <= min(one.bounds[1], other.bounds[1]):
                raise ParameterError(f"parameters {one.name} and {other.name} can be equal: keep their ranges apart")
        return parameters

    def defaults(self) -> dict[str, Value]:
        """The values without a student."""
        return self._complete({p.name: p.default for p in self.declared if p.kind != "name"})

    def drawn(self, lab: str, student: str, course: str = "") -> dict[str, Value]:
        """The values of a student: the same on every machine, and not moved by another parameter's coming."""
        return self._complete(
            {p.name: p.draw(_number(lab, p.name, student, course)) for p in self.declared if p.kind != "name"}
        )

    def _complete(self, values: dict[str, Value]) -> dict[str, Value]:
        made = {p.name: p.options["format"].format_map(values) for p in self.declared if p.kind == "name"}
        return {p.name: made[p.name] if p.kind == "name" else values[p.name] for p in self.declared}

    def _validate_names(self) -> None:
        plain = {p.name for p in self.declared if p.kind != "name"}
        for parameter in self.declared:
            if parameter.kind == "name":
                strange = fields(parameter.options["format"]) - plain
                if strange:
                    raise ParameterError(f"parameter {parameter.name}: no parameter {', '.join(sorted(strange))}")

    def _prove(self, relation: str) -> None:
        ranges = {p.name: p.bounds for p in self.declared if p.kind == "integer"}
        try:
            comparison = ast.parse(relation, mode="eval").body
            if not isinstance(comparison, ast.Compare) or len(comparison.ops) != 1:
                raise ParameterError(f"relation {relation!r}: one comparison of sums, like b >= a + 30")
            left, right = _range(comparison.left, ranges), _range(comparison.comparators[0], ranges)
            proven = _PROOFS[type(comparison.ops[0])](left, right)
        except (SyntaxError, KeyError) as error:
            raise ParameterError(f"relation {relation!r}: {error} is not understood") from None
        if not proven:
            raise ParameterError(f"relation {relation!r} does not hold for every value in range")


_PROOFS: Mapping[type[ast.cmpop], Any] = {
    ast.GtE: lambda left, right: left[0] >= right[1],
    ast.Gt: lambda left, right: left[0] > right[1],
    ast.LtE: lambda left, right: left[1] <= right[0],
    ast.Lt: lambda left, right: left[1] < right[0],
    ast.NotEq: lambda left, right: left[0] > right[1] or left[1] < right[0],
}
_SUMS: Mapping[type[ast.operator], Any] = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def _range(node: ast.expr, ranges: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """The least and greatest value of an expression: interval arithmetic, so what it proves holds for every seed."""
    match node:
        case ast.Constant(value=int(value)):
            return value, value
        case ast.Name(id=name):
            return ranges[name]
        case ast.BinOp(left=left, op=op, right=right):
            apply = _SUMS[type(op)]
            ends = [apply(a, b) for a in _range(left, ranges) for b in _range(right, ranges)]
            return min(ends), max(ends)
    raise KeyError(ast.unparse(node))


def _number(lab: str, parameter: str, student: str, course: str) -> int:
    """HMAC-SHA256, keyed by the course, over lab, parameter and student (NFC, stripped)."""
    message = "\0".join((lab, parameter, normalised(student))).encode()
    return int.from_bytes(hmac.new(normalised(course).encode(), message, hashlib.sha256).digest(), "big")


def normalised(text: str) -> str:
    """An id or code as it counts: composed (NFC) and without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def environment(values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Each parameter as a variable of the submission's environment: `LAB_BUCKET`."""
    for name, value in values.items():
        yield f"LAB_{name.upper()}", str(value)
