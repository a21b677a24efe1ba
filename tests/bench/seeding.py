"""A step of the benchmark: the made-up town, with places for everybody, offers by rule.

Every family that may sign has given its standing permission for what is needed there.

`python -m tests.bench.seeding TIMES`; or `standing FAMILIES`, where a district stands already, for
the first of its families. Finds the same settings as the services in its environment.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from deploy.local.story.fill import fill
from deploy.local.story.sources import Filling, filling
from schemas.envelope import seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered
from services.chassis.kernel import Refused
from services.chassis.messages import Message, Record
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.chassis.seals import Seals
from services.chassis.settings import read, real_time
from services.chassis.vault import Keyring
from services.chassis.wiring import Told
from services.plans import main as plans
from services.plans.domain.consents import Consent
from services.plans.domain.districts import SetOffering
from services.plans.domain.standing import AskStanding
from services.plans.translating import Source
from services.plans.usecases import Plans
from services.referrals import main as referrals
from services.referrals.directory.records import ServiceRecord

STANDING: Final = "enrichment"  # the class of what tests.bench.load asks for
TOGETHER: Final = 500
ConsentRequest = tuple[str, Consent]  # of a student
PLACES: Final = 1_000_000  # of each service, so that no need goes without an offer


def roomy(given: Filling, times: int) -> Filling:
    """The same partners with places for everybody: each need gets an offer."""
    partners = tuple(
        replace(
            each,
            services=tuple(open_to_all(service) for service in each.services),
            seats=tuple(replace(seats, maximum=PLACES, occupied_outside=0) for seats in each.seats),
        )
        for each in given.partners
    )
    return replace(given, people=larger(given.people, times), partners=partners)


def larger(people: Source, times: int) -> Source:
    """The same families several times, each time as other people."""
    town = people.roster
    roster = replace(
        town,
        students=tuple(
            replace(each, source_id=f"{each.source_id}-{copy}")
            for copy in range(times)
            for each in town.students
        ),
        contacts=tuple(
            replace(each, source_id=f"{each.source_id}-{copy}")
            for copy in range(times)
            for each in town.contacts
        ),
        student_contacts=tuple(
            replace(
                each,
                student_source_id=f"{each.student_source_id}-{copy}",
                contact_source_id=f"{each.contact_source_id}-{copy}",
            )
            for copy in range(times)
            for each in town.student_contacts
        ),
    )
    return replace(people, roster=roster, assignments=())


def open_to_all(service: ServiceRecord) -> ServiceRecord:
    """A service that asks neither for age, grade nor area, and finds somebody who interprets."""
    return replace(
        service,
        age_min=None,
        age_max=None,
        grade_min=0,
        grade_max=12,
        is_online=True,
        interprets=True,
    )


async def set_to_automatic() -> None:
    """The first eligible partner of a need is asked at once, and the family with it."""
    process = plans.process(read("plans"))
    try:
        (district,) = await process.database.collection("districts").find({})
        asked = SetOffering(
            key=process.clocks.new_id(),
            scope=Scope(district=district["_id"]),
            district_id=district["_id"],
            offer_first=True,
            offer_mode="automatic",
        )
        await Plans(process.engine.committer).set_offering(asked)
    finally:
        await process.database.close()


async def give_standing_permissions(families: int | None = None) -> None:
    """Each family is asked, and signs; where nobody may sign, nobody is asked."""
    process = plans.process(read("plans"))
    try:
        (district,) = await process.database.collection("districts").find({})
        students = await process.database.collection("students").find(
            {"is_known": True}, fields=("_id",), sort=(("_id", 1),), limit=families or 0
        )
        scope = Scope(district=district["_id"])
        ask = [_asked(process, scope, each["_id"]) for each in students]
        asked = [each for each in await asyncio.gather(*ask) if each]
        # There is no door for paper yet: the signature is the fact that the family's page would
        # tell, and goes through the handlers that hear it.
        for said in (asked[at : at + TOGETHER] for at in range(0, len(asked), TOGETHER)):
            await process.engine.committer.commit(await _signatures(process, scope, said))
    finally:
        await process.database.close()


async def _asked(process: Process, scope: Scope, student_id: str) -> ConsentRequest | None:
    asked = AskStanding(
        key=process.clocks.new_id(),
        scope=scope,
        student_id=student_id,
        consent_class=STANDING,
    )
    try:
        book = await Plans(process.engine.committer).ask_standing(asked)
    except Refused:
        return None
    return student_id, book.consents[-1]


async def _signatures(
    process: Process, scope: Scope, asked: Sequence[ConsentRequest]
) -> list[Record]:
    """What the families answer, as it would stand on its topic."""
    seals = Seals(process.engine.vault, "notifications")
    said = [_signed(student_id, consent, process) for student_id, consent in asked]
    keys = await seals.keys_for_events(said, Keyring({}))
    records = []
    for offset, event in enumerate(said):
        message = Message(
            id=process.clocks.new_id(), body=event, routes=(), district=scope.district
        )
        told = Told(event=event, sequence=1, number=1, message=message, time=event.at)
        sent = seals.outgoing(told, keys)
        records.append(
            Record(
                topic=sent.topic,
                partition=0,
                offset=offset,
                key=sent.key,
                value=sent.value,
                headers=sent.headers,
            )
        )
    return records


def _signed(student_id: str, consent: Consent, process: Process) -> FamilyAnswered:
    facts = AnswerFacts(typed_name="A guardian", locale="en", step_up="pin")
    return FamilyAnswered(
        link_id=f"link-{consent.consent_id}",
        student_id=student_id,
        contact_id=consent.contact_id,
        need_id=consent.need_id,
        referral_id=consent.referral_id,
        consent_id=consent.consent_id,
        answer_id=f"answer-{consent.consent_id}",
        kind="consent",
        at=process.clocks.business(),
        sealed=seal_of(student_id, facts),
    )


async def send(process: Process) -> None:
    """Send what was told: the baseline has no relay that would."""
    try:
        while (await process.engine.relay.relay()).rows:
            pass
    finally:
        await process.engine.relay.stop()
        await process.database.close()


async def seed(times: int) -> None:
    """Everything through the services' own doors."""
    await fill(roomy(filling(real_time().date()), times))
    await prepare()
    await send(referrals.process(read("referrals")))


async def prepare(families: int | None = None) -> None:
    """Let offers go out by rule, by the permission of all families or of the first of them."""
    await set_to_automatic()
    await give_standing_permissions(families)
    await send(plans.process(read("plans")))


def main(arguments: Sequence[str]) -> None:
    """Seed a town, or prepare what stands."""
    match arguments:
        case ["standing", families]:
            asyncio.run(prepare(int(families)))
        case [times]:
            asyncio.run(seed(int(times)))
        case _:
            sys.exit("Name how many times the town, or: standing FAMILIES.")


if __name__ == "__main__":
    main(sys.argv[1:])
