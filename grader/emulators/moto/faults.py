"""One line in the words of AWS's protocols, wherever moto would raise or answer with a page of HTML."""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

Environ = dict[str, Any]
LONGEST_LINE = 400


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


def answer(app: Callable[..., Iterable[bytes]], environ: Environ) -> Reply:
    """What `app` says, read to its end; an exception or a page of HTML becomes one line."""
    try:
        reply = _call(app, environ)
    except Exception as error:
        # Kept by the grader, bounded: what a maintainer wants to see and a student does not.
        traceback.print_exc(limit=-6, file=sys.stderr)
        return worded(environ, of_exception(error, service_of(environ)))
    if reply.code >= HTTPStatus.BAD_REQUEST and reply.body.lstrip()[:9].lower().startswith(b"<!doctype"):
        return worded(environ, _of_page(reply))
    return reply


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


# AWS's own words for a policy that is not JSON; moto lets the parser's exception through.
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (2026-11): MalformedPolicy
_NOT_JSON = {
    "s3": ("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'"),
    "sqs": ("InvalidAttributeValue", "Invalid value for the parameter Policy."),
    "sns": ("InvalidParameter", "Invalid parameter: Policy Error: not valid JSON"),
    "kms": ("MalformedPolicyDocumentException", "The policy is not valid JSON"),
}


def of_exception(error: Exception, service: str) -> Fault:
    """501 where the emulator is at fault: SDKs repeat a 500, and moto would say the same again."""
    if isinstance(error, json.JSONDecodeError):
        words = _NOT_JSON.get(service, ("ValidationError", f"not valid JSON: {error}"))
        return Fault(HTTPStatus.BAD_REQUEST, *words)
    code = "NotImplemented" if isinstance(error, NotImplementedError) else "InternalError"
    what = f"the emulator (moto) failed: {type(error).__name__}: {error}"
    return Fault(HTTPStatus.NOT_IMPLEMENTED, code, what)


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
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
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


def _of_page(reply: Reply) -> Fault:
    status = HTTPStatus(reply.code)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        status = HTTPStatus.NOT_IMPLEMENTED
    page = reply.body.decode(errors="replace")
    text = re.sub(r"(?s)<(head|style|script).*?</\1>|<[^>]+>", " ", page)
    return Fault(status, status.phrase.replace(" ", ""), f"the emulator (moto) answered: {text}")


def _call(app: Callable[..., Iterable[bytes]], environ: Environ) -> Reply:
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        said.append((status, headers))

    parts = app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    status, headers = said[-1]
    return Reply(status, tuple(headers), body)
