"""`labgrade diff` and `labgrade verify`: results held against others, and against the secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from grader.cli import option
from grader.errors import UsageError

_SECRET = "LABGRADE_SECRET"


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def diff_command(old: Path, new: Path) -> None:
    """Say who gains and loses what, and why, from OLD to NEW: two folders that labgrade grade wrote, after a checker
    changed, say; or two JSON reports.

    \b
    labgrade diff results/ results-after/
    """
    from grader.classroom.difference import changes, sides
    from grader.formats.escaping import one_line

    found = changes(old, new)
    for change in sorted(found, key=lambda one: (one.gain or 0, one.person)):
        before, after = ("nothing" if side is None else _mark(side) for side in (change.old, change.new))
        gain = "" if change.gain is None else f" ({change.gain:+g})"
        click.echo(f"{one_line(change.person)} {change.lab}: {before} -> {after}{gain}")
        for reason in change.reasons():
            click.echo(f"    {one_line(reason)}")
    gains = [change.gain or 0 for change in found]
    lose, win = sum(gain < 0 for gain in gains), sum(gain > 0 for gain in gains)
    same = len(sides(new).keys() | sides(old).keys()) - len(found)
    click.echo(
        f"{win} gain, {lose} lose, {len(found) - win - lose} change without points, {max(same, 0)} are the same."
    )


def _mark(side: Any) -> str:
    return str(side.status).replace("_", " ") if side.score is None else f"{side.score:g}"


@click.command("verify")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--assignment", type=click.Path(path_type=Path), help="The assignment whose secret signed them.")
@click.option("--secret", metavar="VARIABLE", help="The environment variable with the secret; LABGRADE_SECRET.")
@option("--submission", type=click.Path(path_type=Path), help="Hold them against this work, too.")
def verify_command(
    files: tuple[Path, ...], assignment: Path | None, secret: str | None, submission: Path | None
) -> None:
    """Say of JSON reports whether they are ours and unchanged, and for which submission's content.

    \b
    labgrade verify results/reports/s3-lifecycle/ada.json --assignment week1/assignment.toml
    """
    variable = secret or _variable(assignment)
    key = _key(variable)
    sha256 = None if submission is None else _sha256(submission)
    good = [_verified(place, report, key, sha256) for path in files for place, report in _reports(path)]
    raise SystemExit(0 if good and all(good) else 1)


def _variable(assignment: Path | None) -> str:
    if assignment is None:
        return _SECRET
    from grader.classroom import assignment_file

    named = assignment_file.opened(str(assignment)).assignment.secret_variable
    if named is None:
        raise UsageError(f'{assignment}: names no secret: secret = "{_SECRET}".')
    return named


def _key(variable: str) -> bytes:
    from grader.classroom.signing import secret

    key = secret(variable)
    if key is None:
        raise UsageError(f"{variable}: is not set; put the assignment's secret into it (--secret names another one).")
    return key


def _sha256(path: Path) -> str:
    """The digest of a submission, unpacked where it is an archive. Raises NotGradable."""
    import tempfile

    from grader import submissions
    from grader.submissions import archives

    if not archives.is_archive(path):
        return submissions.read(path).sha256
    with tempfile.TemporaryDirectory(prefix="labgrade-") as folder:
        archives.unpack(path, Path(folder))
        return submissions.read(folder).sha256


def _reports(path: Path) -> Iterator[tuple[str, Any]]:
    """Each report of a JSON file, or of each line of it. Raises UsageError."""
    try:
        text = path.read_bytes().decode("utf-8-sig", "surrogatepass")
        if path.suffix != ".jsonl":
            yield str(path), json.loads(text)
            return
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield from ((f"{path}:{number}", report) for report in _inside(json.loads(line)))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is no JSON: {error}.") from None


def _inside(told: Any) -> list[Any]:
    """The report in a line: the line itself, or the one of a result that has any."""
    if not isinstance(told, dict) or "report" not in told:
        return [told]
    return [] if told["report"] is None else [told["report"]]


def _verified(place: str, report: Any, key: bytes, sha256: str | None) -> bool:
    from grader.classroom.signing import NoReport, holds
    from grader.formats.escaping import one_line

    try:
        ours = holds(report, key)
    except NoReport as error:
        click.echo(f"{place}: NO REPORT: {one_line(error)}")
        return False
    if not ours:
        why = "it is not signed" if ours is None else "it was changed, or another secret signed it"
        click.echo(f"{place}: NOT OURS: {why}.")
        return False
    submission = (report["submission"] or {}).get("sha256")
    whose = one_line(report["grading"].get("person") or report["student"])
    about = f"{whose}, {report['lab']['id']}, {report['score']} of {report['max_score']}, submission {submission}"
    if sha256 is not None and sha256 != submission:
        click.echo(f"{place}: OTHER WORK: ours and unchanged, but for another submission ({about}).")
        return False
    click.echo(f"{place}: OURS, unchanged: {about}.")
    return True
