"""Makes the secrets that docker-compose.yml reads: `python3 deploy/docker/new_secrets.py FOLDER`.

Needs only Python. What is there stays: a key that was ever used must never be made anew. What
others give, such as the password of the mail server, is an empty file to be filled in.
"""

import base64
import secrets
import sys
from pathlib import Path
from typing import Final

KEYS: Final = ("pseudonym_key", "search_key", "ledger_key")
OF_OTHERS: Final = ("smtp_password", "sms_token")
SERVICES: Final = ("plans", "referrals", "notifications")
FOLDER: Final = Path("var/secrets")


def wanted() -> dict[str, str]:
    """A new text for every secret, by the name of its file."""
    return {
        **{name: _key() for name in KEYS},
        "key_encryption_keys": f"first:{_key()}",
        "mongo_password": _password(),
        "mongo_keyfile": base64.b64encode(secrets.token_bytes(96)).decode(),
        **{f"{service}_mongo_url": _address(service) for service in SERVICES},
        **dict.fromkeys(OF_OTHERS, ""),
    }


def make(folder: Path) -> list[str]:
    """Write the secrets that are missing and give their names."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = {name: text for name, text in wanted().items() if not (folder / name).exists()}
    for name, text in missing.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        # The folder is closed; containers read it under users of their own.
        path.chmod(0o644 if name in OF_OTHERS else 0o444)
    return sorted(missing)


def _address(service: str) -> str:
    # mongo_users.js reads the password from here too, so that it stands in one place
    return f"mongodb://{service}:{_password()}@mongo:27017/?replicaSet=rs0&authSource=admin"


def _password() -> str:
    return secrets.token_urlsafe(24)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    made = make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    print(f"made: {', '.join(made)}" if made else "all secrets are there")
