"""`wraparound simulate --state-only`: a district with a year behind it, to be looked at.

Everything runs as in a simulation, but nobody works.
"""

from contextlib import suppress

from deploy.local.failure import Failure
from deploy.local.supervisor import Ended
from deploy.simulator import world
from deploy.simulator.run import Options, say
from deploy.simulator.sizes import SIZES
from deploy.simulator.state.fill import Written, fill
from services.chassis.settings import real_time


def stand(options: Options) -> None:
    """Write the state and show it until somebody asks to end.

    Raises:
        Failure: the folder holds something, or a part could not be started.
        Ended: somebody asked to end.
    """
    if options.folder.exists() and any(options.folder.iterdir()) and not options.fresh:
        raise Failure(f"{options.folder} is not empty: name another --folder, or --fresh.")
    world.clear(options.folder)
    options.standing.touch()
    with world.servers(options.folder, options.port) as (supervisor, all_of_it):
        outside = world.outside_of(all_of_it.environment)
        size = SIZES[options.size]
        written = fill(size, outside.settings, today=real_time(), seed=options.seed, say=say)
        say(summary(written))
        world.start_services(
            supervisor,
            all_of_it,
            folder=options.folder,
            port=options.port,
            clock=world.clock_settings(written.now, real_time(), 1.0),
        )
        say(f"stands at {all_of_it.gateway.address} (Ctrl-C ends it)")
        supervisor.watch()


def summary(written: Written) -> str:
    """What was written, and how quickly."""
    return (
        f"{written.students:,} students with {written.needs:,} needs: {written.documents:,} "
        f"documents in {written.seconds:.0f} s"
    )


def main(options: Options) -> None:
    """Stand; being asked to end is a good end."""
    with suppress(Ended):
        stand(options)
