"""The host names and origins that a request may have: only those of the page itself, including the port."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from ui.server.refusals import Refused

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = ["OwnOrigins", "own_origins"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class OwnOrigins:
    """The names to which the page answers, in lower case, and the origin that a proxy gives it, or None."""

    names: frozenset[str]
    proxy: tuple[str, str, int] | None = None

    def check(self, scope: Scope) -> None:
        """Accept a request to this page that comes from it or from no page at all.

        Raises:
            Refused: it names another host, or comes from a page of another origin.

        """
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        # gradio uses the first of several forwarded names, a proxy sets the last: all must be right
        forwarded = [name for line in headers.getlist("x-forwarded-host") for name in line.split(",")]
        if not hosts or not all(self._knows(host) for host in (*hosts, *forwarded)):
            raise Refused(
                421, "Pullquote does not answer to this name. Behind a proxy, give --root-path the full address."
            )
        scheme = str(scope.get("scheme", "http"))
        own = {_origin(f"{scheme}://{host.strip()}") for host in (*hosts, *forwarded)} | {self.proxy}
        origins = [_origin(origin) for origin in headers.getlist("origin")]
        if any(origin is None or origin not in own for origin in origins) or not _from_here(scope, headers):
            raise Refused(
                403, "Requests from other sites are refused. Behind a proxy, give --root-path the full address."
            )

    def _knows(self, host: str) -> bool:
        """Whether a host header names this page; any IP address does, because DNS rebinding needs a name."""
        try:
            name = urlsplit(f"//{host.strip()}").hostname or ""
        except ValueError:
            return False
        return name in self.names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def own_origins(host: str, root_path: str) -> OwnOrigins:
    """The names and origins of a page that listens on ``host`` and that a proxy serves at ``root_path``."""
    names = {"localhost", host.casefold(), socket.gethostname().casefold()}
    outside = urlsplit(root_path).hostname
    if outside:
        names.add(outside.casefold())
    return OwnOrigins(frozenset(names), _origin(root_path))


def _from_here(scope: Scope, headers: Headers) -> bool:
    """Whether the page itself made the browser send this, as far as the browser says so.

    Another site, or another port of this machine, may link to the page but do nothing else.
    """
    link = (
        scope["method"] == "GET"
        and scope["path"] in ("/", str(scope.get("root_path", "")).rstrip("/") + "/")
        and headers.getlist("sec-fetch-mode") == ["navigate"]
    )
    return all(site.strip() in ("same-origin", "none") or link for site in headers.getlist("sec-fetch-site"))


def _origin(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address, or None if it lacks one of them."""
    try:
        parts = urlsplit(address)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname, port
