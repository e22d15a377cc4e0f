"""What TAB offers where a lab is wanted."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

OF_THEIR_OWN = ("new",)  # its LAB is one that there is not yet


class LabId(click.types.StringParamType):
    """A lab's id, or the folder of one."""

    name = "lab"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """A broken lab elsewhere must not write into somebody's prompt: then there is nothing to offer."""
        from grader.errors import LabgradeError
        from grader.lab import folders

        if incomplete.startswith((".", "/", "~")):
            return [CompletionItem(incomplete, type="dir")]
        try:
            ids = [folder.name.replace("_", "-") for folder in folders(ctx.params.get("labs") or ())]
        except (LabgradeError, OSError):
            return []
        return [CompletionItem(name) for name in ids if name.startswith(incomplete.replace("_", "-"))]


def offer_labs(command: click.Command) -> click.Command:
    """Has every LAB of the command completed; `LAB...` calls it `names`."""
    if command.name not in OF_THEIR_OWN:
        for parameter in command.params:
            if isinstance(parameter, click.Argument) and parameter.name in ("lab", "names"):
                parameter.type = LabId()
    return command
