"""Static files under addresses that carry the hash of their content, so that they never age."""

import hashlib
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

FOLDER: Final = Path(__file__).parent / "static"
HASH_LENGTH: Final = 12
FOREVER: Final = "public, max-age=31536000, immutable"


class Assets(StaticFiles):
    """The files of one folder, served under a prefix; only exact versions are kept for good."""

    def __init__(self, prefix: str = "/static", folder: Path = FOLDER) -> None:
        super().__init__(directory=folder)
        self.prefix = prefix
        self._hashes = {
            path.relative_to(folder).as_posix(): _hash(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def address(self, name: str) -> str:
        """The address of a file, with its version.

        Raises:
            LookupError: there is no such file.
        """
        return f"{self.prefix}/{name}?v={self._hashes[name]}"

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        """The file; kept for good where the address names the version that it has."""
        response = await super().get_response(path, scope)
        asked = QueryParams(scope.get("query_string", b"")).get("v")
        is_exact = asked is not None and asked == self._hashes.get(path)
        response.headers["Cache-Control"] = FOREVER if is_exact else "no-cache"
        return response


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_LENGTH]
