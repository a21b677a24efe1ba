"""What the driver's errors mean to everybody else."""

import pytest
from pymongo.errors import OperationFailure

from services.chassis.kernel import Outage
from services.chassis.mongo import NotAllowed
from services.chassis.mongo.errors import meaning


@pytest.mark.parametrize(
    "code",
    [
        43,  # CursorNotFound: the server or this process slept between two portions
        133,  # FailedToSatisfyReadPreference
        237,  # CursorKilled
        11601,  # Interrupted
        11602,  # InterruptedDueToReplStateChange
    ],
)
def test_a_read_that_was_broken_off_is_an_outage_and_no_bug(code: int) -> None:
    assert isinstance(meaning(OperationFailure("broken off", code)), Outage)


def test_what_the_server_refuses_for_good_is_a_bug() -> None:
    refused = OperationFailure("unknown operator", 2)

    assert meaning(refused) is refused


def test_a_user_of_another_service_is_told_apart_from_a_bug() -> None:
    assert isinstance(meaning(OperationFailure("not authorized on plans", code=13)), NotAllowed)
