"""Every sentence that a program says to a student, read from its Python: the keys of its translations."""

from __future__ import annotations

import ast
import inspect
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter

from grader.contents import JUNK_FOLDERS
from grader.lab import NOT_SHIPPED, Lab
from grader.lint.scope import Scope, walk
from grader.texts import plain

# Whose arguments are sentences: by place, and by name. Of these modules only: others have a `say` of their own.
_SPEAKERS: Mapping[str, tuple[str, ...]] = {
    "say": ("template",),
    "spoken": ("template",),
    "Text": ("template",),
    "Failure": ("found",),
    "require": ("", "found"),
    "check": (),
    "capability": ("description",),
    "Finding": ("subject", "", "found", "why", "mend"),
}
_SENTENCES = frozenset({"template", "found", "wanted", "why", "fix", "mend", "subject", "description"})
_HOMES = frozenset({"grader.texts", "grader.languages", "grader.checks", "grader.aws", "grader.doctor.finding"})
_OPTIONS = frozenset({"option", "lang_option"})  # whose help a command shows
_COMMANDS = frozenset({"command", "group"})  # whose docstring is its help
_MUST = frozenset({"say", "spoken"})  # of which every template has to be found


@dataclass(frozen=True)
class Sentence:
    """A template, and where it stands."""

    template: str
    path: Path
    line: int


@dataclass(frozen=True)
class Unread(Exception):
    """A template that cannot be read from the source, so nobody would translate it."""

    path: Path
    line: int


def of_lab(lab: Lab) -> list[Sentence]:
    """The lab's own: of its checker and what that imports, and of lab.toml. Raises Unread."""
    left_out = NOT_SHIPPED | JUNK_FOLDERS
    paths = [p for p in sorted(lab.folder.rglob("*.py")) if not set(p.relative_to(lab.folder).parts) & left_out]
    return unique([*of_table(lab.folder / "lab.toml"), *of_modules(paths, lab.folder)])


def of_table(path: Path) -> Iterator[Sentence]:
    """What lab.toml says: title, summary, and what each parameter is about."""
    text = path.read_text("utf-8")
    table = tomllib.loads(text)
    said = [table.get("title"), table.get("summary")]
    said += [parameter.get("about") for parameter in table.get("parameters", {}).values()]
    for words in filter(None, said):
        line = text[: max(text.find(words), 0)].count("\n") + 1
        yield Sentence(words.replace("{", "{{").replace("}", "}}"), path, line)


def of_modules(paths: Iterable[Path], root: Path) -> Iterator[Sentence]:
    """Of these files, which import one another below `root`. Raises Unread."""
    for path in paths:
        tree = _parsed(path)
        heard = _heard(tree) if path != root / "texts.py" else {"say"}
        scope = Scope(_constants(tree, path, root)).inside(tree)
        for node, around in walk(tree, scope):
            if isinstance(node, ast.Call) and _name(node.func) in heard:
                yield from _of_call(node, around, path)
            elif isinstance(node, ast.Call) and _attribute(node.func) in _OPTIONS | _COMMANDS:
                yield from _of_option(node, scope, path)
            elif isinstance(node, ast.FunctionDef) and "check" in heard and _is_check(node):
                paragraph = inspect.cleandoc(ast.get_docstring(node) or "").split("\n\n")[0]
                yield Sentence(" ".join(paragraph.split()).removesuffix("."), path, node.lineno)
            elif isinstance(node, ast.FunctionDef) and _is_command(node):
                for paragraph in help_paragraphs(ast.get_docstring(node) or ""):
                    yield Sentence(plain(paragraph).template, path, node.lineno)


def help_paragraphs(text: str) -> list[str]:
    """Of a command's help, those that are prose: `\\b` begins one that stands as it is."""
    blocks = inspect.cleandoc(text).split("\n\n")
    return [" ".join(block.split()) for block in blocks if block.strip() and not block.lstrip(" ").startswith("\b")]


def unique(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Each template once, where it stands first, less those in which there is nothing to translate or to order."""
    first: dict[str, Sentence] = {}
    for sentence in sentences:
        if _says_something(sentence.template):
            first.setdefault(sentence.template, sentence)
    return list(first.values())


def _says_something(template: str) -> bool:
    parts = list(Formatter().parse(template))
    return sum(name is not None for _, name, *_ in parts) > 1 or any(map(str.isalpha, "".join(p[0] for p in parts)))


def _of_call(call: ast.Call, scope: Scope, path: Path) -> Iterator[Sentence]:
    name = _name(call.func)
    places = zip(_SPEAKERS[name], call.args, strict=False)
    words = ((word.arg or "", word.value) for word in call.keywords) if name not in (*_MUST, "Text") else ()
    for place, value in (*places, *words):
        if place not in _SENTENCES:
            continue
        found = _texts(value, scope)
        if not found and name in _MUST:
            raise Unread(path, call.lineno)
        for text in found:
            template = text.replace("{", "{{").replace("}", "}}") if place == "description" else text
            yield Sentence(template, path, value.lineno)


def _texts(node: ast.expr, scope: Scope) -> list[str]:
    """What it may be; of a table of tuples, those at the place that is asked for."""
    match node:
        case ast.IfExp(body=one, orelse=other):
            return [*_texts(one, scope), *_texts(other, scope)]
        case ast.Subscript(value=ast.Subscript(value=ast.Name(id=table)), slice=ast.Constant(value=int(place))):
            rows = [row for each in scope.names.get(table, []) if isinstance(each, ast.Dict) for row in each.values]
            cells = [row.elts[place] for row in rows if isinstance(row, ast.Tuple)]
            return [text for cell in cells for text in scope.texts(cell)]
    return scope.texts(node)


def _heard(tree: ast.Module) -> set[str]:
    """The names of speakers that this module imports, or defines, from where they live."""
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in _HOMES
        for alias in node.names
        if alias.name in _SPEAKERS and alias.asname is None
    }


def _constants(tree: ast.Module, path: Path, root: Path) -> Mapping[str, list[ast.expr]]:
    """What the names that it imports from its neighbours stand for."""
    known: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (source := _source(node, path, root)):
            theirs = _defined(source)
            known |= {alias.asname or alias.name: theirs.get(alias.name, []) for alias in node.names}
    return known


def _source(node: ast.ImportFrom, path: Path, root: Path) -> Path | None:
    parts = (node.module or "").split(".")
    if node.level == 1:
        place = path.parent.joinpath(*parts)
    elif not node.level and parts[0] == root.name:
        place = root.joinpath(*parts[1:])
    else:
        return None
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


@lru_cache(maxsize=512)
def _defined(path: Path) -> Mapping[str, list[ast.expr]]:
    return Scope().inside(_parsed(path)).names


@lru_cache(maxsize=512)
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _of_option(call: ast.Call, scope: Scope, path: Path) -> Iterator[Sentence]:
    for word in call.keywords:
        if word.arg == "help":
            for text in _texts(word.value, scope):
                yield Sentence(plain(text).template, path, word.value.lineno)


def _is_command(node: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Call) and _attribute(each.func) in _COMMANDS for each in node.decorator_list)


def _attribute(function: ast.expr) -> str:
    """`click.option` is option, and so is what was made of it."""
    return function.attr if isinstance(function, ast.Attribute) else _name(function)


def _is_check(node: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Call) and _name(each.func) == "check" for each in node.decorator_list)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""
