"""What a directory says again: what changed is told, what it leaves out stays."""

from dataclasses import replace
from typing import Any

import pytest

from services.chassis.kernel import Decision
from services.chassis.vault import Keyring
from services.referrals import repository
from services.referrals.domain import directory
from services.referrals.domain.directory import (
    Organization,
    PutOrganization,
    PutService,
    Service,
)
from tests.unit.referrals.builders import (
    a_context,
    a_service,
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


def put_service(before: Service | None, *, said: Service) -> Decision[Service]:
    asked = PutService(key=message_id("put"), scope=the_partner(), service=said)
    return directory.put_service(before, asked, a_context())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"organization_name": "Kelp House"}, {"organization_name": "Kelp House"}),
        ({"place": "Dune 02139"}, {"address": "Dune 02139"}),
    ],
)
def test_a_partner_that_moves_or_is_renamed_is_told_on_the_cards_of_its_services(
    changed: dict[str, Any], told: dict[str, str]
) -> None:
    before = a_service(organization_name="Tide Pool", place="Harbor 02138")
    decision = put_service(before, said=replace(before, **changed))
    (card,) = decision.events
    assert card.model_dump(include=set(told)) == told
    assert put_service(decision.state, said=decision.state) == Decision(decision.state)


def test_a_service_that_was_stored_without_its_place_is_read_and_told_once() -> None:
    row = {"_id": "s1", **repository.SERVICES.to_document(a_service(), Keyring({}))}
    del row["organization_name"], row["place"]
    before = repository.SERVICES.read(row, Keyring({}))
    assert before == a_service()
    assert put_service(before, said=a_service(organization_name="Tide Pool")).events
