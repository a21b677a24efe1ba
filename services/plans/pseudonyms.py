"""Ids that stand for source ids: random to whoever lacks the key, the same each time."""

import hmac
from typing import Final, Literal

Sort = Literal["student", "contact", "staff", "school", "district", "zone", "account"]
VARIANT: Final = "89ab"  # of RFC 9562, in the two bits that a version 4 leaves free


class Pseudonyms:
    """Ids of one district."""

    def __init__(self, key: bytes, district_source_id: str) -> None:
        self._key = key
        self._district = district_source_id

    def of(self, sort: Sort, source_id: str) -> str:
        """The id of a thing or person that a roster calls so."""
        name = "\x00".join((self._district, sort, source_id))
        return _as_uuid4(hmac.digest(self._key, name.encode(), "sha256").hex())

    @property
    def district_id(self) -> str:
        """The id of the district itself."""
        return self.of("district", self._district)


def _as_uuid4(digest: str) -> str:
    """The first 16 bytes of a digest as an id of version 4: an import makes many."""
    variant = VARIANT[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
