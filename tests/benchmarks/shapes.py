"""How many mistakes slip through checks that look at shapes alone, and how many through labgrade's.

    python tests/benchmarks/shapes.py            print the table
    python tests/benchmarks/shapes.py --write    and put it into the README

Each mistake of each lab is run once, on a fresh moto, and both look at what it left behind. Those that this machine
lacks a tool for are left out.
"""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from grader import answers, engine
from grader.answers import Answer
from grader.aws import Aws
from grader.grading import Options, grade
from grader.lab import Lab, find

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- shapes -->\n", "<!-- /shapes -->"
HEAD = (
    "| lab | shapes alone: it is right where | mistakes | slip through shapes | slip through labgrade |\n"
    "|---|---|---|---|---|\n"
)

Values = Mapping[str, Any]


def bucket_has_the_tag(aws: Aws, values: Values) -> bool:
    reply = aws.find("s3", "get_bucket_tagging", Bucket=values["bucket"]) or {}
    return any(tag["Key"].lower() == "course" for tag in reply.get("TagSet", []))


def a_rule_exists_and_is_enabled(aws: Aws, values: Values) -> bool:
    reply = aws.find("s3", "get_bucket_lifecycle_configuration", Bucket=values["bucket"]) or {}
    return any(rule["Status"] == "Enabled" for rule in reply.get("Rules", []))


def a_nat_route_exists_and_the_gateway_is_attached(aws: Aws, _values: Values) -> bool:
    routes = [route for table in aws.pages("ec2", "describe_route_tables", "RouteTables") for route in table["Routes"]]
    gateways = aws.pages("ec2", "describe_internet_gateways", "InternetGateways")
    return any(route.get("NatGatewayId") for route in routes) and any(one["Attachments"] for one in gateways)


def subscriptions_exist_and_the_policies_mention_the_topic(aws: Aws, values: Values) -> bool:
    topics = [one["TopicArn"] for one in aws.pages("sns", "list_topics", "Topics")]
    topic = next((arn for arn in topics if arn.endswith(f":{values['topic']}")), None)
    if topic is None:
        return False
    listed = aws.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic)
    queues = [_queue(aws, values[name]) for name in ("billing_queue", "shipping_queue", "audit_queue")]
    subscribed = {one["Endpoint"] for one in listed}
    return all(one.get("QueueArn") in subscribed and values["topic"] in one.get("Policy", "") for one in queues)


def both_queues_exist_and_a_redrive_policy_names_the_second(aws: Aws, values: Values) -> bool:
    queue, dead = _queue(aws, values["queue"]), _queue(aws, values["dead_letter_queue"])
    return bool(dead) and values["dead_letter_queue"] in queue.get("RedrivePolicy", "")


def _queue(aws: Aws, name: str) -> dict[str, str]:
    """A queue's attributes; none where there is no such queue."""
    there = aws.find("sqs", "get_queue_url", QueueName=name)
    if there is None:
        return {}
    reply = aws.read("sqs", "get_queue_attributes", QueueUrl=there["QueueUrl"], AttributeNames=["All"])
    found: dict[str, str] = reply["Attributes"]
    return found


@dataclass(frozen=True)
class Shape:
    """What a checker asks that looks at shapes alone, in words and as a function."""

    words: str
    holds: Callable[[Aws, Values], bool]


SHAPES: Mapping[str, Shape] = {
    "hello": Shape("the bucket has a tag called course", bucket_has_the_tag),
    "s3-lifecycle": Shape("a rule exists and is enabled", a_rule_exists_and_is_enabled),
    "sns-fanout": Shape(
        "each queue is subscribed, and its policy mentions the topic",
        subscriptions_exist_and_the_policies_mention_the_topic,
    ),
    "sqs-fifo": Shape(
        "both queues exist, and a redrive policy names the second",
        both_queues_exist_and_a_redrive_policy_names_the_second,
    ),
    "vpc-nat": Shape(
        "a NAT route exists, and the internet gateway is attached", a_nat_route_exists_and_the_gateway_is_attached
    ),
}


@dataclass(frozen=True)
class Row:
    """What slipped through of a lab's mistakes."""

    lab: str
    mistakes: int
    through_shapes: int
    through_labgrade: int

    def __str__(self) -> str:
        counts = f"{self.mistakes} | {self.through_shapes} | {self.through_labgrade}"
        return f"| `{self.lab}` | {SHAPES[self.lab].words} | {counts} |\n"


_seen = threading.local()


@contextmanager
def shapes_asked_too() -> Iterator[None]:
    """Whenever checks are judged, the lab's shape is asked as well, on the same state; its answer is the thread's."""
    judge = engine.judge

    def judged(lab: Lab, aws: Aws, values: Values, *rest: Any, **more: Any) -> Any:
        _seen.holds = SHAPES[lab.id].holds(aws, values)
        return judge(lab, aws, values, *rest, **more)

    with patch.object(engine, "judge", judged):
        yield


def through(lab: Lab, mistake: Answer) -> tuple[bool, bool]:
    """Does it get full marks by its shape, and by labgrade?"""
    _seen.holds = False
    with mistake.work() as work:
        report = grade(lab, work, options=Options(emulator="moto"))
    return _seen.holds, report.score == report.max_score


def row(name: str, workers: int) -> Row:
    """All of a lab's mistakes, side by side."""
    lab = find(name)
    _ = lab.checks, lab.prepare  # loaded once, and not in each thread
    mistakes = [one for one in answers.answers(lab, "mistakes") if not answers.lacking(one)]
    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(lambda one: through(lab, one), mistakes))
    return Row(name, len(found), sum(shape for shape, _ in found), sum(ours for _, ours in found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    parser.add_argument("-j", "--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    with shapes_asked_too():
        table = HEAD
        print(HEAD, end="", flush=True)
        for name in SHAPES:
            table += (found := str(row(name, asked.workers)))
            print(found, end="", flush=True)
    if asked.write:
        before, _, rest = README.read_text("utf-8").partition(BEGIN)
        README.write_text(f"{before}{BEGIN}{table}{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
