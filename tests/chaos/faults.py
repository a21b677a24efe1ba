"""**The table** of faults: a new one is a function and a row."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from tests.chaos import days, disk, network, nodes, processes, records, servers
from tests.chaos.scene import Fault


class Ground(Enum):
    """On what a town stands: what else can befall it hangs on that."""

    ALONE = "one database behind a network"
    DAYS = "one database behind a network, where days pass"
    SET = "a set of three databases"


FULL_DISK: Final = "full disk"  # for those who may mount one
ANYWHERE: Final[Mapping[str, Fault]] = {  # each strikes, and returns when it is over
    "kill": processes.kill,
    "kill at a point": processes.kill_at_a_point,
    "ask to end": processes.ask_to_end,
    "freeze": processes.freeze,
    "stall": processes.stall,
    "short of memory": processes.short_of_memory,
    "clock behind": processes.clock_behind,
    "join and leave": processes.join_and_leave,
    "kill kafka": servers.kill_kafka,
    "freeze kafka": servers.freeze_kafka,
    "cut kafka": network.of_broker(network.cut),
    "slow kafka": network.of_broker(network.slow),
    "reset kafka": network.of_broker(network.reset),
    "lose kafka's answers": network.of_broker(network.lose_answers),
    "tell again": records.tell_again,
    "from the beginning": records.from_the_beginning,
    "poison": records.send_poison,
}
ALONE: Final[Mapping[str, Fault]] = {
    "kill mongo": servers.kill_mongo,
    "freeze mongo": servers.freeze_mongo,
    "cut network": network.of_database(network.cut),
    "slow network": network.of_database(network.slow),
    "reset network": network.of_database(network.reset),
    "lose answers": network.of_database(network.lose_answers),
    FULL_DISK: disk.fill_disk,
}
ON: Final[Mapping[Ground, Mapping[str, Fault]]] = {
    Ground.ALONE: ALONE,
    Ground.DAYS: {**ALONE, "days pass": days.days_pass},
    Ground.SET: {
        "step down": nodes.step_down,
        "kill primary": nodes.kill_primary,
        "freeze primary": nodes.freeze_primary,
        "kill secondary": nodes.kill_secondary,
        "freeze secondaries": nodes.freeze_secondaries,
        "kill all nodes": nodes.kill_all_nodes,
    },
}
FAULTS: Final[Mapping[str, Fault]] = {
    name: fault for group in (ANYWHERE, *ON.values()) for name, fault in group.items()
}


def grounds(kinds: Iterable[str]) -> dict[Ground, list[str]]:
    """Which of these faults can strike where; a ground on which none can is left out."""
    wanted = list(kinds)
    found = {
        ground: [kind for kind in wanted if kind in ANYWHERE or kind in own]
        for ground, own in ON.items()
    }
    return {ground: here for ground, here in found.items() if here}
