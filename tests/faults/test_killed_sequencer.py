"""A sequencer or a client killed anywhere: no promised entry is lost, none gets two places, no two trees are signed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from gongzhi.core.tests.killing import Here, killed, stopping
from gongzhi.proof import keys, queries, sequencing, services
from gongzhi.proof.models import Checkpoint, Entry, Log

NOW = datetime(2022, 5, 5, 1, 0, tzinfo=UTC)


def _work(point: str, log: Log, here: Here) -> None:
    """Appends or sequences, up to the point."""
    if point == "appended":
        with transaction.atomic():
            services.append(log, {"n": "never promised"}, now=NOW)
            here()
    places: dict[str, tuple[Any, str, bool]] = {
        "read": (sequencing, "_write", True),
        "placed": (sequencing.notes, "sign_checkpoint", True),
        "signed": (sequencing.Checkpoint.objects, "create", False),
    }
    if point in places:
        where, name, before = places[point]
        setattr(where, name, stopping(getattr(where, name), here, before=before))
    sequencing.sequence(log, now=NOW)
    here()


@pytest.mark.parametrize("point", ["appended", "read", "placed", "signed", "done"])
def test_whatever_was_promised_is_in_the_log_once(committed: None, point: str) -> None:
    log = services.open_log("vote/1", now=NOW)
    keys.signer(now=NOW)
    promised = []
    for number in range(7):
        with transaction.atomic():
            promised.append(services.append(log, {"n": number}, now=NOW).promise)
        if number == 2:
            sequencing.sequence(log, now=NOW)
    before = Checkpoint.objects.get(size=3).note
    killed(lambda here: _work(point, log, here))
    assert Checkpoint.objects.count() == (2 if point == "done" else 1)
    sequencing.sequence(log, now=NOW)
    assert list(queries.faults(log)) == []
    assert sorted(Entry.objects.values_list("leaf_index", flat=True)) == list(range(7))
    assert {bytes(one.leaf_hash) for one in Entry.objects.all()} == {one.leaf for one in promised}
    assert queries.compare(before).verdict == "consistent"
    assert sorted(Checkpoint.objects.values_list("size", flat=True)) == [3, 7]
