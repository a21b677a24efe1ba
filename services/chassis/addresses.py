"""Addresses as settings give them."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_mongo(url: str) -> None:
    """Refuse what is not meant as the address of a MongoDB.

    Raises:
        ValueError: it is none.
    """
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("no address of a MongoDB")


def of_people(url: str) -> str:
    """The address that people type, if what begins with it leads here and is private.

    Raises:
        ValueError: as `require_private`; or there is more behind the host than a slash.
    """
    require_private(url)
    parts = urlsplit(url)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("more than scheme and host")
    return url


def require_private(url: str) -> None:
    """Refuse an address on the way to which others could listen in.

    Raises:
        ValueError: neither https, nor http to this machine; or it has a password in it.
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    if not (is_web and is_safe) or parts.username is not None:
        raise ValueError("no address that is private")
