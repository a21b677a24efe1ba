from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.relay import Partitioner


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1), st.integers(1, 24))
def test_a_key_goes_where_every_kafka_client_sends_it(keys: list[bytes], count: int) -> None:
    """Whoever sends by the key: the order of a student's events hangs on it."""
    partitions = list(range(count))
    ours, theirs = Partitioner(), DefaultPartitioner()

    for key in [*keys, *keys]:
        assert ours(key, partitions, partitions) == theirs(key, partitions, partitions)


def test_what_has_no_key_goes_anywhere() -> None:
    assert Partitioner()(None, [0, 1, 2], [1]) == 1
