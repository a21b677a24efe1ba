"""What a directory says again: what changed is told, what it leaves out stays."""

from services.chassis.kernel import Decision
from services.referrals.domain import directory
from services.referrals.domain.directory import Organization, PutOrganization
from tests.unit.referrals.builders import (
    a_context,
    an_agreement,
    an_organization,
    message_id,
    the_partner,
)


def put_organization(before: Organization, *, said: Organization) -> Decision[Organization]:
    asked = PutOrganization(key=message_id("put"), scope=the_partner(), organization=said)
    return directory.put_organization(before, asked, a_context())


def test_a_directory_that_names_no_agreement_leaves_the_one_there_was() -> None:
    before = an_organization(phone="(555) 010-0100")
    decision = put_organization(
        before, said=an_organization(phone="(555) 010-0199", agreement=None)
    )
    assert decision.state == an_organization(phone="(555) 010-0199")
    (card,) = decision.events
    assert card.agreement_until == an_agreement().ends_on  # type: ignore[attr-defined]
    again = put_organization(before, said=an_organization(phone="(555) 010-0100", agreement=None))
    assert again == Decision(before)


def test_a_directory_that_names_an_agreement_puts_it_in_the_place_of_the_last() -> None:
    ended = an_organization(agreement=an_agreement(ends_on=an_agreement().begins_on))
    assert put_organization(an_organization(), said=ended).state == ended
