"""Addresses as settings give them."""

import ipaddress


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
