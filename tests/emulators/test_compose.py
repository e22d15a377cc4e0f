"""docker-compose.yml: LocalStack for working by hand, for this machine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.emulators.localstack import IMAGE

FILE = Path(__file__).parents[2] / "docker-compose.yml"


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))["services"]
    assert list(services) == ["localstack"]
    service: dict[str, Any] = services["localstack"]
    return service


def test_it_runs_the_version_that_labgrade_starts_itself(service: dict[str, Any]) -> None:
    assert service["image"] == IMAGE == "localstack/localstack:4.14.0"


def test_the_file_says_why_that_version_is_pinned() -> None:
    before_the_image = FILE.read_text("utf-8").partition("image:")[0]
    assert "LOCALSTACK_AUTH_TOKEN" in before_the_image


def test_every_port_is_this_machines_alone(service: dict[str, Any]) -> None:
    assert service["ports"] == ["127.0.0.1:4566:4566"]
    assert "network_mode" not in service


def test_nothing_of_the_machine_is_mounted(service: dict[str, Any]) -> None:
    assert not {"volumes", "privileged", "pid", "devices", "cap_add"} & set(service)


def test_its_health_is_asked_where_it_listens(service: dict[str, Any]) -> None:
    assert service["healthcheck"]["test"][-1] == "http://127.0.0.1:4566/_localstack/health"
    assert service["healthcheck"]["retries"] * int(service["healthcheck"]["interval"].rstrip("s")) >= 30
