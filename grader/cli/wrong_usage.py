"""What click says of wrong usage, in another language than its own."""

from __future__ import annotations

import click

from grader.languages import spoken


def shown(error: click.ClickException) -> str:
    """The usage, where help is, and what is wrong."""
    message = spoken("Error: {message}", message=_told(error))
    ctx = getattr(error, "ctx", None)
    if ctx is None:
        return message
    usage = ctx.get_usage().removeprefix("Usage: ")
    hint = spoken("Try `{command} --help`.", command=ctx.command_path)
    return "\n".join([spoken("Usage: {usage}", usage=usage), hint, "", message])


def _told(error: click.ClickException) -> str:
    match error:
        case click.NoSuchOption(option_name=name, possibilities=near):
            told = spoken("there is no option {name}.", name=name)
            return " ".join([told, spoken("did you mean {name}?", name=min(near))]) if near else told
        case click.MissingParameter(param=click.Parameter() as parameter):
            return spoken("{name} is missing.", name=_named(parameter, error.ctx))
        case click.BadParameter(param=click.Parameter() as parameter):
            return spoken("{name}: {reason}", name=_named(parameter, error.ctx), reason=_reason(error, parameter))
    return error.format_message()


def _named(parameter: click.Parameter, ctx: click.Context | None) -> str:
    if isinstance(parameter, click.Argument):
        return parameter.make_metavar(ctx) if ctx else parameter.human_readable_name
    return " / ".join(parameter.opts)


def _reason(error: click.BadParameter, parameter: click.Parameter) -> str:
    if isinstance(parameter.type, click.Choice):
        return spoken("it is one of {choices}.", choices=list(parameter.type.choices))
    return error.message
