"""Ids that stand for source ids: random to whoever lacks the key, the same each time."""

import hmac
from typing import Literal
from uuid import UUID

Sort = Literal["student", "contact", "staff", "school", "district", "zone", "account"]


class Pseudonyms:
    """Ids of one district. Source: architecture.md 5."""

    def __init__(self, key: bytes, district_source_id: str) -> None:
        self._key = key
        self._district = district_source_id

    def of(self, sort: Sort, source_id: str) -> str:
        """The id of a thing or person that a roster calls so."""
        name = "\x00".join((self._district, sort, source_id))
        digest = hmac.digest(self._key, name.encode(), "sha256")
        return str(UUID(bytes=digest[:16], version=4))

    @property
    def district_id(self) -> str:
        """The id of the district itself."""
        return self.of("district", self._district)
