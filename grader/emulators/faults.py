"""An error in the words of AWS's protocols, said by what stands in front of an emulator."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any

Environ = dict[str, Any]
LONGEST_LINE = 400
MOST_MIB = 256  # that the body of a request may have


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status.split()[0])


@dataclass(frozen=True)
class Fault:
    """An error as AWS's protocols know it."""

    status: HTTPStatus
    code: str
    message: str


def refused(environ: Environ, reason: str) -> Reply:
    """The gate's own no."""
    return worded(environ, Fault(HTTPStatus.FORBIDDEN, "AccessDenied", reason))


def too_large(environ: Environ, most_bytes: int) -> Reply:
    """A 400: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (2026-11)."""
    message = f"this emulator takes requests of up to {most_bytes >> 20} MiB"
    return worded(environ, Fault(HTTPStatus.BAD_REQUEST, "EntityTooLarge", message))


def service_of(environ: Environ) -> str:
    """What the request is signed for: `s3` of `…/us-east-1/s3/aws4_request`; empty where nothing says."""
    scope = f"{environ.get('HTTP_AUTHORIZATION', '')}&{environ.get('QUERY_STRING', '')}".replace("%2F", "/")
    found = re.search(r"/([a-z0-9-]+)/aws4_request", scope)
    return found.group(1) if found else ""


def worded(environ: Environ, fault: Fault) -> Reply:
    """The fault in the protocol that the request was made in."""
    message = " ".join(fault.message.split())[:LONGEST_LINE]
    kind, body = _body(environ, fault.code, message)
    if environ.get("REQUEST_METHOD") == "HEAD":
        body = ""
    headers = (("Content-Type", kind), ("x-amzn-ErrorType", fault.code), ("x-amzn-RequestId", "labgrade"))
    return Reply(f"{fault.status.value} {fault.status.phrase}", headers, body.encode())


def _body(environ: Environ, code: str, message: str) -> tuple[str, str]:
    if not _speaks_xml(environ):
        # botocore reads either spelling of the message, the Java and Go SDKs the capital one.
        text = json.dumps({"__type": code, "message": message, "Message": message})
        return "application/x-amz-json-1.0", text
    error = f"<Error><Code>{escape(code, quote=False)}</Code><Message>{escape(message, quote=False)}</Message></Error>"
    service = service_of(environ)
    if service == "ec2":
        error = f"<Response><Errors>{error}</Errors><RequestID>labgrade</RequestID></Response>"
    elif service not in ("", "s3"):
        error = f"<ErrorResponse>{error}<RequestId>labgrade</RequestId></ErrorResponse>"
    return "application/xml", f'<?xml version="1.0" encoding="UTF-8"?>{error}'


def _speaks_xml(environ: Environ) -> bool:
    """The query protocols send forms; a bare GET tells by its service alone."""
    if environ.get("HTTP_X_AMZ_TARGET") or "json" in str(environ.get("CONTENT_TYPE", "")):
        return False
    form = "x-www-form-urlencoded" in str(environ.get("CONTENT_TYPE", "")) or "Action=" in environ["QUERY_STRING"]
    return form or service_of(environ) in ("", "s3", "route53", "cloudfront")
