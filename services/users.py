"""`wraparound users …`: local accounts, and what their people are to the services they work with.

Staff stand in plans, which gives students to case managers; whoever answers for a partner stands in
referrals, which has them told of offers. So commands that say who somebody is run where that
service's database is; those about signing in run anywhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any, Final, Protocol

import typer
from rich.markup import escape
from rich.table import Column, Table

from schemas.codes import Locale
from services.chassis.accounts import Account, NewAccount, Role
from services.chassis.contact_points import is_email, phone_number
from services.chassis.kernel import Refused
from services.chassis.landing import FIRST_PAGES
from services.chassis.process import Process
from services.chassis.scope import Principal
from services.chassis.terminal import fail, say
from services.plans.staffing import Staffing
from services.referrals.coordinating import Coordinating
from services.terminal import run, run_on_platform

ANYWHERE: Final = "ZZ"  # no country's: a number has to bring its own

users = typer.Typer(help="Local accounts.", no_args_is_help=True)
SignInName = Annotated[str, typer.Argument(help="what the person types to sign in")]
Email = Annotated[str | None, typer.Option(help="where mails reach the person")]
Phone = Annotated[str | None, typer.Option(help="at work, as families call it: +16175550120")]
Schools = Annotated[list[str] | None, typer.Option(help="id of a school; repeat")]


class Standing(Protocol):
    """What somebody is to the service that they work with."""

    async def enter(
        self, person: Principal, *, email: str | None = None, phone: str | None = None
    ) -> None:
        """Say who somebody is from now on."""

    async def leave(self, person: Principal) -> None:
        """Say that they are nobody here any more."""


def service_of(role: str) -> str:
    """The service that people of a role work with."""
    return "referrals" if role == Role.PARTNER_COORDINATOR else "plans"


def standing(process: Process, role: str) -> Standing:
    """Where to say who somebody is; the process is of the service of the role."""
    return Coordinating(process) if role == Role.PARTNER_COORDINATOR else Staffing(process)


@users.command("add")
def add(
    sign_in_name: SignInName,
    name: Annotated[str, typer.Option(help="the person's name")],
    role: Annotated[Role, typer.Option(help="what the person is here")],
    district: Annotated[str, typer.Option(help="id of the district")],
    school: Schools = None,
    organization: Annotated[str | None, typer.Option(help="id, for partner coordinators")] = None,
    email: Email = None,
    phone: Phone = None,
    locale: Annotated[Locale, typer.Option(help="the language of mails to the person")] = "en",
    user_id: Annotated[
        str | None, typer.Option(help="id of the staff member or coordinator")
    ] = None,
) -> None:
    """Add somebody; the password is asked for twice. One that broke off may be repeated."""
    _require_channels(email, phone)
    _require_place(role, school, organization)
    password = _new_password()

    async def work(process: Process) -> None:
        account = NewAccount(
            user_id=user_id or process.accounts.id_of(sign_in_name),
            sign_in_name=sign_in_name,
            name=name,
            role=role,
            district=district,
            organization_id=organization,
            school_ids=frozenset(school or ()),
            locale=locale,
        )
        await process.accounts.check(account, password)
        await standing(process, role).enter(account.person, email=email, phone=phone)
        await process.accounts.add(account, password)

    run(service_of(role), work)
    say.print(f"{sign_in_name} can sign in now.")
    if role not in FIRST_PAGES:
        say.print(f"There are no pages for the role {role} yet.")


@users.command("password")
def set_password(sign_in_name: SignInName) -> None:
    """Give somebody a new password, which is asked for twice, and end their sessions."""
    password = _new_password()

    async def work(process: Process) -> int:
        person = (await _open_account(process, sign_in_name)).person
        await process.accounts.set_password(person.user_id, password)
        return await process.sessions.end_all(person.user_id)

    ended = run_on_platform(work)
    say.print(f"{sign_in_name} signs in with the new password; {ended} sessions were ended.")


@users.command("change")
def change(
    sign_in_name: SignInName,
    name: Annotated[str | None, typer.Option(help="the person's name from now on")] = None,
    school: Annotated[
        list[str] | None, typer.Option(help="id of a school; repeat: these and no others")
    ] = None,
    email: Email = None,
    phone: Phone = None,
    locale: Annotated[Locale | None, typer.Option(help="of mails to the person")] = None,
) -> None:
    """Correct what is known of somebody, and end their sessions; what is not given stays."""
    _require_channels(email, phone)

    async def work(process: Process) -> int:
        before = (await _open_account(process, sign_in_name)).person
        person = replace(
            before,
            name=name or before.name,
            school_ids=frozenset(school) if school else before.school_ids,
            locale=locale or before.locale,
        )
        await standing(process, person.role).enter(person, email=email, phone=phone)
        await process.accounts.change(person)
        return await process.sessions.end_all(person.user_id)

    ended = _run_for(sign_in_name, work)
    say.print(f"{sign_in_name} was changed; {ended} sessions were ended.")
    if school:
        say.print("The next roster gives a case manager's students by these schools.")


@users.command("close")
def close(sign_in_name: SignInName) -> None:
    """Let somebody in no more, and end their sessions; they get no more students or offers."""

    async def work(process: Process) -> tuple[str, int]:
        person = (await _account(process, sign_in_name)).person
        await process.accounts.close(person.user_id)
        ended = await process.sessions.end_all(person.user_id)
        await standing(process, person.role).leave(person)
        return person.role, ended

    role, ended = _run_for(sign_in_name, work)
    say.print(f"{sign_in_name} cannot sign in any more; {ended} sessions were ended.")
    if role == Role.CASE_MANAGER:
        say.print("The next roster gives a case manager's students to others at their schools.")


@users.command("reopen")
def reopen(sign_in_name: SignInName) -> None:
    """Let somebody in again whose account was closed; a new password is asked for twice."""
    password = _new_password()

    async def work(process: Process) -> None:
        found = await _account(process, sign_in_name)
        if not found.is_closed:
            raise Refused("account_open", "This account is open: nothing was changed.")
        await standing(process, found.person.role).enter(found.person)
        await process.accounts.set_password(found.person.user_id, password, opens=True)

    _run_for(sign_in_name, work)
    say.print(f"{sign_in_name} can sign in again.")


@users.command("list")
def list_users() -> None:
    """Everybody who has an account; sign-in names are not kept, so none is shown."""
    found = run_on_platform(lambda process: process.accounts.everybody())
    table = Table("name", "role", "schools or organization", "account", Column("id", no_wrap=True))
    for each in found:
        person = each.person
        where = person.organization_id or ", ".join(sorted(person.school_ids)) or "everywhere"
        table.add_row(
            escape(person.name),
            person.role,
            where,
            "closed" if each.is_closed else "open",
            person.user_id,
        )
    say.print(table if found else "There are no accounts yet.")


def _run_for(sign_in_name: str, work: Callable[[Process], Awaitable[Any]]) -> Any:
    """Do something with the service that the person of an account works with."""
    found = run_on_platform(lambda process: _account(process, sign_in_name))
    return run(service_of(found.person.role), work)


async def _account(process: Process, sign_in_name: str) -> Account:
    found = await process.accounts.named(sign_in_name)
    if found is None:
        raise Refused("account_unknown", "Nobody has this sign-in name.")
    return found


async def _open_account(process: Process, sign_in_name: str) -> Account:
    found = await _account(process, sign_in_name)
    if found.is_closed:
        sentence = "This account was closed: `wraparound users reopen` lets its person in again."
        raise Refused("account_closed", sentence)
    return found


def _new_password() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _require_channels(email: str | None, phone: str | None) -> None:
    if email is not None and not is_email(email):
        fail("This is no e-mail address: give one such as nora@schools.example.")
    if phone is not None and phone_number(phone, ANYWHERE) != phone:
        fail("This number cannot be dialled: give it with its country, such as +16175550120.")


def _require_place(role: Role, schools: list[str] | None, organization: str | None) -> None:
    if role is Role.CASE_MANAGER and not schools:
        fail("A case manager sees the students of the schools named: give --school.")
    if (role is Role.PARTNER_COORDINATOR) != bool(organization):
        fail("An organization is for partner coordinators, and each needs one: --organization.")
