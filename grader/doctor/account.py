"""What of a real AWS account lies about, and what leads a shell's commands there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from grader.doctor.bench import Bench, caller_has
from grader.doctor.finding import Finding, Mark
from grader.texts import Argument, Text, joined, say
from grader.workspace.surroundings import PROXIES, shadows

LOOPBACK = ("localhost", "127.0.0.1", "::1", "localhost.localstack.cloud")
# Keys that people give to emulators; an emulator takes any.
MADE_UP = re.compile(r"(?i)\s*(?:\d{12}|tests?|testing|fake|dummy|mock|foo|bar|x+|labgrade|local\w*|minio\w*)\s*$")
GRANTS = re.compile(r"(?i)^\s*(?:sso_\w+|credential_process|role_arn|login_session)\s*=")
SECTION = re.compile(r"^\s*\[\s*(?:profile\s+)?(.+?)\s*\]")
KEY_ID = re.compile(r"(?i)^\s*aws_access_key_id\s*=\s*(\S*)")
MOST_BYTES = 1 << 20
NEVER = "labgrade never uses them, and submissions do not see them."
YOURS = (
    "A command in a shell of your own does wherever AWS_ENDPOINT_URL is not set: it would reach that account, "
    "and may cost money."
)


def credentials(_bench: Bench) -> Iterator[Finding]:
    """Where they lie, never what they are."""
    found = [*_in_files(), *_in_variables()]
    if found:
        yield Finding(
            "credentials",
            Mark.NOTE,
            say("{found}. {never}", found=joined(found), never=say(NEVER)),
            YOURS,
            "Work in `labgrade shell`.",
        )
    else:
        yield Finding("credentials", Mark.OK, "none of a real account are in ~/.aws or in this shell")


def variables(_bench: Bench) -> Iterator[Finding]:
    """Those that go before AWS_ENDPOINT_URL, in whatever this shell starts."""
    names = [name for name in shadows() if caller_has(name)]
    if names:
        why = say("In a shell of your own they stand in its way; submissions and `labgrade shell` do not have them.")
        said = "{names} is set" if len(names) == 1 else "{names} are set"
        yield Finding("variables", Mark.NOTE, say(said, names=names), why, _unset(names))
    else:
        yield Finding("variables", Mark.OK, "none that goes before AWS_ENDPOINT_URL")
    proxy = next((name for name in PROXIES if caller_has(name)), None)
    exempt = caller_has("no_proxy") or caller_has("NO_PROXY")
    if proxy and not ("127.0.0.1" in exempt or exempt == "*"):
        why = say("In a shell of your own, aws and boto3 ask the proxy for 127.0.0.1, which is another machine there.")
        yield Finding(
            "proxy",
            Mark.NOTE,
            say("{proxy} is set, and NO_PROXY does not name 127.0.0.1", proxy=proxy),
            why,
            _exempt(exempt),
        )


def endpoint(_bench: Bench) -> Iterator[Finding]:
    """Where this shell's commands go; asked only where that is this machine."""
    url = caller_has("AWS_ENDPOINT_URL")
    if not url:
        why = say("A command typed here goes to real AWS; one in `labgrade shell` to the lab's emulator.")
        yield Finding("endpoint", Mark.NOTE, "AWS_ENDPOINT_URL is not set in this shell", why)
        return
    try:
        parts = urlsplit(url)
        host, number = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        mend = _unset(["AWS_ENDPOINT_URL"])
        yield Finding(
            "endpoint", Mark.BROKEN, say("AWS_ENDPOINT_URL is {url}, which is no address", url=repr(url)), mend=mend
        )
        return
    if host not in LOOPBACK or parts.scheme != "http":
        yield Finding("endpoint", Mark.NOTE, say("AWS_ENDPOINT_URL is {url}: not asked", url=url))
        return
    from grader.doctor.emulators import answering

    if name := answering(number):
        yield Finding("endpoint", Mark.OK, say("AWS_ENDPOINT_URL is {url}, where {name} answers", url=url, name=name))
    else:
        why = say("A command typed here finds nobody.")
        yield Finding("endpoint", Mark.NOTE, say("AWS_ENDPOINT_URL is {url}, where nobody answers", url=url), why)


def _in_files() -> Iterator[Text]:
    for variable, name in (("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")):
        path = Path(os.path.expanduser(caller_has(variable) or f"~/.aws/{name}"))  # noqa: PTH111  (no home is no error)
        if profiles := _profiles(path):
            shown: list[Argument] = [*profiles[:4]]
            shown += [say("{count} more", count=len(profiles) - 4)] if len(profiles) > 4 else []
            yield say("{path} has {profiles}", path=str(path), profiles=shown)


def _profiles(path: Path) -> list[str]:
    """The profiles with a key that nobody made up, or with a way to get one."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    found: dict[str, None] = {}
    section = "default"
    for line in text.splitlines():
        if named := SECTION.match(line):
            section = named[1][:60]
        elif GRANTS.match(line) or ((key := KEY_ID.match(line)) and not MADE_UP.match(key[1])):
            found[section] = None
    return list(found)


def _in_variables() -> Iterator[Text]:
    key = caller_has("AWS_ACCESS_KEY_ID")
    if key and not MADE_UP.match(key):
        yield say("{name} is set in this shell", name="AWS_ACCESS_KEY_ID")
    for name in ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        if caller_has(name):
            yield say("{name} is set in this shell", name=name)


def _unset(names: list[str]) -> str:
    if os.name == "nt":
        return f"Remove-Item {', '.join(f'Env:{name}' for name in names)}"
    return f"unset {' '.join(names)}"


def _exempt(exempt: str) -> str:
    value = ",".join(filter(None, [exempt, "127.0.0.1,localhost"]))
    return f"$env:NO_PROXY = '{value}'" if os.name == "nt" else f"export NO_PROXY={value}"
