"""A request as the journal keeps it, and as moto gets it again."""

from __future__ import annotations

import base64
import json
import re
import sys
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY

from grader.emulators.faults import Environ, service_of
from grader.emulators.routes import origin_form

# Names of operations that change nothing. A call that is journaled without need costs a line; one that is missing
# costs the state, so what is not known to read counts as a change.
READS = (
    *("BatchGet", "Check", "Describe", "Estimate", "Get", "Head", "List", "Lookup", "Query", "Scan", "Search"),
    *("Select", "Simulate", "TransactGet", "Validate"),
)
READING_METHODS = ("GET", "HEAD", "OPTIONS")
CREDENTIAL = re.compile(r"Credential=([^/,\s&]+)/(?:[^/]+/([^/]+)/)?|AWSAccessKeyId=([^&]+)")
SIGNATURE = re.compile(r",?\s*Signature=[0-9a-fA-F]*")
TOKEN = re.compile(r"(?i)(^|&)x-amz-security-token=[^&]*")
NOBODYS = f"Signature={'0' * 64}"
CONNECTION = frozenset(
    {"accept", "accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "connection", "content-length"}
    | {"expect", "transfer-encoding", "user-agent", "x-amz-security-token"}
)


@dataclass(frozen=True)
class Request:
    """Read whole, and left as it was for moto."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    service: str
    operation: str
    access_key: str
    region: str
    asks_who: bool

    @classmethod
    def of(cls, environ: Environ) -> Request:
        """Takes the body from the environment and puts it back."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(body)
        target = str(environ.get("RAW_URI") or environ["PATH_INFO"])
        path, _, query = (origin_form(target) if "/" in target else target).partition("?")
        signed = f"{environ.get('HTTP_AUTHORIZATION', '')}&{unquote(query)}"
        found = CREDENTIAL.search(signed)
        return cls(
            method=environ["REQUEST_METHOD"],
            path=path,
            query=TOKEN.sub("", query),
            headers=_headers(environ),
            body=body,
            service=service_of(environ),
            operation=_operation(environ, query, body),
            access_key=(found[1] or found[3]) if found else "",
            region=(found[2] or "") if found else "",
            asks_who=NOBODYS in signed,
        )

    @property
    def by_an_sdk(self) -> bool:
        """Else somebody looks for emulators, as a browser and `labgrade` itself do, with a signature of noughts."""
        return bool(self.access_key) and not self.asks_who

    @property
    def reads(self) -> bool:
        """Is it known to change nothing?"""
        if self.operation:
            return self.operation.startswith(READS)
        return self.method in READING_METHODS

    def to_json(self) -> dict[str, Any]:
        """Its part of a line of the journal."""
        return {
            "service": self.service,
            "region": self.region,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": base64.b64encode(self.body).decode(),
        }


def environ_of(line: dict[str, Any], port: int) -> Environ:
    """What the server made of that request, made again. Raises KeyError and ValueError for a line that is none."""
    body = base64.b64decode(line["body"])
    environ: Environ = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "REQUEST_METHOD": line["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(line["path"]).encode().decode("latin-1"),
        "QUERY_STRING": line["query"],
        "RAW_URI": f"{line['path']}?{line['query']}" if line["query"] else line["path"],
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": 0,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
    }
    environ["REQUEST_URI"] = environ["RAW_URI"]
    preserved = {}
    for name, value in line["headers"].items():
        key = name.upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        environ[key] = value
        if "_" in name:
            preserved[key] = name
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = preserved
    return environ


def _headers(environ: Environ) -> dict[str, str]:
    names = environ.get(PRESERVED_HEADER_NAMES_ENVIRON_KEY) or {}
    found = {}
    for key, value in environ.items():
        if key.startswith("HTTP_") or (key == "CONTENT_TYPE" and value):
            name = names.get(key) or key.removeprefix("HTTP_").replace("_", "-").lower()
            found[name] = SIGNATURE.sub("", value) if name == "authorization" else value
    return {name: value for name, value in found.items() if name not in CONNECTION}


def _operation(environ: Environ, query: str, body: bytes) -> str:
    """What a request of the JSON and query protocols says that it wants; empty where method and path say it."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    said = parse_qs(query).get("Action")
    if not said and "x-www-form-urlencoded" in str(environ.get("CONTENT_TYPE", "")):
        said = parse_qs(body.decode("utf-8", "replace")).get("Action")
    return said[0] if said else ""


def found_nothing(request: Request, reply: bytes) -> bool:
    """Did it ask a queue for messages, and get none?"""
    if request.operation != "ReceiveMessage":
        return False
    try:
        return not json.loads(reply or b"{}").get("Messages")
    except (ValueError, AttributeError):
        return b"<Message>" not in reply
