"""What emulators forget of queues before a checker reads them, so that no right answer pays for it."""

from __future__ import annotations

from grader.access import Access
from grader.checks import capability

from .copies import plain

ALLOWING = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html"
)


@capability("read a redrive allow policy back", evidence=ALLOWING)
def reads_allow_policies_back(access: Access) -> bool:
    with plain(access) as urls:
        sqs, policy = access.client("sqs"), '{"redrivePermission":"denyAll"}'
        sqs.set_queue_attributes(QueueUrl=urls["dead"], Attributes={"RedriveAllowPolicy": policy})
        read = sqs.get_queue_attributes(QueueUrl=urls["dead"], AttributeNames=["All"])["Attributes"]
        return "denyAll" in str(read.get("RedriveAllowPolicy"))
