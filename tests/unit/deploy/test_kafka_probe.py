import struct

import pytest

from deploy.local.kafka_probe import brokers


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_brokers_of_an_answer_are_counted(count: int) -> None:
    assert brokers(struct.pack(">iii", 99, 0, count)) == count


@pytest.mark.parametrize("answer", [b"", b"half an ans"])
def test_half_an_answer_counts_no_broker(answer: bytes) -> None:
    assert brokers(answer) == 0
