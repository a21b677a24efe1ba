"""Makes the secrets that docker-compose.yml reads: `python3 deploy/docker/new_secrets.py [FOLDER]`.

Needs only Python. Without FOLDER it is the one that WRAPAROUND_SECRETS names, in the environment
or in `.env`, as compose reads it. All are made together, once: a key that was ever used must never
be made anew, for what stands in the databases knows the old one. What others give, such as the
password of the mail server, is an empty file to be filled in, and may be added at any time.
"""

import base64
import os
import secrets
import sys
from pathlib import Path
from typing import Final

KEYS: Final = ("pseudonym_key", "search_key", "ledger_key")
OF_OTHERS: Final = ("kafka_password", "smtp_password", "sms_token")
SERVICES: Final = ("plans", "referrals", "notifications")
SETTING: Final = "WRAPAROUND_SECRETS"
FOLDER: Final = "var/secrets"  # as docker-compose.yml has it
CLOSED: Final = 0o700
EXIT_CODE: Final = 2


class Lost(Exception):
    """Secrets that are in use are not there; the text says what to do."""


def wanted() -> dict[str, str]:
    """A new text for every secret, by the name of its file."""
    return {
        **{name: _key() for name in KEYS},
        # an id of its own: a key that is made in another place can never pass for this one
        "key_encryption_keys": f"{secrets.token_hex(4)}:{_key()}",
        "mongo_password": _password(),
        "mongo_keyfile": base64.b64encode(secrets.token_bytes(96)).decode(),
        **{f"{service}_mongo_url": _address(service) for service in SERVICES},
        **dict.fromkeys(OF_OTHERS, ""),
    }


def make(folder: Path) -> list[str]:
    """Write the secrets that are missing, close the folder, and give their names.

    Raises:
        Lost: some of ours are there and some are not.
    """
    folder.mkdir(mode=CLOSED, parents=True, exist_ok=True)
    folder.chmod(CLOSED)
    new = wanted()
    missing = {name: text for name, text in new.items() if not (folder / name).exists()}
    ours = new.keys() - set(OF_OTHERS)
    lost = sorted(ours & missing.keys())
    if lost and len(lost) < len(ours):
        raise Lost(
            f"{', '.join(lost)} is not in {folder}, and other secrets are: put it back from your"
            " copy, for a new one would not fit what is stored (docs/how-to/keys.md). If nothing"
            " was ever stored with these secrets, remove the folder and run this again."
        )
    for name, text in missing.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        # The folder is closed; containers read it under users of their own.
        path.chmod(0o644 if name in OF_OTHERS else 0o444)
    return sorted(missing)


def folder_of(arguments: list[str], environment: dict[str, str], dotenv: Path) -> Path:
    """Where the secrets belong: as said, else as compose finds it, else the usual place."""
    named = environment.get(SETTING) or _in_file(dotenv) or FOLDER
    return Path(arguments[0] if arguments else named)


def _in_file(dotenv: Path) -> str:
    """What `.env` says of it, quotes taken off; nothing where it says nothing."""
    lines = dotenv.read_text(encoding="utf-8").splitlines() if dotenv.is_file() else []
    pairs = [line.strip().removeprefix("export ").partition("=") for line in lines]
    said = [value.strip().strip("\"'") for name, _, value in pairs if name.strip() == SETTING]
    return said[-1] if said else ""


def _address(service: str) -> str:
    # mongo_users.js reads the password from here too, so that it stands in one place
    return f"mongodb://{service}:{_password()}@mongo:27017/?replicaSet=rs0&authSource=admin"


def _password() -> str:
    return secrets.token_urlsafe(24)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def main() -> int:
    """0 with what was made; 2 with one sentence when secrets that are in use are not there."""
    try:
        made = make(folder_of(sys.argv[1:], dict(os.environ), Path(".env")))
    except Lost as lost:
        sys.stderr.write(f"{lost}\n")
        return EXIT_CODE
    print(f"made: {', '.join(made)}" if made else "all secrets are there")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
