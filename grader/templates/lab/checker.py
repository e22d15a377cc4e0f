"""A queue with patience: what is put into it waits for its reader.

A checker is read from the top as a specification: each check is a function that is named for what holds. It reads the
student's account with boto3's own names, and it judges what a setting does, never how the student came to it.
"""

from __future__ import annotations

from grader.checks import Aws, Given, check, require, say

HOUR = 60 * 60
DAY = 24 * HOUR


# The docstring is the requirement that the student reads, in the task and in the report. `weight` is the check's share
# of 100 points. `doc` is the page of AWS's that says so, `why` what comes of it on AWS, and `fix` a nudge towards the
# mend, never the finished call. All of them may name parameters in braces.
@check(
    weight=100,
    doc="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html",
    why="SQS deletes a message when its time is up, read or not, and tells nobody.",
    fix="The lab counts days, and a queue's setting counts something else.",
)
def letters_wait_for_their_reader(aws: Aws, given: Given) -> None:
    """A letter in the queue {queue} waits {days} days for its reader, and then it goes."""
    # `find` is None where a thing is not there; `read` raises. Parameters are attributes of `given`.
    queue = aws.find("sqs", "get_queue_url", QueueName=given.queue)
    # `require` blames the student, with what was found. Whatever else a check raises is the lab's own fault.
    require(queue, say("there is no queue of that name."), fix="Its whole name is in LAB_QUEUE.")
    waits = retention_seconds(aws, queue["QueueUrl"])
    require(
        waits == given.days * DAY,
        say("a letter is deleted after {time}.", time=duration(waits)),
        wanted=say("after {days} days.", days=given.days),
    )


# A second check that has no meaning without a first one says so: @check(…, needs=letters_wait_for_their_reader).
# It is skipped where the first did not pass, and `given.found(letters_wait_for_their_reader)` is what that returned.


def retention_seconds(aws: Aws, url: str) -> int:
    """How long the queue keeps a message. A reply may leave keys out: without one, AWS keeps it for four days."""
    reply = aws.read("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["MessageRetentionPeriod"])
    return int(reply.get("Attributes", {}).get("MessageRetentionPeriod", 4 * DAY))


def duration(seconds: int) -> str:
    """A time as a student says it."""
    for unit, name in ((DAY, "days"), (HOUR, "hours")):
        if seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} seconds"
