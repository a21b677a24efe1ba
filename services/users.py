"""`wraparound users …`: local accounts, and what their people are to the services they work with.

Staff stand in plans, which gives students to case managers; whoever answers for a partner stands in
referrals, which has them told of offers. So the commands run where that service's database is.
"""

from typing import Annotated, Final

import typer

from schemas.plans import StaffCard
from schemas.referrals import CoordinatorCard
from services.chassis.accounts import NewAccount, Role
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.chassis.terminal import fail, say
from services.plans.domain.places import LeaveStaff, RegisterStaff, StaffMember
from services.plans.importing import LEAVE_STAFF, STAFF
from services.referrals.domain.directory import Coordinator, PutCoordinator
from services.referrals.usecases import DirectoryDesk
from services.terminal import run

users = typer.Typer(help="Local accounts.", no_args_is_help=True)
ACTOR: Final = "operator"


@users.command("add")
def add(
    sign_in_name: Annotated[str, typer.Argument(help="what the person types to sign in")],
    name: Annotated[str, typer.Option(help="the person's name")],
    role: Annotated[Role, typer.Option(help="what the person is here")],
    district: Annotated[str, typer.Option(help="id of the district")],
    school: Annotated[list[str] | None, typer.Option(help="id of a school; repeat")] = None,
    organization: Annotated[str | None, typer.Option(help="id, for partner coordinators")] = None,
    email: Annotated[str | None, typer.Option(help="where mails reach the person")] = None,
    phone: Annotated[str | None, typer.Option(help="at work, as families call it")] = None,
    locale: Annotated[str, typer.Option(help="en, es, pt, ht, kea or ar")] = "en",
    user_id: Annotated[
        str | None, typer.Option(help="id of the staff member or coordinator")
    ] = None,
) -> None:
    """Add somebody; the password is asked for twice."""
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def work(process: Process) -> None:
        account = NewAccount(
            user_id=user_id or str(process.clocks.new_id()),
            sign_in_name=sign_in_name,
            name=name,
            role=role,
            district=district,
            organization_id=organization,
            school_ids=frozenset(school or ()),
            locale=locale,
        )
        await process.accounts.add(account, password)
        enter = as_coordinator if role is Role.PARTNER_COORDINATOR else as_staff
        await enter(process, account, email, phone)

    run("referrals" if role is Role.PARTNER_COORDINATOR else "plans", work)
    say.print(f"{sign_in_name} can sign in now.")


async def as_staff(
    process: Process, account: NewAccount, email: str | None, phone: str | None
) -> None:
    """A member of staff; the next roster gives a case manager students of the account's schools."""
    member = StaffMember(
        staff_id=account.user_id,
        district=account.district,
        role=account.role.value,
        school_ids=tuple(sorted(account.school_ids)),
        facts=StaffCard(name=account.name, email=email, work_phone=phone),
    )
    key, scope = process.clocks.new_id(), Scope(district=account.district, actor=ACTOR)
    await process.engine.committer.submit(RegisterStaff(key=key, scope=scope, state=member), STAFF)


async def as_coordinator(
    process: Process, account: NewAccount, email: str | None, phone: str | None
) -> None:
    """Somebody who answers for a partner, and is told of its offers."""
    card = CoordinatorCard(name=account.name, email=email, phone=phone, locale=account.locale)
    coordinator = Coordinator(
        coordinator_id=account.user_id,
        district=account.district,
        organization_id=account.organization_id or "",
        card=card,
    )
    key, scope = process.clocks.new_id(), Scope(district=account.district, actor=ACTOR)
    asked = PutCoordinator(key=key, scope=scope, coordinator=coordinator)
    await DirectoryDesk(process.engine.committer).put(asked)


@users.command("close")
def close(
    sign_in_name: Annotated[str, typer.Argument(help="what the person typed to sign in")],
) -> None:
    """Let somebody in no more, and end their sessions; a case manager gets no more students."""

    async def work(process: Process) -> int | None:
        found = await process.accounts.named(sign_in_name)
        if found is None:
            return None
        await process.accounts.close(found.user_id)
        ended = await process.sessions.end_all(found.user_id)
        key, scope = process.clocks.new_id(), Scope(district=found.district, actor=ACTOR)
        left = LeaveStaff(key=key, scope=scope, staff_id=found.user_id)
        await process.engine.committer.submit(left, LEAVE_STAFF)
        return ended

    ended = run("plans", work)
    if ended is None:
        fail("Nobody has this sign-in name.")
    say.print(f"{sign_in_name} cannot sign in any more; {ended} sessions were ended.")
    say.print("The next roster gives a case manager's students to others at their schools.")
