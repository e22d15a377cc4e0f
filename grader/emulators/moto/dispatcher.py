"""moto's WSGI application without its back doors: what a request is signed for decides where it goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask
from moto.moto_server.werkzeug_app import (
    DEFAULT_SERVICE_REGION,
    DomainDispatcherApplication,
    create_backend_app,
)

from grader.emulators.moto import mends

# Its own dispatcher gives these to any path that begins with /moto-api or /latest/meta-data/, and to a
# credential scope that spells the host (service `motoapi.amazonaws.com`): a prefix match.
CLOSED = ("moto_api", "instance_metadata")
HOST = "{}.us-east-1.amazonaws.com"


class NoSuchService(NotImplementedError):
    """Nothing that is served here; worded for the client."""


class Dispatcher(DomainDispatcherApplication):
    """Picks the service's application, made and mended when it is first asked for."""

    def __init__(self, mended: bool = True, prepare: Callable[[str], None] | None = None) -> None:
        """`prepare` is told of a service before it is first served."""
        super().__init__(create_backend_app)
        self._mended = mended
        self._prepare = prepare

    def get_application(self, environ: dict[str, Any]) -> Flask:
        """Raises NoSuchService."""
        with self.lock:
            host = self.infer_service_region_host(environ, environ.get("PATH_INFO", ""))
            return self._application(host or "{}.{}.amazonaws.com".format(*DEFAULT_SERVICE_REGION))

    def require(self, service: str) -> None:
        """Raises NoSuchService."""
        self._backend(HOST.format(service))

    def preload(self, service: str) -> None:
        """Pays for the service's import now rather than in the first request."""
        with self.lock:
            self._application(HOST.format(service))

    def make_ahead(self, service: str) -> None:
        """Pays for what takes long besides."""
        if self._mended:
            mends.make_ahead(service)

    @lru_cache(maxsize=256)  # noqa: B019 -- one dispatcher a process
    def get_backend_for_host(self, host: str | None) -> Any:
        """moto's own lists its package's folder at every request: half of a small one's time."""
        return super().get_backend_for_host(host)

    def _backend(self, host: str) -> Any:
        backend = self.get_backend_for_host(host)
        if not backend or backend.startswith(CLOSED):
            raise NoSuchService(f"there is no service at {host} in moto")
        return backend

    def _application(self, host: str) -> Flask:
        backend = self._backend(host)
        if backend not in self.app_instances:
            if self._mended:
                mends.apply(backend)
            if self._prepare:
                self._prepare(backend)
            self.app_instances[backend] = self.create_app(backend)
        return self.app_instances[backend]
