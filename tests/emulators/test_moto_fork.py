"""A fork is this moment, on an endpoint of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.emulators import moto
from grader.emulators.interface import ForkUnsupported
from grader.errors import EmulatorError


@pytest.fixture
def running() -> Iterator[moto.Moto]:
    with moto.launch() as starting:
        yield starting.ready()


def keys(emulator: moto.Moto, bucket: str = "shared") -> set[str]:
    pages = emulator.access.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {one["Key"] for page in pages for one in page.get("Contents", [])}


def test_the_fork_has_the_same_state_and_changes_stay_where_they_are_made(running: moto.Moto) -> None:
    client = running.access.client("s3")
    client.create_bucket(Bucket="shared")
    client.put_object(Bucket="shared", Key="before", Body=b"x" * (7 << 20))
    fork = running.fork()
    there = fork.access.client("s3")
    assert there.get_object(Bucket="shared", Key="before")["Body"].read() == b"x" * (7 << 20)
    there.put_object(Bucket="shared", Key="in the fork")
    client.put_object(Bucket="shared", Key="in the parent")
    assert keys(running) == {"before", "in the parent"}
    assert keys(fork) == {"before", "in the fork"}
    assert fork.version == running.version
    assert fork.mends == running.mends


def test_large_bodies_can_be_read_by_both_at_once(running: moto.Moto) -> None:
    client = running.access.client("s3")
    client.create_bucket(Bucket="shared")
    body = os.urandom(24 << 20)
    client.put_object(Bucket="shared", Key="large", Body=body)
    fork = running.fork()
    read: list[bool] = []

    def check(emulator: moto.Moto) -> None:
        answer = emulator.access.client("s3").get_object(Bucket="shared", Key="large")
        read.append(answer["Body"].read() == body)

    readers = [threading.Thread(target=check, args=(one,)) for one in (running, fork, running, fork)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert read == [True] * 4


def test_a_fork_counts_its_own_calls(running: moto.Moto) -> None:
    running.access.client("s3").list_buckets()
    fork = running.fork()
    assert (running.calls(), fork.calls(), fork.journal()) == (1, 0, [])
    fork.access.client("s3").list_buckets()
    assert (running.calls(), fork.calls()) == (1, 1)


def test_a_fork_can_be_forked(running: moto.Moto) -> None:
    running.access.client("s3").create_bucket(Bucket="shared")
    child = running.fork()
    child.access.client("s3").put_object(Bucket="shared", Key="child")
    grandchild = child.fork()
    grandchild.access.client("s3").put_object(Bucket="shared", Key="grandchild")
    assert (keys(running), keys(child), keys(grandchild)) == (set(), {"child"}, {"child", "grandchild"})


def write_all_the_time(client: Any, writer: int, written: list[str], stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        key = f"{writer}/{number:05}"
        client.put_object(Bucket="shared", Key=key, Body=key.encode())
        written.append(key)
        number += 1


def test_snapshots_under_load_lose_nothing(running: moto.Moto) -> None:
    client = running.access.client("s3")
    client.create_bucket(Bucket="shared")
    stop = threading.Event()
    written: list[list[str]] = [[] for _ in range(4)]
    writers = [
        threading.Thread(target=write_all_the_time, args=(client, number, written[number], stop)) for number in range(4)
    ]
    for writer in writers:
        writer.start()
    for _ in range(6):
        acknowledged = {key for keys_of_one in written for key in list(keys_of_one)}
        fork = running.fork()
        assert acknowledged <= keys(fork)
        there = fork.access.client("s3")
        for key in sorted(acknowledged)[-3:]:
            assert there.get_object(Bucket="shared", Key=key)["Body"].read() == key.encode()
        fork.close()
    stop.set()
    for writer in writers:
        writer.join(10)
    assert keys(running) == {key for keys_of_one in written for key in keys_of_one}


def test_a_fork_waits_for_requests_in_flight(running: moto.Moto) -> None:
    queue = running.access.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    poll = threading.Thread(
        target=running.access.client("sqs").receive_message, kwargs={"QueueUrl": queue, "WaitTimeSeconds": 2}
    )
    poll.start()
    time.sleep(0.3)
    with pytest.raises(EmulatorError, match=r"1 requests were still in flight after 0\.2 s"):
        running.fork(timeout_seconds=0.2)
    fork = running.fork()
    assert not poll.is_alive() or poll.join(1) is None
    assert fork.alive()
    assert running.access.client("sqs").list_queues()["QueueUrls"] == [queue]


def sockets(pid: int) -> set[str]:
    links = (one.readlink() for one in (Path("/proc") / str(pid) / "fd").iterdir())
    return {str(link) for link in links if str(link).startswith("socket:")}


def test_a_fork_shares_no_socket_with_its_parent(running: moto.Moto) -> None:
    port = int(running.access.endpoint.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as idle:
        running.access.client("s3").list_buckets()
        fork = running.fork()
        assert sockets(fork.pid)
        assert not sockets(fork.pid) & sockets(running.pid)
        idle.sendall(b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_fork_listens_where_it_is_told_to(running: moto.Moto) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        fork = running.fork(listener=listener)
    assert fork.access.endpoint == f"http://127.0.0.1:{port}"
    assert fork.access.client("s3").list_buckets()["Buckets"] == []
    fork.close()
    assert running.fork(port=port).access.endpoint == f"http://127.0.0.1:{port}"


def test_a_taken_port_fails_the_fork_alone(running: moto.Moto) -> None:
    port = int(running.access.endpoint.rsplit(":", 1)[1])
    with pytest.raises(EmulatorError, match=f"port {port} of 127"):
        running.fork(port=port)
    assert running.alive()


def test_closing_a_fork_leaves_its_parent_and_no_zombie(running: moto.Moto) -> None:
    fork = running.fork()
    fork.close()
    fork.close()
    assert gone(fork.pid)
    assert not fork.alive()
    assert running.alive()


def test_a_fork_that_hangs_is_killed(running: moto.Moto) -> None:
    fork = running.fork()
    os.kill(fork.pid, signal.SIGSTOP)
    fork.close()
    assert gone(fork.pid)


def test_closing_the_parent_ends_its_forks_and_theirs(running: moto.Moto) -> None:
    child = running.fork()
    grandchild = child.fork()
    running.close()
    assert gone(child.pid)
    assert gone(grandchild.pid)
    assert not child.alive()
    grandchild.close()


def test_a_system_without_fork_says_so(running: moto.Moto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    with pytest.raises(ForkUnsupported):
        running.fork()


def test_forks_leave_no_descriptor_in_the_parent(running: moto.Moto) -> None:
    running.fork().close()
    before = len(os.listdir(f"/proc/{running.pid}/fd"))  # noqa: PTH208
    for _ in range(5):
        running.fork().close()
    assert len(os.listdir(f"/proc/{running.pid}/fd")) == before  # noqa: PTH208


def gone(pid: int) -> bool:
    for _ in range(300):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            time.sleep(0.01)
            continue
        return True
    return False
