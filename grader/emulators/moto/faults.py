"""One line in the words of AWS's protocols, wherever moto would raise or answer with a page of HTML."""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus

from grader.emulators.faults import Environ, Fault, Reply, service_of, worded


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
