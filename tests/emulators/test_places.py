"""Trying things out without a trace: on a fork of moto, and in scratch accounts of MiniStack and LocalStack."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from grader.access import Access
from grader.aws import Aws, CannotProbe, capability
from grader.capabilities import Capabilities
from grader.emulators import launch
from grader.emulators.interface import Emulator
from grader.emulators.live import find
from grader.errors import EmulatorError
from grader.places import Ended, NoPlace, Place, Places

QUEUE = "orders.fifo"


@pytest.fixture(scope="module", params=["moto", "ministack", pytest.param("localstack", marks=pytest.mark.slow)])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    try:
        starting = launch(request.param, region="us-east-1", services=["sqs"])
    except EmulatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with starting.ready() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def ministack() -> Iterator[Emulator]:
    """A stranger's, as `--endpoint-url` names it."""
    try:
        starting = launch("ministack", region="us-east-1")
    except EmulatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with starting.ready() as own:
        yield find(endpoint_url=own.access.endpoint, environ={}).emulator


@pytest.fixture
def home(emulator: Emulator) -> Iterator[Any]:
    """A client of the student's, who has a queue with a message in it."""
    sqs = emulator.access.client("sqs")
    made = sqs.create_queue(QueueName=QUEUE, Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})
    sqs.send_message(QueueUrl=made["QueueUrl"], MessageBody="theirs", MessageGroupId="g")
    yield sqs
    sqs.delete_queue(QueueUrl=made["QueueUrl"])


def rebuild(place: Place) -> None:
    sqs = place.client("sqs")
    place.afterwards(lambda: sqs.delete_queue(QueueUrl=url(sqs)))
    sqs.create_queue(QueueName=QUEUE, Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})


def url(sqs: Any) -> str:
    found: str = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    return found


def state(sqs: Any) -> tuple[list[str], dict[str, str]]:
    attributes = sqs.get_queue_attributes(QueueUrl=url(sqs), AttributeNames=["All"])["Attributes"]
    return sqs.list_queues()["QueueUrls"], attributes


def receive(sqs: Any) -> dict[str, Any]:
    asked = {"QueueUrl": url(sqs), "MessageSystemAttributeNames": ["ApproximateReceiveCount"]}
    message: dict[str, Any] = sqs.receive_message(**asked, WaitTimeSeconds=1)["Messages"][0]
    return message


def test_what_is_tried_in_a_place_is_not_done_at_home(emulator: Emulator, home: Any) -> None:
    before, aws = state(home), Aws(emulator)
    with aws.probe(rebuild) as place:
        sqs = place.client("sqs")
        assert place.twin == (emulator.name != "moto")
        assert (
            receive(sqs)["Body"] == "theirs"
            if not place.twin
            else not sqs.receive_message(QueueUrl=url(sqs)).get("Messages")
        )
        sqs.purge_queue(QueueUrl=url(sqs))
        sqs.send_message(QueueUrl=url(sqs), MessageBody="ours", MessageGroupId="other")
    assert state(home) == before
    message = receive(home)
    assert (message["Body"], message["Attributes"]["ApproximateReceiveCount"]) == ("theirs", "1")


def test_the_names_of_home_are_told_as_they_are_called_there(emulator: Emulator, home: Any) -> None:
    aws, arn = Aws(emulator), state(home)[1]["QueueArn"]
    with aws.probe(rebuild) as place:
        sqs = place.client("sqs")
        there = sqs.get_queue_attributes(QueueUrl=url(sqs), AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        assert there == place.here(arn)
        assert place.here(f"1{arn.split(':')[4]}") == f"1{arn.split(':')[4]}", "a longer number is no account"
        assert (there == arn) is not place.twin


def test_calls_of_probes_are_counted_apart_from_reads(emulator: Emulator, home: Any) -> None:
    del home
    aws = Aws(emulator)
    aws.read("sqs", "list_queues")
    with aws.probe(rebuild) as place:
        sqs = place.client("sqs")
        sqs.send_message(QueueUrl=url(sqs), MessageBody="ours", MessageGroupId="other")
    assert aws.reads == 1
    assert aws.probes == (5 if place.twin else 2), "a twin is made with one call, and taken down with two"


def test_nothing_is_left_of_a_twin(emulator: Emulator, home: Any) -> None:
    del home
    with Aws(emulator).probe(rebuild) as place:
        pass
    if not place.twin:
        pytest.skip("a fork is gone as a whole")
    scratch = Access(place.endpoint, place.access_key, account=place.account)
    assert not scratch.client("sqs").list_queues().get("QueueUrls")


def test_nothing_is_left_of_a_twin_when_the_grading_is_stopped(emulator: Emulator, home: Any) -> None:
    """A check's thread cannot be stopped: it is at work when the main thread ends the grading."""
    before, aws = state(home), Aws(emulator)
    places: list[Place] = []
    opened, closed, ended = threading.Event(), threading.Event(), threading.Event()

    def check() -> None:
        with suppress(Exception), aws.probe(rebuild) as place:
            sqs = place.client("sqs")
            places.append(place)
            opened.set()
            closed.wait(30)
            try:
                sqs.create_queue(QueueName="late")
            except Exception:
                ended.set()

    thread = threading.Thread(target=check, daemon=True)
    thread.start()
    assert opened.wait(30)
    aws.close()
    left = Access(places[0].endpoint, places[0].access_key, account=places[0].account).client("sqs", attempts=1)
    if places[0].twin:
        assert not left.list_queues().get("QueueUrls")
    closed.set()
    thread.join(30)
    assert ended.is_set(), "a call went out after the end"
    if places[0].twin:
        assert not left.list_queues().get("QueueUrls")
    assert state(home) == before
    with pytest.raises(Ended), aws.probe(rebuild):
        pass


def test_a_capability_is_asked_in_a_place_too(emulator: Emulator, home: Any, tmp_path: Any) -> None:
    before, places = state(home), []

    @capability("make a queue", evidence="")
    def makes_a_queue(access: Access) -> bool:
        places.append(access)
        return bool(access.client("sqs").create_queue(QueueName="asked")["QueueUrl"])

    assert Capabilities(emulator, tmp_path / "memory.json")(makes_a_queue)
    assert state(home) == before
    assert isinstance(places[0], Place)


def test_what_one_place_holds_another_does_not(emulator: Emulator, home: Any) -> None:
    del home
    aws = Aws(emulator)
    with aws.probe(rebuild) as one, aws.probe(rebuild) as other:
        one.client("sqs").create_queue(QueueName="one")
        names = [one.rpartition("/")[2] for one in other.client("sqs").list_queues()["QueueUrls"]]
        assert names == [QUEUE]


def test_without_a_fork_and_without_a_rebuild_there_is_no_place(ministack: Emulator) -> None:
    with pytest.raises(CannotProbe, match="be copied"), Aws(ministack).probe():
        pass


def test_an_emulator_that_keeps_no_accounts_apart_is_not_written_to(ministack: Emulator) -> None:
    """Where any key means the one account: the twin would lie in the student's own."""

    places = Places(ministack)
    places._way = lambda access, _account: access
    with pytest.raises(NoPlace), places.opened(rebuild):
        pass
    with pytest.raises(NoPlace), places.opened(rebuild):
        pass
    assert not ministack.access.client("sqs").list_queues().get("QueueUrls")


def test_moto_server_that_was_found_has_other_accounts_by_their_roles() -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        found = find(endpoint_url=f"http://{host}:{port}", environ={}).emulator
        found.access.client("sqs").create_queue(QueueName="theirs")
        with Aws(found).probe(rebuild) as place:
            assert place.twin
            assert [one.rpartition("/")[2] for one in place.client("sqs").list_queues()["QueueUrls"]] == [QUEUE]
        assert [one.rpartition("/")[2] for one in found.access.client("sqs").list_queues()["QueueUrls"]] == ["theirs"]
    finally:
        server.stop()


def test_whether_accounts_are_kept_apart_is_seen_and_asked_once(ministack: Emulator) -> None:
    places = Places(ministack)
    asked: list[str] = []
    for _ in range(2):
        with places.opened(lambda place: asked.append(place.account)):
            pass
    assert places._apart is True
    assert len(set(asked)) == 2
    assert all(account.startswith("9") and len(account) == 12 for account in asked)


def test_a_twin_that_the_emulator_will_not_take_is_no_place_and_leaves_nothing(ministack: Emulator) -> None:
    seen: list[Place] = []

    def impossible(place: Place) -> None:
        seen.append(place)
        rebuild(place)
        place.client("sqs").get_queue_url(QueueName="no such queue")

    with pytest.raises(CannotProbe), Aws(ministack).probe(impossible):
        pass
    left = Access(seen[0].endpoint, seen[0].access_key, account=seen[0].account).client("sqs")
    assert not left.list_queues().get("QueueUrls")


def test_undoing_goes_on_past_what_cannot_be_undone_the_last_first(ministack: Emulator) -> None:
    undone: list[str] = []
    with Places(ministack).opened(lambda _: None) as place:
        place.afterwards(lambda: undone.append("first"))
        place.afterwards(lambda: 1 / 0)
        place.afterwards(lambda: undone.append("last"))
    assert undone == ["last", "first"]


def test_a_fault_of_the_probe_is_the_probes_own(ministack: Emulator) -> None:
    with pytest.raises(ZeroDivisionError), Aws(ministack).probe(rebuild):
        1 / 0  # noqa: B018
    with pytest.raises(NoPlace), Aws(ministack).probe(rebuild):
        raise NoPlace


def test_a_shared_place_is_the_last_ones_that_was_left_in_order(emulator: Emulator, home: Any) -> None:
    before, aws = state(home), Aws(emulator)

    def opened(*, shared: bool = True) -> tuple[str, bool]:
        with aws.probe(rebuild, shared=shared) as place:
            sqs = place.client("sqs")
            used = bool(sqs.list_queue_tags(QueueUrl=url(sqs)).get("Tags"))
            sqs.tag_queue(QueueUrl=url(sqs), Tags={"used": "yes"})
            return place.endpoint + place.account, used

    first, again = opened(), opened()
    copied = emulator.name == "moto"
    assert (first[1], again[1]) == (False, copied)
    assert (first[0] == again[0]) is copied, "a twin is made anew for each"
    assert opened(shared=False)[1] is False
    with suppress(ZeroDivisionError), aws.probe(rebuild, shared=True):
        raise ZeroDivisionError
    assert opened()[1] is False, "who failed in it may have left anything"
    with aws.probe(rebuild, shared=True) as one, aws.probe(rebuild, shared=True) as two:
        assert one != two or copied is False, "nobody gets what somebody is at work in"
        assert (one.endpoint, one.account) != (two.endpoint, two.account)
    aws.close()
    assert state(home) == before
