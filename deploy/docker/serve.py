"""Starts the service that WRAPAROUND_SERVICE names: `python -m deploy.docker.serve`."""

import os
import sys
from typing import Final

import uvicorn

SERVICES: Final = ("plans", "referrals", "notifications")
GRACE_SECONDS: Final = 20


def main() -> int:
    """Serve until SIGTERM; 2 with one sentence when the setting is missing."""
    name = os.environ.get("WRAPAROUND_SERVICE", "")
    if name not in SERVICES:
        sys.stderr.write(f"WRAPAROUND_SERVICE must name one of: {', '.join(SERVICES)}.\n")
        return 2
    uvicorn.run(
        f"services.{name}.main:create",
        factory=True,
        loop="asyncio",  # docs/adr/0007
        host=os.environ.get("WRAPAROUND_HOST", "0.0.0.0"),  # noqa: S104 - inside a container
        port=int(os.environ.get("WRAPAROUND_PORT", "8000")),
        access_log=False,  # paths of family links are secrets
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
