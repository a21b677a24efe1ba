"""Asks the service of this container whether it is ready: `python -m deploy.docker.healthy`."""

import os
import sys
import urllib.error
import urllib.request
from typing import Final

SECONDS: Final = 4


def main() -> int:
    """0 when it is ready; its answer stands in the health log otherwise."""
    port = os.environ.get("WRAPAROUND_PORT", "8000")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=SECONDS):
            return 0
    except urllib.error.HTTPError as answer:
        sys.stdout.write(answer.read().decode(errors="replace"))
    except OSError as error:
        sys.stdout.write(type(error).__name__)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
