"""What first requests pay for (models, templates, tables), paid before anybody asks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from moto.core.base_backend import BackendDict
from werkzeug.test import EnvironBuilder

from grader.emulators.moto import faults
from grader.emulators.moto.dispatcher import Dispatcher

SCRATCH = "000000000000"
SIGNED = "AWS4-HMAC-SHA256 Credential=warm/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
BUCKET = "/warm-bucket"
RULES = (
    "<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Filter><Prefix>a/</Prefix></Filter>"
    "<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>"
    "<Expiration><Days>365</Days></Expiration></Rule></LifecycleConfiguration>"
)
VERSIONED = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
TEMPLATE = '{"Parameters": {"P": {"Type": "String", "Default": "p"}}, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'
QUEUE = f"https://sqs.us-east-1.amazonaws.com/{SCRATCH}/warm"
TOPIC = f"arn:aws:sns:us-east-1:{SCRATCH}:warm"

Request = tuple[str, str, str]  # method, path, body
S3: Sequence[Request] = (
    ("GET", "/", ""),
    ("PUT", BUCKET, ""),
    ("PUT", f"{BUCKET}?versioning", VERSIONED),
    ("GET", f"{BUCKET}?versioning", ""),
    ("PUT", f"{BUCKET}?lifecycle", RULES),
    ("GET", f"{BUCKET}?lifecycle", ""),
    ("PUT", f"{BUCKET}/key", "body"),
    ("GET", f"{BUCKET}/key", ""),
    ("GET", f"{BUCKET}?list-type=2", ""),
    ("GET", f"{BUCKET}?versions", ""),
)
# The query protocol's: its version, and the actions with their arguments.
FORMS: dict[str, tuple[str, Sequence[dict[str, str]]]] = {
    "cloudformation": (
        "2010-05-15",
        (
            {"Action": "CreateStack", "StackName": "warm", "TemplateBody": TEMPLATE},
            {"Action": "DescribeStacks", "StackName": "warm"},
            {"Action": "DescribeStackEvents", "StackName": "warm"},
        ),
    ),
    "ec2": (
        "2016-11-15",
        (
            {"Action": "CreateVpc", "CidrBlock": "10.0.0.0/16"},
            {"Action": "DescribeVpcs"},
            {"Action": "DescribeSubnets"},
            {"Action": "DescribeRouteTables"},
            {"Action": "DescribeNetworkAcls"},
            {"Action": "DescribeSecurityGroups"},
            {"Action": "DescribeInternetGateways"},
            {"Action": "DescribeNatGateways"},
            {"Action": "DescribeAddresses"},
            {"Action": "DescribeAvailabilityZones"},
        ),
    ),
    "iam": ("2010-05-08", ({"Action": "ListRoles"},)),
    "sns": (
        "2010-03-31",
        (
            {"Action": "CreateTopic", "Name": "warm"},
            {"Action": "GetTopicAttributes", "TopicArn": TOPIC},
            {"Action": "ListSubscriptionsByTopic", "TopicArn": TOPIC},
            {"Action": "Publish", "TopicArn": TOPIC, "Message": "warm"},
        ),
    ),
    "sts": ("2011-06-15", ({"Action": "GetCallerIdentity"},)),
}
# The JSON protocol's: what stands before the operation's name, and the operations with their arguments.
TARGETS: dict[str, tuple[str, Sequence[tuple[str, dict[str, Any]]]]] = {
    "kms": ("TrentService", (("ListKeys", {}),)),
    "sqs": (
        "AmazonSQS",
        (
            ("CreateQueue", {"QueueName": "warm"}),
            ("GetQueueAttributes", {"QueueUrl": QUEUE, "AttributeNames": ["All"]}),
            ("SendMessage", {"QueueUrl": QUEUE, "MessageBody": "warm"}),
            ("ReceiveMessage", {"QueueUrl": QUEUE}),
        ),
    ),
}


def call(app: Dispatcher, services: Sequence[str]) -> list[str]:
    """Make each service's usual first requests, in an account that is gone afterwards. Returns what went wrong."""
    with _scratch_account():
        answers = [(environ, faults.answer(app, environ)) for name in services for environ in _requests(name)]
    return [
        f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}: {reply.status} {reply.body[:200]!r}"
        for environ, reply in answers
        if reply.code != HTTPStatus.OK
    ]


@contextmanager
def _scratch_account() -> Iterator[None]:
    """Only while nobody else is served. What moto makes itself for the real account stays: its public AMIs are dear."""
    own = os.environ["MOTO_ACCOUNT_ID"]
    os.environ["MOTO_ACCOUNT_ID"] = SCRATCH
    try:
        yield
    finally:
        os.environ["MOTO_ACCOUNT_ID"] = own
        for backends in BackendDict._instances:  # type: ignore[misc]
            if SCRATCH in backends:
                backends[SCRATCH].reset()  # a bucket's name is taken in every account
                del backends[SCRATCH]


def _requests(service: str) -> Iterator[dict[str, Any]]:
    if service == "s3":
        for method, path, body in S3:
            yield _environ("s3", method, path, body)
    version, forms = FORMS.get(service, ("", ()))
    for form in forms:
        body = urlencode({**form, "Version": version})
        yield _environ(service, "POST", "/", body, content_type="application/x-www-form-urlencoded; charset=utf-8")
    prefix, operations = TARGETS.get(service, ("", ()))
    for operation, arguments in operations:
        target = {"X-Amz-Target": f"{prefix}.{operation}"}
        kind = "application/x-amz-json-1.0"
        yield _environ(service, "POST", "/", json.dumps(arguments), headers=target, content_type=kind)


def _environ(service: str, method: str, path: str, body: str, **more: Any) -> dict[str, Any]:
    headers = {"Authorization": SIGNED.format(service), **more.pop("headers", {})}
    return EnvironBuilder(
        path, "http://127.0.0.1", method=method, data=body.encode(), headers=headers, **more
    ).get_environ()
