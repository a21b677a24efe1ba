import os
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Given:
    """Servers that stand elsewhere; none is started here in place of one that is given."""

    kafka_servers: str | None = None
    mongo_url: str | None = None

    @classmethod
    def from_environment(cls) -> "Given":
        """Read KAFKA_SERVERS and MONGO_URL."""
        return cls(
            kafka_servers=os.environ.get("KAFKA_SERVERS") or None,
            mongo_url=os.environ.get("MONGO_URL") or None,
        )
