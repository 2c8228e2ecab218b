"""The package of a vote of 3,000 units, and what its verifier takes.

    python benchmarks/export.py [--units 3000]

Every unit served and voted, two motions, the result published; the opened package, as scrutineers get it. Beside it, in
the same run: the bare signatures and hashes that the verifier cannot do without. Exit status 1 when the package takes
LIMIT seconds of the processor or more, when it does not verify, or when verifying takes more than TIMES the bare work.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from ground.cluster import platform

LIMIT = 5.0
TIMES = 4.0
SERVED_AT_ONCE = 100


def _published(units: int) -> Any:
    from django.db import connection

    from gongzhi.core.tests import cast as casting
    from gongzhi.governance.votes import services as votes
    from gongzhi.governance.votes.models import RollEntry
    from gongzhi.governance.votes.services import rolls
    from gongzhi.governance.votes.tests import steps

    made = casting.build()
    actor = made.actor("community_station")
    vote = steps.drafted(made, steps.motion(), steps.motion(title="第二项"))
    vote = votes.freeze_roll(vote, actor=actor, now=made.now)
    unit = vote.roll.values_list("unit_id", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE governance_rollentry DROP CONSTRAINT governance_roll_unit")
    vote.roll.all().delete()
    RollEntry.objects.bulk_create(
        RollEntry(
            vote=vote, unit_id=unit, code=f"f{number:09d}", room=f"{number}室", building="9幢", kind="home",
            stock="sold", area=5_000 + number, area_source="register", owners=[f"y{number:09d}"],
            nominee=f"y{number:09d}",
        )
        for number in range(units)
    )  # fmt: skip
    vote.roll_root = rolls.roll_root(vote)
    vote.save(update_fields=["roll_root"])
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=made.actor("street_office"), now=made.now)
    vote = votes.notice_vote(vote, published_on=made.now.date(), silence_told=False, actor=actor, now=made.now)
    vote = votes.open_vote(vote, actor=actor, now=steps.OPENS)
    codes = list(vote.roll.order_by("code").values_list("code", flat=True))
    for start in range(0, units, SERVED_AT_ONCE):
        served = codes[start : start + SERVED_AT_ONCE]
        votes.serve(vote, units=served, how="signed", result="served", at=steps.VOTING, actor=actor, now=steps.VOTING)
    for number, code in enumerate(codes):
        marks = {"m1": ("agree", "oppose", "abstain")[number % 3 % 2], "m2": "agree"}
        at = steps.VOTING + timedelta(seconds=number)
        given = votes.Given(f"y{number:09d}", [code], marks, "phone", at, f"k{number}", on_roll=True)
        votes.cast(vote, given=given, now=at)
    return steps.published(made, vote)


def _bare(members: dict[str, bytes]) -> None:
    """Every entry hashed, every promise and every member checked."""
    from gongzhi.proof.verifier import verify

    origin = members["manifest.txt"].split(b"\n")[1].decode()
    promises = members["log/promises.jsonl"].splitlines()
    for text, line in zip(members["log/entries.jsonl"].splitlines(), promises, strict=True):
        one = json.loads(line)
        leaf = hashlib.sha256(b"\0" + text).digest()
        public, signature = bytes.fromhex(one["key"]), verify.unbase64(one["signature"])
        if not verify.promised(origin, leaf, at=one["at"], public=public, signature=signature):
            raise SystemExit("a promise does not hold")
    for body in members.values():
        hashlib.sha256(body).digest()


def _seconds(work: Any) -> tuple[float, Any]:
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=3_000)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with platform():
        from ground.processor import Meter

        from gongzhi.governance.votes.exports import package
        from gongzhi.proof.verifier import verify

        vote = _published(asked.units)
        meter = Meter()
        begun, clock = meter.seconds(), time.perf_counter()
        data = package(vote, now=vote.objection_until, opened=True)
        took, clock = meter.seconds() - begun, time.perf_counter() - clock
    members = verify.unpacked(data)
    bare, _ = _seconds(lambda: _bare(members))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        path.write_bytes(data)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            verified, code = _seconds(lambda: verify.main([str(path)]))
    print(f"{asked.units:,} units: package of {len(data) / 1e6:.1f} MB in {took:.2f} s of processor ({clock:.2f} s)")
    print(f"limit {LIMIT} s; ratio {took / LIMIT:.2f}")
    print(f"verified in {verified:.2f} s; bare hashes and signatures {bare:.2f} s")
    print(f"ratio {verified / bare:.2f}, limit {TIMES}")
    if code or "重新计票" not in said.getvalue():
        print(said.getvalue())
    good = code == 0 and "重新计票" in said.getvalue()
    return 0 if good and took < LIMIT and verified <= TIMES * bare else 1


if __name__ == "__main__":
    raise SystemExit(main())
