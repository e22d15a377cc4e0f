"""Which files of a folder are its entries: told by name, or by suffix where the names say nothing."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path

from grader.errors import NotGradable
from grader.submissions.cloudformation import CloudFormationStage
from grader.submissions.files import Inventory, read_bytes, shown
from grader.submissions.interface import Stage
from grader.submissions.python import PythonStage
from grader.submissions.shell import ShellStage
from grader.submissions.terraform import TerraformStage
from grader.texts import Text, listed, say

KINDS: tuple[type[Stage], ...] = (TerraformStage, CloudFormationStage, PythonStage, ShellStage)
SUFFIXES = sorted(suffix for kind in KINDS for suffix in kind.suffixes)
WANTED = say(
    "A submission has a main.py, a main.sh, a template.yaml (or .yml, .json) or *.tf files; "
    "--entry FILE, or entry = in labgrade.toml, names another."
)


def by_suffix(name: str) -> Stage | None:
    """The stage that a file of this name is the entry of, None where its suffix says nothing."""
    for kind in KINDS:
        if name.lower().endswith(kind.suffixes):
            return kind(name)
    return None


def choose(inventory: Inventory) -> tuple[tuple[Stage, ...], list[Text]]:
    """The stages of a folder in which nobody names an entry, and what to say about them. Raises NotGradable."""
    stages = _by_name(inventory.top()) or _lone(inventory)
    templates = [stage for stage in stages if stage.sort == "template"]
    scripts = [stage for stage in stages if stage.sort == "script"]
    for same in (templates, scripts):
        if len(same) > 1:
            names = listed([shown(stage.entry) for stage in same])
            raise NotGradable(
                say(
                    "{root}: has {names}, and one of a sort is applied; hand in one, or name it: --entry FILE, or "
                    'order = ["FILE", "FILE"] in labgrade.toml.',
                    root=shown(inventory.root),
                    names=names,
                )
            )
    if not stages:
        found = ", ".join(shown(name) for name in inventory.files[:10])
        raise NotGradable(
            say(
                "{root}: has no entry, only {found}. {wanted}",
                root=shown(inventory.root),
                found=found,
                wanted=WANTED,
            )
        )
    return _without_owned(inventory.root, [*templates, *scripts])


def _by_name(names: Sequence[str]) -> list[Stage]:
    found: list[Stage] = []
    for kind in KINDS:
        named = [name for name in names if any(fnmatch.fnmatchcase(name, known) for known in kind.names)]
        found += [kind(entry) for entry in kind.entries_of(named)]
    return found


def _lone(inventory: Inventory) -> list[Stage]:
    """The one file that can be an entry by its suffix; data beside a script (policy.json) is not counted."""
    stages = [stage for name in inventory.top() if (stage := by_suffix(name))]
    if len(stages) == 1:
        return stages
    return [stage for stage in stages if stage.recognises(read_bytes(inventory.root, stage.entry))]


def _without_owned(root: Path, stages: list[Stage]) -> tuple[tuple[Stage, ...], list[Text]]:
    """The stages less the template that the script deploys by itself: nothing is deployed twice."""
    if len(stages) < 2:
        return tuple(stages), []
    template, script = stages
    if not template.owned_by(_without_comments(read_bytes(root, script.entry))):
        return (template, script), []
    script.default_seconds = max(script.default_seconds, template.default_seconds)
    owned = say(
        "{script} applies {template} by itself, so labgrade ran only {script}; "
        'order = ["{template}", "{script}"] in labgrade.toml makes it apply both.',
        script=shown(script.entry),
        template=shown(template.entry),
    )
    return (script,), [owned]


def _without_comments(script: bytes) -> str:
    lines = script.decode("utf-8", "replace").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))
