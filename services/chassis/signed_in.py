"""Who is signed in: read from the cookie that all services of one origin share."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, cast

import orjson
from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.envelope import Erased
from services.chassis.faults import SignInNeeded
from services.chassis.scope import Principal
from services.chassis.sessions import Cookie, Sessions
from services.chassis.vault import Vault

SEAL: Final = "session"
SORT: Final = "staff"
COOKIE: Final = "sid"


class SignedIn:
    """Who is signed in, as they were then: whoever changes an account ends its sessions."""

    def __init__(self, sessions: Sessions, vault: Vault, cookie: Cookie) -> None:
        self._sessions = sessions
        self._vault = vault
        self._cookie = cookie

    async def enter(self, request: Request, response: Response, person: Principal) -> None:
        """Sign somebody in; the session that the browser had ends."""
        keys = await self._vault.keyring([person.user_id])
        card = orjson.dumps({"name": person.name})
        facts = {
            "role": person.role,
            "district": person.district,
            "organization_id": person.organization_id,
            "school_ids": sorted(person.school_ids),
            "locale": person.locale,
            "sealed": keys.seal(person.user_id, SEAL, card),
        }
        before = self._cookie.read(request)
        token = await self._sessions.open(person.user_id, facts, instead_of=before)
        self._cookie.give(response, token)

    async def leave(self, request: Request, response: Response) -> None:
        """Sign out."""
        if token := self._cookie.read(request):
            await self._sessions.end(token)
        self._cookie.take(response)

    async def who(self, request: Request) -> Principal | None:
        """The person who sent a request, if signed in."""
        session = await self._sessions.find(self._cookie.read(request))
        if session is None:
            return None
        facts = session.facts
        return Principal(
            user_id=session.subject,
            role=facts["role"],
            district=facts["district"],
            name=await self._name(session.subject, facts),
            organization_id=facts["organization_id"],
            school_ids=frozenset(facts["school_ids"]),
            locale=facts["locale"],
        )

    async def _name(self, user_id: str, facts: Mapping[str, Any]) -> str:
        keys = await self._vault.keyring([user_id])
        card = keys.open(user_id, SEAL, facts["sealed"])
        return "" if isinstance(card, Erased) else str(orjson.loads(card)["name"])


async def principal(request: Request) -> Principal:
    """Who is signed in; `app.state.signed_in` knows.

    Raises:
        SignInNeeded: nobody is.
    """
    found = await cast("SignedIn", request.app.state.signed_in).who(request)
    if found is None:
        raise SignInNeeded
    return found


def require(*roles: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency: somebody signed in with one of these roles, else 403."""

    async def allowed(person: Annotated[Principal, Depends(principal)]) -> Principal:
        if person.role not in roles:
            raise HTTPException(403)
        return person

    return allowed
