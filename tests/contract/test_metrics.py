"""What metrics are told by: labels from closed sets, wherever one is said."""

import ast

from services.chassis.telemetry import COUNTS, GAUGES, SECONDS
from tests.contract.sources import calls

CLOSED = {
    "_channel_of(message)": "sms or email",
    "failure.code": "codes of the envelope, undecidable, behind",
    "message.sort": "sorts of clocks, declared in the tables",
    "method": "the known ones of HTTP, or OTHER",
    "name": "types of events and sorts of clocks, of the tables",
    "outcome": "codes of a failed sending",
    "route": "templates of addresses, declared by the pages",
    "said": "codes of refusals, or done",
    "str(status)": "of HTTP",
    "topic": "declared topics",
    "type(command).__name__": "classes of commands",
}


def test_every_label_is_a_constant_or_from_a_closed_set() -> None:
    said = {
        ast.unparse(given.value)
        for _, name, call in calls("services")
        if name in {"count", "observe", "gauge"} and _of_a_metric(call)
        for given in call.keywords
        if given.arg != "n" and not isinstance(given.value, ast.Constant)
    }
    assert said == CLOSED.keys()


def _of_a_metric(call: ast.Call) -> bool:
    match call.args:
        case [ast.Constant(value=str() as name), *_]:
            return name in {*COUNTS, *SECONDS, *GAUGES}
    return False
