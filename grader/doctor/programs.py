"""Other programs that submissions and labs use."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

from grader.doctor.attempt import attempt
from grader.doctor.bench import Bench
from grader.doctor.finding import Finding, Mark
from grader.texts import say

NEEDS_TERRAFORM = "Only submissions in *.tf need it."
LOCAL = ("unix:", "npipe:", "fd:")


def terraform(bench: Bench) -> Iterator[Finding]:
    from grader.submissions import tools

    path = tools.find("terraform") or tools.find("tofu")
    if path is None:
        mend = say(
            "https://developer.hashicorp.com/terraform/install, or OpenTofu: https://opentofu.org/docs/intro/install"
        )
        yield Finding("Terraform", Mark.MISSING, "neither terraform nor tofu is on your PATH", NEEDS_TERRAFORM, mend)
        return
    place = bench.scratch("terraform")
    (place / "terraform.rc").touch()
    # Without these it reads the caller's settings, and asks HashiCorp whether there is a newer one.
    quiet = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": str(place / "terraform.rc"), "HOME": str(place)}
    said = attempt([path, "version", "-json"], environment=quiet, folder=place)
    version = _terraform_version(said.output) if said.succeeded else ""
    if not version:
        yield Finding(
            "Terraform",
            said.mark,
            say("{path} version {trouble}", path=str(path), trouble=said.trouble),
            NEEDS_TERRAFORM,
        )
        return
    yield Finding("Terraform", Mark.OK, say("{version}, {path}", version=version, path=str(path)))
    yield _provider()


def _terraform_version(output: str) -> str:
    try:
        return str(json.loads(output)["terraform_version"])
    except (ValueError, KeyError, TypeError):
        return ""


def _provider() -> Finding:
    """AWS's provider: in a mirror or cache, or to be fetched by each `init`."""
    from grader.submissions.mirrors import held, mirrors

    mend = say("labgrade prefetch terraform (it fetches hundreds of MB, once)")
    places = list(mirrors())
    for place in places:
        if versions := held(place):
            found = say("{versions} in {place}: no network is needed", versions=", ".join(versions), place=str(place))
            return Finding("AWS provider", Mark.OK, found)
    if places:
        found = say("not in {places}, and where a mirror is, Terraform looks nowhere else", places=[*map(str, places)])
        return Finding("AWS provider", Mark.MISSING, found, NEEDS_TERRAFORM, mend)
    why = say("`terraform init` fetches it for every run: hundreds of MB, and nothing without a network.")
    return Finding("AWS provider", Mark.MISSING, "in no mirror or cache of this machine", why, mend)


def bash(_bench: Bench) -> Iterator[Finding]:
    from grader.submissions import tools

    path = tools.find("bash")
    if path is None:
        why = say("main.sh is run by it.")
        yield Finding("bash", Mark.MISSING, "not on your PATH", why, "Windows: Git for Windows brings one.")
        return
    said = attempt([path, "--norc", "-c", "echo $BASH_VERSION"])
    if said.succeeded:
        yield Finding("bash", Mark.OK, say("{last_line}, {path}", last_line=said.last_line, path=str(path)))
    else:
        yield Finding("bash", said.mark, say("{path} {trouble}", path=str(path), trouble=said.trouble))


def jq(_bench: Bench) -> Iterator[Finding]:
    from grader.submissions import tools

    path = tools.find("jq")
    if path is None:
        why = say("Some write main.sh with it; --query of the AWS CLI does the same.")
        mend = say("https://jqlang.org/download, or your system's package jq")
        yield Finding("jq", Mark.MISSING, "not on your PATH", why, mend)
        return
    said = attempt([path, "--version"])
    mark = Mark.OK if said.succeeded else said.mark
    yield Finding(
        "jq", mark, say("{what}, {path}", what=said.last_line if said.succeeded else said.trouble, path=str(path))
    )


def docker(_bench: Bench) -> Iterator[Finding]:
    """Is there an engine behind the command? One on another machine is not called."""
    why = say("It is one of the ways to LocalStack.")
    path = shutil.which("docker")
    if path is None:
        yield Finding(
            "Docker", Mark.MISSING, "no `docker` on your PATH", why, "https://docs.docker.com/get-started/get-docker"
        )
        return
    where = attempt([path, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], seconds=4)
    if where.succeeded and not where.last_line.startswith(LOCAL):
        yield Finding(
            "Docker",
            Mark.NOTE,
            say("its engine is not on this machine ({last_line}): it was not called", last_line=str(where.last_line)),
        )
        return
    asked = attempt([path, "version", "--format", "{{.Server.Version}}"], seconds=6)
    if asked.succeeded:
        yield Finding("Docker", Mark.OK, say("engine {last_line}, {path}", last_line=asked.last_line, path=str(path)))
        return
    mend = say("Start Docker Desktop, or: sudo systemctl start docker. Your user must be in the group docker.")
    yield Finding(
        "Docker",
        asked.mark,
        say("{path} is there, and no engine answers: {last_line}", path=str(path), last_line=asked.last_line),
        why,
        mend,
    )
