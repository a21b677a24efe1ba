"""Kafka as one process reaches it: it consumes once a broker is there, or it is said why not."""

from collections.abc import Sequence

import structlog
from faststream.kafka import KafkaBroker

from services.chassis.brokers import Brokers
from services.chassis.consumer import Consumer, kafka_broker, started
from services.chassis.kernel import Outage
from services.chassis.waiting import patiently


class KafkaLink:
    """The broker of this process; `refusal` says why a Kafka that is there does not take us."""

    def __init__(self, brokers: Brokers) -> None:
        self._brokers = brokers
        self._broker: KafkaBroker | None = None
        self.refusal: str | None = None  # in one sentence

    async def consume(
        self,
        consumer: Consumer,
        topics: Sequence[str],
        *,
        group: str,
        group_instance_id: str | None,
    ) -> None:
        """Start a consumer, as soon as the broker is there."""

        async def once() -> None:
            broker = kafka_broker(self._brokers)
            consumer.listen(broker, topics, group=group, group_instance_id=group_instance_id)
            try:
                await started(broker)
            except Outage:
                await self.ask()
                raise
            self._broker, self.refusal = broker, None

        await patiently(once, "kafka")

    async def ask(self) -> None:
        """Find out whether Kafka is away or does not take us, and say the latter once."""
        before, self.refusal = self.refusal, await self._brokers.refusal()
        if self.refusal is not None and self.refusal != before:
            structlog.get_logger().error("kafka.refused", reason=self.refusal)

    async def stop(self) -> None:
        """End what was started."""
        if self._broker is not None:
            await self._broker.stop()
