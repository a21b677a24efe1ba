"""Every closed code: unique, and worded in `schemas/codes.py`."""

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

import pytest

from schemas import codes
from tests.contract.sources import calls, files, module_of

CODE: Final = re.compile(r"[a-z]+(_[a-z]+)+")
AT_A_TERMINAL: Final = {  # said to an operator in English, with what was typed
    *("row_unknown", "password_missing", "password_short", "sign_in_name_closed"),
    *("account_there", "account_unknown", "account_closed", "account_open"),
    *("district_unknown", "school_unknown", "organization_unknown"),
    *("time_zone_missing", "time_zone_other"),
}
WORDS: Final[list[tuple[Any, Mapping[Any, str]]]] = [
    (codes.Category, codes.CATEGORY_WORDS),
    (codes.DeclineCode, codes.DECLINE_WORDS),
    (codes.RecallCode, codes.RECALL_WORDS),
    (codes.ReferralState, codes.REFERRAL_STATE_WORDS),
    (codes.OfferState, codes.OFFER_STATE_WORDS),
    (codes.RecordClass, codes.RECORD_WORDS),
    (codes.Locale, codes.LANGUAGE_WORDS),
    (codes.Locale, codes.OWN_NAMES),
]


def refusals_of(module: Any) -> Iterator[tuple[str, str]]:
    """Pairs of a code and its sentence that a module holds."""
    for name, value in vars(module).items():
        match value:
            case (str(code), str(sentence)) if name.isupper() and " " in sentence:
                if CODE.fullmatch(code):
                    yield code, sentence


def test_every_refusal_of_any_service_is_worded_once_in_the_one_place() -> None:
    modules = [importlib.import_module(module_of(path)) for path in files("services")]
    named = {pair for module in [codes, *modules] for pair in refusals_of(module)}
    typed = {
        str(call.args[0].value)
        for _, name, call in calls("services")
        if name == "Refused" and call.args and isinstance(call.args[0], ast.Constant)
    }

    assert named - set(codes.REFUSALS.items()) == set()
    assert typed == AT_A_TERMINAL


@pytest.mark.parametrize(("kind", "words"), WORDS, ids=[str(len(words)) for _, words in WORDS])
def test_every_code_that_people_see_has_words_of_its_own(kind: Any, words: Any) -> None:
    assert words.keys() == set(get_args(kind))
    assert len(set(words.values())) == len(words)


def test_every_sentence_of_a_rule_belongs_to_a_rule() -> None:
    rules = {code.partition(".")[0] for code in codes.RULE_SENTENCES}
    assert rules == set(codes.RULES)
