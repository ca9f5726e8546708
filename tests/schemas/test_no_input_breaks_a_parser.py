"""Mutilated inputs for each parser: each is read or refused with `FrameError` that says what was expected.

Twenty thousand of each in every run, a million in `make soak`. Input `n` of a seed is always the same: a failure names
both, and `galileo_fuzz_seed` and `galileo_fuzz_from` take a run up there.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter

import pytest
from galileo_schemas.frame import FrameError

from tests.schemas.mutations import mutated
from tests.schemas.mutilated_inputs import PARSERS, Parser

SEED_VARIABLE, FROM_VARIABLE = "galileo_fuzz_seed", "galileo_fuzz_from"
SEED = int(os.environ.get(SEED_VARIABLE, "20240601"))
FROM = int(os.environ.get(FROM_VARIABLE, "0"))
LONGEST_REASON = 600
log = logging.getLogger(__name__)
each_parser = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)


@each_parser
def test_only_a_clear_refusal_escapes(parser: Parser) -> None:
    assert_all_read_or_refused(parser, 20_000)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@each_parser
def test_only_a_clear_refusal_escapes_a_million(parser: Parser) -> None:
    assert_all_read_or_refused(parser, 1_000_000)


def assert_all_read_or_refused(parser: Parser, count: int) -> None:
    reasons: Counter[str] = Counter()
    explains = re.compile(parser.explains)
    for number in range(FROM, count):
        data = mutated(parser.seeds, seed=SEED, number=number)
        try:
            parser.read(data)
        except FrameError as error:
            reason = str(error)
        except BaseException as error:
            error.add_note(f"{_place(number)}: {data[:300]!r}")
            raise
        else:
            continue
        where = f"{_place(number)}: {reason[:300]!r}"
        assert len(reason.splitlines()) == 1, where
        assert len(reason) <= LONGEST_REASON, where
        assert explains.search(reason), where
        reasons[reason.partition(", got ")[0]] += 1
    refused, tried = reasons.total(), count - FROM
    log.info("%s: %d of %d refused; most often: %s", parser.name, refused, tried, reasons.most_common(3))
    # The mutations are neither harmless nor hopeless, or else this test would test nothing.
    assert FROM or tried * 0.05 < refused < tried * 0.98


def _place(number: int) -> str:
    return f"{SEED_VARIABLE}={SEED} {FROM_VARIABLE}={number}"
