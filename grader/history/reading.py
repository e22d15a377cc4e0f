"""Lines of the journal read back into calls: moto routes and parses the requests, botocore the replies."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from grader.emulators.moto.request import environ_of
from grader.history.call import Call
from grader.history.services import candidates

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape
    from moto.core.request import Request

UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHUNK = re.compile(rb"([0-9a-fA-F]+)(?:;[^\r\n]*)?\r\n")
# What tools add to be sure that S3 gets what they send: they do again.
SURE = re.compile(r"Checksum\w*|ContentMD5|ContentLength")
UNSAID = {"ContentType": "binary/octet-stream", "ContentEncoding": "aws-chunked", "EncodingType": "url"}


def understood(line: Mapping[str, Any]) -> Call | None:
    """The call; None for what no service model knows. Never raises for what a client sent."""
    try:
        found = _matched(line)
        if found is None:
            return None
        service, protocol, model, parameters = found
        reply = _reply(line, protocol, model)
    except Exception:  # whatever a client sent may stumble in any of the parsers: then nobody knows what it meant
        return None
    said = _said(parameters, model.input_shape, service) if model.input_shape else {}
    return Call(service, model.name, said, model, reply, str(line.get("region") or ""), "read" in line)


def _matched(line: Mapping[str, Any]) -> tuple[str, str, OperationModel, dict[str, Any]] | None:
    from moto.core.parse import PROTOCOL_PARSERS
    from moto.core.request import determine_request_protocol
    from werkzeug.exceptions import HTTPException

    for service in candidates(line["service"]):
        request = _request(line)
        model = _service_model(service)
        if not _of_this_version(request, model.metadata["apiVersion"]):
            continue
        try:
            protocol = determine_request_protocol(model, request.content_type)
            operation, in_path = _router(service).match(request)
        except (HTTPException, NotImplementedError):
            continue
        parser = PROTOCOL_PARSERS[protocol](operation)
        parts: Any = {"method": request.method, "headers": request.headers, "url_path": request.path}
        parts |= {"values": request.values, "body": request.data, "url_params": in_path}
        return service, protocol, operation, parser.parse(parts)
    return None


def _request(line: Mapping[str, Any]) -> Request:
    from moto.core.request import Request

    headers = line["headers"]
    if "aws-chunked" in headers.get("content-encoding", "") or "x-amz-trailer" in headers:
        line = {**line, "body": base64.b64encode(_unchunked(base64.b64decode(line["body"]))).decode()}
    return Request(environ_of(dict(line), 80))


def _unchunked(body: bytes) -> bytes:
    """What was sent in signed pieces. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html (2026-11)"""
    pieces, at = [], 0
    while head := CHUNK.match(body, at):
        size = int(head[1], 16)
        if not size:
            break
        pieces.append(body[head.end() : head.end() + size])
        at = head.end() + size + 2
    return b"".join(pieces) if pieces or at else body


def _of_this_version(request: Request, version: str) -> bool:
    """Two services of one signature (the two load balancers) tell apart by their version."""
    said = request.values.get("Version") if "Action" in request.values else None
    return said is None or said == version


@cache
def _service_model(service: str) -> Any:
    from moto.core.utils import get_service_model

    return get_service_model(service)


@cache
def _router(service: str) -> Any:
    from moto.core.routing import ServiceOperationRouter

    return ServiceOperationRouter(_service_model(service))


def _said(parameters: Mapping[str, Any], shape: Shape, service: str) -> dict[str, Any]:
    """What the caller meant to say, without what parsers and tools add."""
    return dict(_members(parameters, shape, service, top=True))


def _members(value: Mapping[str, Any], shape: Any, service: str, top: bool = False) -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None or item is None or (top and _is_empty_frame(member, item)):
            continue
        if service == "s3" and (SURE.fullmatch(name) or UNSAID.get(name) == item):
            continue
        # Made up for this one call, and anew for each.
        if member.metadata.get("idempotencyToken") and isinstance(item, str) and UUID.fullmatch(item):
            continue
        if member.serialization.get("location") == "headers":
            item = {key.lower(): value for key, value in item.items()}  # as they were sent
        yield name, _cleaned(item, member, service)


def _cleaned(value: Any, shape: Any, service: str) -> Any:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return dict(_members(value, shape, service))
    if shape.type_name == "list" and isinstance(value, list):
        return [_cleaned(item, shape.member, service) for item in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {key: _cleaned(item, shape.value, service) for key, item in value.items()}
    return value


def _is_empty_frame(shape: Any, value: Any) -> bool:
    """Headers and queries that were not sent read as empty lists and maps."""
    return shape.serialization.get("location") in ("headers", "header", "querystring") and value in ({}, [], "")


def _reply(line: Mapping[str, Any], protocol: str, model: OperationModel) -> dict[str, Any]:
    from botocore.awsrequest import HeadersDict
    from botocore.parsers import create_parser

    if model.output_shape is None or line["status"] >= 300:
        return {}
    body = base64.b64decode(line.get("reply") or "")
    if model.has_streaming_output:
        body = b""
    elif len(body) < line.get("reply_bytes", len(body)):
        return {}  # cut off
    headers = HeadersDict(line.get("reply_headers") or {})
    answer = {"status_code": line["status"], "headers": headers, "body": body}
    parsed = create_parser(protocol).parse(answer, model.output_shape)
    return {key: value for key, value in parsed.items() if key != "ResponseMetadata"}
