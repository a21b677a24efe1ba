"""`wraparound simulate` and `wraparound check`, for `wraparound` where this folder is installed."""

from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.local import paths
from deploy.local.failure import said_in_one_sentence
from deploy.simulator import check as checking
from deploy.simulator import run, standing
from deploy.simulator.sizes import SIZES
from deploy.simulator.world import PORT

FOLDER: Final = paths.VAR / "simulation"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("simulate")(simulate)
    app.command("check")(check)


def simulate(
    *,
    size: Annotated[str, typer.Option(help=f"one of {', '.join(SIZES)}")] = "town",
    seed: Annotated[int, typer.Option(help="the same again brings the same people")] = 7,
    speed: Annotated[float, typer.Option(min=1.0, help="simulated seconds in a second")] = 600.0,
    days: Annotated[float, typer.Option(min=0.0, help="simulated days from now on")] = 1.0,
    folder: Annotated[Path, typer.Option(help="where data and the history go")] = FOLDER,
    port: Annotated[int, typer.Option(help="of the address; the next 8 are used too")] = PORT,
    fresh: Annotated[bool, typer.Option("--fresh", help="forget what the folder holds")] = False,
    state_only: Annotated[
        bool, typer.Option("--state-only", help="a year of needs straight into the collections")
    ] = False,
) -> None:
    """Let the people of a made-up district work; Ctrl-C ends it, the same again goes on.

    With --state-only nobody works: the district with a year behind it is written, to be looked at.
    """
    if size not in SIZES:
        raise typer.BadParameter(f"there is no size {size}: take {', '.join(SIZES)}")
    options = run.Options(
        folder=folder, port=port, size=size, seed=seed, speed=speed, days=days, fresh=fresh
    )
    with said_in_one_sentence():
        standing.main(options) if state_only else run.main(options)


def check(
    history: Annotated[Path, typer.Argument(help="the history.jsonl of a simulation")],
) -> None:
    """Compare what people were told is done with what is there; 1 if anything is wrong."""
    with said_in_one_sentence():
        code = checking.main(history)
    raise typer.Exit(code)
