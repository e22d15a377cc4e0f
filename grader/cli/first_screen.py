"""What `labgrade start` and `labgrade status` show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.cli import screen
from grader.formats.escaping import one_line
from grader.languages import current, spoken, told
from grader.texts import Text

if TYPE_CHECKING:
    from grader.formats.layout import Page
    from grader.lab import Lab
    from grader.workspace.memory import Memory
    from grader.workspace.record import Standing, Workspace

FREE = (
    "Your AWS for this lab is running on this machine. It is an emulator: nothing you do here reaches a real account "
    "or costs money."
)
KEPT = (
    "It runs until `labgrade stop`. After a reboot, or `labgrade stop --keep`, `labgrade start {lab}` brings your "
    "work back. Keep the commands that worked in a file. That file is also what you hand in."
)
NOT_OURS = (
    "It is not labgrade's: `labgrade stop` forgets it and leaves it as it is. Keep the commands that worked in a "
    "file. That file is also what you hand in."
)
YOURS = "Your names and numbers (the same every time you start this lab)"
THEIRS = "Names and numbers of {student} (the same every time you start this lab)"
KEPT_IT = "stopped and kept: `labgrade start {lab}` brings it back"
LOST_IT = "it has ended unexpectedly: `labgrade start {lab}` brings it back"
GAP, LEAST = 3, 24  # columns before what is said of a name, and those that it needs
# By service: what shows what is there and needs to be told nothing
# (https://docs.aws.amazon.com/cli/latest/reference/, 2026-11-25).
READING = {
    "s3": "s3 ls",
    "sqs": "sqs list-queues",
    "sns": "sns list-topics",
    "ec2": "ec2 describe-vpcs",
    "dynamodb": "dynamodb list-tables",
    "lambda": "lambda list-functions",
    "iam": "iam list-roles",
    "kms": "kms list-keys",
    "logs": "logs describe-log-groups",
    "cloudwatch": "cloudwatch describe-alarms",
    "events": "events list-rules",
    "ssm": "ssm describe-parameters",
    "secretsmanager": "secretsmanager list-secrets",
    "stepfunctions": "stepfunctions list-state-machines",
    "cloudformation": "cloudformation list-stacks",
    "kinesis": "kinesis list-streams",
    "ecr": "ecr describe-repositories",
    "rds": "rds describe-db-instances",
}


def show(lab: Lab, workspace: Workspace, news: Sequence[Text], again: bool) -> None:
    """The first screen: where it is, names and numbers, what now."""
    page, lab = screen.page(), lab.said_in(current())
    page.blank()
    page.ends("  ", lab.title, spoken("{lab}, about {minutes} minutes", lab=lab.id, minutes=lab.minutes))
    page.blank()
    since = spoken("It has been open since {since}.", since=workspace.since) if again else ""
    page.paragraph(f"{since} {spoken(FREE)}".strip(), "  ")
    for sentence in news:
        page.blank()
        page.paragraph(told(sentence), "  ")
    page.blank()
    for name in ("endpoint", "region", "account"):
        page.line(f"    {name:<8}  {getattr(workspace, name)}")
    page.blank()
    _names(page, lab, workspace)
    _what_now(page, workspace)
    page.paragraph(spoken(KEPT, lab=lab.id) if workspace.ours else spoken(NOT_OURS), "  ")
    screen.show(page)


def _names(page: Page, lab: Lab, workspace: Workspace) -> None:
    from grader.formats.layout import cells

    values = workspace.parameters
    named = [p for p in lab.parameters.declared if p.kind == "name" and p.name in values]
    others = [p for p in lab.parameters.declared if p.kind not in ("name", "token") and p.name in values]
    if not named and not others:
        return
    whose = one_line(workspace.student, 40) if workspace.student else ""
    page.paragraph(spoken(THEIRS, student=whose) if whose else spoken(YOURS), "  ", style="bold")
    page.blank()
    widest = max(len(p.name) for p in (*named, *others)) + 4
    for group in (named, others):
        longest = max((len(str(values[p.name])) for p in group), default=0)
        for p in group:
            line = f"    {f'LAB_{p.name.upper()}':<{widest}}  {values[p.name]!s:<{longest}}"
            if p.about and len(line) + GAP + min(cells(p.about), LEAST) <= page.width:
                page.paragraph(p.about, f"{line}{' ' * GAP}")
            else:
                page.line(line.rstrip())
    page.blank()


def _what_now(page: Page, workspace: Workspace) -> None:
    from grader.formats.layout import padded

    lab = workspace.lab
    shell = "a shell in which aws, python and terraform talk to this emulator; `exit` leaves it"
    rows = [
        (f"labgrade show {lab}", spoken("the task")),
        (f"labgrade shell {lab}", spoken(shell)),
        (f"aws {tried(workspace.services)}", spoken("try it there")),
        (f"labgrade run {lab}", spoken("your score, as often as you like")),
    ]
    page.line((f"  {spoken('What now')}", "bold"))
    page.blank()
    wide = max(len(command) for command, _ in rows) + GAP
    for command, about in rows:
        page.paragraph(about, f"    {command:<{wide}}")
    page.blank()
    own, others = spoken("In a shell of your own:"), "PowerShell, fish, IDE, Terraform:"
    page.line(f'  {padded(own, len(others))}  eval "$(labgrade env)"')
    page.line(f"  {others}  labgrade env --help")
    page.blank()


def tried(services: Sequence[str]) -> str:
    """A command that only reads, of the first of a lab's services that has a short one."""
    return next((READING[name] for name in services if name in READING), "sts get-caller-identity")


def status(rows: Sequence[tuple[Workspace, Standing, Memory]]) -> None:
    """All workspaces, each with how it stands."""
    page = screen.page()
    page.blank()
    wide = max(len(workspace.lab) for workspace, _, _ in rows)
    for workspace, standing, memory in rows:
        page.line(f"  {workspace.lab:<{wide}}  {workspace.endpoint}  {_emulator(workspace)}")
        for sentence in _told(workspace, standing, memory):
            page.paragraph(sentence, " " * (wide + 4))
    page.blank()
    screen.show(page)


def _emulator(workspace: Workspace) -> str:
    return one_line(f"{workspace.emulator} {workspace.version}", 60)


def _told(workspace: Workspace, standing: Standing, memory: Memory) -> list[str]:
    about = [_since(workspace, standing)]
    if workspace.student:
        about.append(spoken("for student {student}", student=one_line(workspace.student, 60)))
    score = spoken("not graded yet")
    if memory.workspace == workspace.id and memory.last is not None:
        scores = {"last": memory.last, "best": memory.best, "most": memory.most}
        score = spoken("last score {last}, best {best} of {most}", **scores)
    sentences = [spoken("{about}; {score}", about=about, score=score)]
    if standing.trouble:
        unwritten = "What you do is not written down ({trouble}): it would be lost with the emulator."
        sentences.append(spoken(unwritten, trouble=standing.trouble))
    return sentences


def _since(workspace: Workspace, standing: Standing) -> str:
    if not standing.running:
        return spoken(KEPT_IT if standing.kept else LOST_IT, lab=workspace.lab)
    if standing.calls is None:
        return spoken("since {since}", since=workspace.since)
    calls = "since {since}, 1 call of yours" if standing.calls == 1 else "since {since}, {calls} calls of yours"
    return spoken(calls, since=workspace.since, calls=standing.calls)


def row(workspace: Workspace, standing: Standing, memory: Memory) -> dict[str, Any]:
    """The same as an object."""
    scored = memory.workspace == workspace.id
    return {
        "lab": workspace.lab,
        "endpoint": workspace.endpoint,
        "emulator": {"name": workspace.emulator, "version": workspace.version},
        "student": workspace.student,
        "course": workspace.course,
        "started_at": workspace.started_at,
        "running": standing.running,
        "kept": standing.kept,
        "calls": standing.calls,
        "last": memory.last if scored else None,
        "best": memory.best if scored else None,
        "trouble": standing.trouble or None,
    }
