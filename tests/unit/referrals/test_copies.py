"""How the copy of a student's consents is stored."""

import pytest

from services.chassis.vault import Keyring
from services.referrals.domain import consents
from services.referrals.domain.consents import ConsentCopy
from services.referrals.repository.copies import CONSENTS
from tests.unit.referrals.builders import (
    DISTRICT,
    STUDENT,
    a_context,
    a_standing,
    refused,
    signed,
)

NO_KEYS = Keyring({})
OF_A_CLASS = consents.copy_grant(None, a_standing(), a_context()).state


@pytest.mark.parametrize("copy", [signed(), OF_A_CLASS, refused("o1"), refused(of_all=True)])
def test_a_copy_is_read_back_as_it_was(copy: ConsentCopy) -> None:
    row = CONSENTS.to_document(copy, NO_KEYS) | {"_id": STUDENT, "district": DISTRICT}
    assert CONSENTS.read(row, NO_KEYS) == copy


def test_a_signature_by_name_is_stored_as_before_there_were_classes() -> None:
    (grant,) = CONSENTS.to_document(signed(), NO_KEYS)["grants"]
    assert set(grant) == {
        *("consent_id", "need_id", "organization_ids", "category", "restricted", "expires_at")
    }
