"""Makes the secrets that docker-compose.yml reads, once: `python3 deploy/docker/secrets.py FOLDER`.

Needs only Python. What is there stays: a key that was ever used must never be made anew.
"""

import base64
import secrets
import sys
from pathlib import Path
from typing import Final

KEYS: Final = ("pseudonym_key", "search_key", "ledger_key")


def make(folder: Path) -> list[str]:
    """The names of the files that were made now."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = secrets.token_urlsafe(24)
    wanted = {name: _key() for name in KEYS}
    wanted["key_encryption_keys"] = f"first:{_key()}"
    wanted["mongo_password"] = password
    wanted["mongo_keyfile"] = base64.b64encode(secrets.token_bytes(96)).decode()
    missing = {name: text for name, text in wanted.items() if not (folder / name).exists()}
    for name, text in missing.items():
        _write(folder / name, text)
    address = folder / "mongo_url"
    if not address.exists():
        known = (folder / "mongo_password").read_text(encoding="utf-8")
        _write(
            address, f"mongodb://wraparound:{known}@mongo:27017/?replicaSet=rs0&authSource=admin"
        )
        missing["mongo_url"] = ""
    return sorted(missing)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o444)  # the folder is closed; containers read it under users of their own


if __name__ == "__main__":
    made = make(Path(sys.argv[1] if len(sys.argv) > 1 else "var/secrets"))
    sys.stdout.write(f"made: {', '.join(made)}\n" if made else "all secrets are there\n")
