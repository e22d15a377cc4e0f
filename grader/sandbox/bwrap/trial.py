"""Can this machine make a box? And if not, what would let it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from grader.errors import SandboxError
from grader.texts import Text, say

RESTRICTED = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
# Ubuntu 24.04 and GitHub's runners bring the profile and do not load it; from 25.04 on it is loaded.
PROFILE = "bwrap-userns-restrict"
UBUNTU = (
    "sudo apt install apparmor-profiles && "
    f"sudo cp /usr/share/apparmor/extra-profiles/{PROFILE} /etc/apparmor.d/ && "
    f"sudo apparmor_parser -r /etc/apparmor.d/{PROFILE}"
)
# https://docs.docker.com/reference/cli/docker/container/run/#security-opt and
# https://docs.gitlab.com/runner/configuration/advanced-configuration/#the-runnersdocker-section, 2026-11-25
OPTIONS = ("seccomp", "apparmor", "systempaths")
DOCKER = " ".join(f"--security-opt {name}=unconfined" for name in OPTIONS)
GITLAB = "security_opt = [" + ", ".join(f'"{name}:unconfined"' for name in OPTIONS) + "]"
SECONDS = 10.0


def program() -> str:
    """bubblewrap's. Raises SandboxError that says how to get it."""
    found = shutil.which("bwrap")
    if found:
        return found
    if sys.platform != "linux":
        why = "sandbox: bubblewrap is only for Linux; --sandbox none runs work that you trust, as yourself."
        raise SandboxError(say(why))
    raise SandboxError(
        say(
            "sandbox: there is no `bwrap` on your PATH; install bubblewrap (sudo apt install bubblewrap), or choose "
            "--sandbox none for work that you trust."
        )
    )


@cache
def require(bwrap: str, options: tuple[str, ...]) -> str:
    """Make an empty box, once for all that this process grades; bubblewrap's version, asked for in it. Raises
    SandboxError that says what would let this machine do it.
    """
    command = [bwrap, *options, "--ro-bind", "/", "/", "--proc", "/proc", "--", bwrap, "--version"]
    try:
        tried = subprocess.run(command, capture_output=True, env={}, timeout=SECONDS, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(say("sandbox: bubblewrap does not run: {reason}", reason=str(error))) from None
    if tried.returncode:
        said = tried.stderr.decode("utf-8", "replace").strip().splitlines()
        last = said[-1] if said else say("it said nothing")
        raise SandboxError(say("sandbox: bubblewrap may not make a box here ({last}). {cure}", last=last, cure=cure()))
    return (tried.stdout.decode("utf-8", "replace").split() or ["unknown"])[-1]


def cure() -> Text:
    """What lets bubblewrap work."""
    if restricted():
        return say("Ubuntu's AppArmor keeps it from making one; once: {command}", command=UBUNTU)
    return say(
        "Inside a container, its engine must allow it: docker run {options}. For GitLab's Docker executor, under "
        "[runners.docker] of its config.toml: {gitlab}",
        options=DOCKER,
        gitlab=GITLAB,
    )


def restricted() -> bool:
    try:
        return RESTRICTED.read_text("ascii").strip() == "1"
    except (OSError, ValueError):
        return False
