"""**The table** of faults: a new one is a function and a row."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from tests.chaos import network, processes, records, servers
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike

Fault = Callable[[Scene, Strike], Awaitable[None]]

FAULTS: Final[Mapping[str, Fault]] = {  # each strikes, and returns when it is over
    "kill": processes.kill,
    "kill at a point": processes.kill_at_a_point,
    "ask to end": processes.ask_to_end,
    "freeze": processes.freeze,
    "stall": processes.stall,
    "clock behind": processes.clock_behind,
    "join and leave": processes.join_and_leave,
    "kill kafka": servers.kill_kafka,
    "freeze kafka": servers.freeze_kafka,
    "kill mongo": servers.kill_mongo,
    "freeze mongo": servers.freeze_mongo,
    "cut network": network.cut,
    "slow network": network.slow,
    "reset network": network.reset,
    "lose answers": network.lose_answers,
    "tell again": records.tell_again,
    "from the beginning": records.from_the_beginning,
    "poison": records.send_poison,
}
