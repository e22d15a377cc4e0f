"""Whose account an endpoint shows, asked in a way that cannot do anything on AWS, should AWS be what answers.

The question is sts:GetCallerIdentity with a signature that nobody made. AWS refuses it; the emulators that labgrade
knows do not look. Where an endpoint is none of them, this is what tells it from a proxy that leads to AWS:

* its front page sends browsers to one of AWS's own pages, as the real S3, STS and EC2 do; or
* it refuses the signature (401, 403), as AWS does; or
* it answers all the same with an identity of AWS's making, so something on the way signs anew: an account that
  is neither that of the key nor one of those that documentation uses, with a user id of AWS's form or as its root.

AWS Emulator checks signatures as well. Its keys lie in ~/.aws/emulator/PORT, are good for one run of it and worthless
on AWS, so they are used for it where it is on this machine (docs.aws.amazon.com/emulator, looked up 2026-11).
"""

from __future__ import annotations

import re
from configparser import ConfigParser, Error
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import gmtime, strftime
from urllib.parse import urlsplit

from grader.emulators.asking import Answer, Door
from grader.emulators.hosts import is_aws
from grader.errors import UsageError
from grader.texts import Text, say

# LocalStack's and AWS Emulator's, moto's, and others of AWS's documentation.
INVENTED = frozenset({"000000000000", "123456789012", "111122223333", "444455556666", "111111111111"})
MINTED_BY_AWS = re.compile(r"A(ID|RO)A[A-Z0-9]{17}(:.*)?")


@dataclass(frozen=True)
class Keys:
    """An access key. The secret is never the caller's own: no emulator that takes any key needs it."""

    id: str
    secret: str = "labgrade"


def refuse_aws(door: Door, source: str) -> None:
    """Raises UsageError where the front page is AWS's. One unsigned request."""
    front = door.ask("/")
    if is_aws(urlsplit(front.headers.get("location", "")).hostname or ""):
        raise _is_aws(door, source, say("its front page sends browsers to AWS's"))


def account(door: Door, keys: Keys, region: str, source: str, *, known: bool) -> str:
    """The account that these keys mean there. Raises UsageError where it looks like AWS, and `known` is not."""
    answer = door.ask(
        "/", method="POST", headers=_headers(keys.id, region), body=b"Action=GetCallerIdentity&Version=2011-06-15"
    )
    own = keys.id if re.fullmatch(r"\d{12}", keys.id) else "000000000000"
    if answer.status == HTTPStatus.NOT_IMPLEMENTED:
        return own
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise _is_aws(door, source, say("it refuses a signature that is not valid, as AWS does"))
    found = _field(answer, "Account")
    if answer.status != HTTPStatus.OK or not re.fullmatch(r"\d{12}", found):
        raise UsageError(
            say(
                "{source}: what answers at {url} is no emulator of AWS that labgrade understands (HTTP {status} "
                "to sts get-caller-identity).",
                source=source,
                url=door.endpoint.url,
                status=answer.status,
            )
        )
    if not known and found not in INVENTED | {own} and _minted(_field(answer, "UserId"), found):
        raise _is_aws(door, source, say("it answers with an identity that AWS has made"))
    return found


def emulator_keys(port: int, home: Path) -> Keys | None:
    """The keys that an AWS Emulator on this machine has written for this port."""
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(home / ".aws" / "emulator" / str(port) / "credentials", "utf-8")
        section = parser["default"]
        return Keys(section["aws_access_key_id"], section["aws_secret_access_key"])
    except (OSError, Error, KeyError, UnicodeDecodeError):
        return None


def _headers(key: str, region: str) -> dict[str, str]:
    now = strftime("%Y%m%dT%H%M%SZ", gmtime())
    scope = f"{key}/{now[:8]}/{region}/sts/aws4_request"
    return {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "X-Amz-Date": now,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
    }


def _field(answer: Answer, name: str) -> str:
    match = re.search(rf"<{name}>([^<]*)</{name}>", answer.body.decode("utf-8", "replace"))
    return match[1].strip() if match else ""


def _minted(user: str, found: str) -> bool:
    return user == found or MINTED_BY_AWS.fullmatch(user) is not None


def _is_aws(door: Door, source: str, sign: Text) -> UsageError:
    return UsageError(
        say(
            "{source}: {url} looks like AWS itself: {sign}. labgrade only ever calls emulators. An AWS "
            "Emulator is known by its keys in ~/.aws/emulator/PORT; or start it with --auth off.",
            source=source,
            url=door.endpoint.url,
            sign=sign,
        )
    )
