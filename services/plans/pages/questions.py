"""What somebody looked for, in an address of that person alone: *back* leads to what was found.

A name in the clear would stay in histories and logs; sealed under the reader's own key it tells
nothing, and opens for nobody else.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from schemas.envelope import Erased
from services.chassis.scope import Principal
from services.chassis.vault import SealBroken, Vault

KIND: Final = "question"


async def sealed(vault: Vault, person: Principal, question: str) -> str:
    """A question as it may stand in an address."""
    keys = await vault.keyring([person.user_id])
    return urlsafe_b64encode(keys.seal(person.user_id, KIND, question.encode()) or b"").decode()


async def opened(vault: Vault, person: Principal, token: str) -> str:
    """The question of an address; nothing for whoever did not ask it."""
    keys = await vault.keyring([person.user_id])
    try:
        asked = keys.open(person.user_id, KIND, urlsafe_b64decode(token))
    except (SealBroken, ValueError):
        return ""
    return "" if isinstance(asked, Erased) else asked.decode()
