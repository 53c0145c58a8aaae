"""No test speaks to the world: whatever a socket is asked to reach must be this machine."""

import ipaddress
import socket

_connect, _connect_ex, _sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
_getaddrinfo = socket.getaddrinfo


class NetworkForbidden(Exception):
    """A test tried to leave the machine."""


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def _refuse_far(family: int, address: object) -> None:
    if family == socket.AF_UNIX:
        return
    host = address[0] if isinstance(address, tuple) else address
    if not _is_local(host):
        raise NetworkForbidden(f"a test tried to reach {host}")


def _guarded_connect(self, address):
    _refuse_far(self.family, address)
    return _connect(self, address)


def _guarded_connect_ex(self, address):
    _refuse_far(self.family, address)
    return _connect_ex(self, address)


def _guarded_sendto(self, data, *rest):
    _refuse_far(self.family, rest[-1])
    return _sendto(self, data, *rest)


def _guarded_getaddrinfo(host, *args, **kwargs):
    if not _is_local(host) and host not in {"0.0.0.0", "::"}:  # noqa: S104  (asked by servers that listen)
        raise NetworkForbidden(f"a test tried to look up {host}")
    return _getaddrinfo(host, *args, **kwargs)


def pytest_configure() -> None:
    socket.socket.connect = _guarded_connect
    socket.socket.connect_ex = _guarded_connect_ex
    socket.socket.sendto = _guarded_sendto
    socket.getaddrinfo = _guarded_getaddrinfo


def pytest_unconfigure() -> None:
    socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto = _connect, _connect_ex, _sendto
    socket.getaddrinfo = _getaddrinfo
