import pytest

from deploy.kafka.topics import as_new, lacking, raise_if_refused
from deploy.local.failure import Failure
from schemas.topics import Topic

NEEDS = Topic("plans.needs.v1", 12)


def test_a_topic_that_is_not_there_is_lacking() -> None:
    assert lacking([NEEDS], {"other": 1}) == [NEEDS]


def test_a_topic_that_is_there_is_left_alone() -> None:
    assert lacking([NEEDS], {NEEDS.name: 12}) == []


def test_another_partition_count_is_refused_in_one_sentence() -> None:
    with pytest.raises(Failure, match=r"plans\.needs\.v1 has 6 partitions .* says 12") as refused:
        lacking([NEEDS], {NEEDS.name: 6})

    assert "\n" not in str(refused.value)


def test_a_topic_that_the_broker_refuses_is_said_with_its_reason() -> None:
    with pytest.raises(Failure, match=r"refused topic one \(its code 38\): too few brokers"):
        raise_if_refused([("one", 38, "too few brokers")])


def test_a_topic_that_another_has_made_meanwhile_is_welcome() -> None:
    raise_if_refused([("one", 0, ""), ("two", 36, "exists")])


@pytest.mark.parametrize(("replicas", "written"), [(1, "1"), (2, "1"), (3, "2"), (5, "4")])
def test_a_record_is_written_where_one_broker_may_be_away(replicas: int, written: str) -> None:
    wanted = as_new(NEEDS, replicas)

    assert wanted.replication_factor == replicas
    assert wanted.topic_configs["min.insync.replicas"] == written
    assert wanted.topic_configs["retention.ms"] == "-1"
