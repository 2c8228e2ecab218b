"""Trustees of any number: codes, sealed shares, complaints, and the tool that one of them runs without a network."""

import itertools
import json
from pathlib import Path

import pytest

from gongzhi.proof.secret import ceremony, commands, entries, group, totals, trustee_tool, trustees
from gongzhi.proof.secret.ballots import Context, cast
from gongzhi.proof.secret.trustee_tool import NothingToDo
from gongzhi.proof.verifier import verify

ORIGIN, OPTIONS = "gongzhi.test/vote/2", ("c1", "c2")
VOTERS = {f"y{n:02d}": (5_000 + n, 1) for n in range(50)}
FILE = entries.voters_file(VOTERS)
ELECTION = entries.election_of(ORIGIN, "m1", FILE)


def file_of(number: int, *, count: int, needed: int, **more: object) -> dict:
    return {
        "format": trustee_tool.FORMAT, "origin": ORIGIN, "motion": "m1", "number": number, "count": count,
        "needed": needed, "guard": 40, "voters": FILE.decode(), "options": list(OPTIONS), "channels": [], "dealt": [],
        "confirmed": [], **more,
    }  # fmt: skip


def ready(codes: dict[int, str], needed: int) -> dict:
    """Everybody has done his three steps."""
    shared: dict = {}

    def all_do(step: str) -> list[dict]:
        files = {n: file_of(n, count=len(codes), needed=needed, **shared) for n in codes}
        return [trustee_tool.answer(files[n], codes[n])[step] for n in codes]

    shared["channels"] = all_do("channel")
    shared["dealt"] = [{name: one[name] for name in ("published", "boxes")} for one in all_do("deal")]
    all_do("confirm")
    shared["confirmed"] = list(codes)
    return shared


@pytest.mark.parametrize(("count", "needed"), [(2, 2), (3, 2), (5, 3), (9, 5)])
def test_any_of_them_who_are_enough_open_a_total_and_the_verifier_agrees(count: int, needed: int) -> None:
    codes = {n: ceremony.new_code() for n in range(1, count + 1)}
    shared = ready(codes, needed)
    published = [trustees.published_of(one["published"]) for one in shared["dealt"]]
    entry = entries.key_entry(
        motion="m1", file="voters.json", voters=FILE, published=published, options=OPTIONS, least=0, most=2
    )
    key = trustees.election_key(ELECTION, published)
    log, sealed = [entry], {}
    for number, voter in enumerate(VOTERS):
        ballot = cast(Context(ELECTION, voter, key, OPTIONS, 0, 2), OPTIONS[: number % 3])
        sealed[voter] = ballot.as_json()["options"]
        log.append(entries.ballot_entry(ballot, motion="m1", voter=voter))
    sums = trustee_tool.summed(VOTERS, sealed, len(OPTIONS))
    stated = {m: [{"a": one.a.hex(), "b": one.b.hex()} for one in listed] for m, listed in sums.items()}
    for numbers in [*itertools.combinations(codes, needed)][:2]:
        parts: dict = {m: [[] for _ in OPTIONS] for m in totals.MEASURES}
        for n in numbers:
            file = file_of(n, count=count, needed=needed, **shared, sums=stated, ballots=sealed)
            made = trustee_tool.answer(file, codes[n])["open"]
            for m, place in itertools.product(totals.MEASURES, range(len(OPTIONS))):
                parts[m][place].append(trustees.part_of(made[m][place]))
        with pytest.raises(trustees.BadTrustee):
            trustees.opened(sums["heads"][0], parts["heads"][0][1:], needed=needed)
        opened = {
            m: [
                totals.open_total(
                    sums[m][place], parts[m][place], what=totals.what_of(ELECTION, m, OPTIONS[place]),
                    published=published, most=400_000, logarithms=LOGARITHMS,
                )
                for place in range(len(OPTIONS))
            ]
            for m in totals.MEASURES
        }  # fmt: skip
        assert opened["heads"] == [33, 16]
        whole = [*log, entries.totals_entry(motion="m1", counted=50, opened=opened, parts=parts)]
    package = verify.Package({"voters.json": FILE}, origin=ORIGIN, entries=json.loads(json.dumps(whole)))
    verify.check_secret(package)
    assert f"合计已由 {needed} 名托管人开出" in package.said[0]
    fewer = json.loads(json.dumps(whole))
    fewer[-1]["totals"]["area"][0]["parts"].pop()
    with pytest.raises(verify.Bad):
        verify.check_secret(verify.Package({"voters.json": FILE}, origin=ORIGIN, entries=fewer))


LOGARITHMS = totals.Logarithms()


@pytest.mark.parametrize(("count", "needed"), [(1, 1), (3, 1), (3, 4), (10, 5)])
def test_other_numbers_of_trustees_are_refused(count: int, needed: int) -> None:
    with pytest.raises(trustees.BadTrustee):
        trustees.deal(ELECTION, 1, count=count, needed=needed)


def test_a_code_forgives_similar_letters_and_catches_a_slip() -> None:
    code = ceremony.new_code()
    plain = code.replace("-", "")
    assert ceremony.code_of(code.lower().replace("0", "o").replace("1", "l")) == plain
    slips = 0
    for place in range(len(plain)):
        wrong = plain[:place] + ("2" if plain[place] != "2" else "3") + plain[place + 1 :]
        try:
            ceremony.code_of(wrong)
        except ValueError:
            slips += 1
    assert slips == len(plain)


def test_the_secrets_of_one_code_differ_by_election_and_purpose() -> None:
    code = ceremony.new_code()
    found = {ceremony.secret_of(code, e, p) for e in ("a", "b") for p in ("channel", "coefficient 0", "coefficient 1")}
    assert len(found) == 6


def test_a_sealed_share_is_for_its_taker_alone() -> None:
    codes = {n: ceremony.new_code() for n in (1, 2, 3)}
    shared = ready(codes, 2)
    published = [trustees.published_of(one["published"]) for one in shared["dealt"]]
    mine = {one["published"]["number"]: ceremony.box_of(one["boxes"]["1"]) for one in shared["dealt"]}
    assert ceremony.bad_givers(ELECTION, 1, code=codes[1], boxes=mine, published=published) == []
    assert ceremony.bad_givers(ELECTION, 2, code=codes[2], boxes=mine, published=published) == [1, 2, 3]


@pytest.mark.parametrize("change", ["giver", "shared", "proof", "number"])
def test_a_complaint_that_does_not_hold_falls_back_on_its_author(change: str) -> None:
    codes = {n: ceremony.new_code() for n in (1, 2, 3)}
    shared = ready(codes, 2)
    channels = [ceremony.channel_of(one, ELECTION) for one in shared["channels"]]
    published = [trustees.published_of(one["published"]) for one in shared["dealt"]]
    boxes = {
        one["published"]["number"]: {int(taker): ceremony.box_of(box) for taker, box in one["boxes"].items()}
        for one in shared["dealt"]
    }
    boxes[2][1] = ceremony.Box(boxes[2][1].point, bytes(32))
    good = ceremony.complain(ELECTION, 1, code=codes[1], giver=2, box=boxes[2][1])

    def guilty(value: dict) -> int:
        return ceremony.guilty(value, ELECTION, channels=channels, published=published, boxes=boxes)

    assert guilty(good) == 2
    other = {"giver": 3, "shared": group.base_times(3).hex(), "proof": {"c": "00" * 32, "s": "00" * 32}, "number": 3}
    assert guilty({**good, change: other[change]}) == (3 if change == "number" else 1)
    for wrong in ({}, {**good, "giver": 9}, {**good, "shared": "00"}):
        with pytest.raises(trustees.BadTrustee):
            guilty(wrong)


def test_the_tool_does_nothing_out_of_turn_or_with_another_code() -> None:
    codes = {n: ceremony.new_code() for n in (1, 2, 3)}
    shared = ready(codes, 2)
    begun = file_of(1, count=3, needed=2, channels=shared["channels"][:1])
    with pytest.raises(NothingToDo, match="channel"):
        trustee_tool.answer(begun, codes[1])
    with pytest.raises(trustees.BadTrustee, match="not the one"):
        trustee_tool.answer(begun, codes[2])
    dealt = file_of(1, count=3, needed=2, channels=shared["channels"], dealt=shared["dealt"][:1])
    with pytest.raises(NothingToDo, match="deal"):
        trustee_tool.answer(dealt, codes[1])
    with pytest.raises(NothingToDo, match="open"):
        trustee_tool.answer(file_of(1, count=3, needed=2, **shared), codes[1])
    forged = json.loads(json.dumps(shared))
    forged["dealt"][2]["published"]["proof"]["s"] = "00" * 32
    with pytest.raises(trustees.BadTrustee, match="trustee 3"):
        trustee_tool.answer(file_of(1, count=3, needed=2, **{**forged, "confirmed": []}), codes[1])


def test_the_command_works_on_files_and_opens_one_sum_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["--new"]) == 0
    code = capsys.readouterr().out.strip()
    codes = {1: code, 2: ceremony.new_code(), 3: ceremony.new_code()}
    shared = ready(codes, 2)
    file, kept, out = tmp_path / "file.json", tmp_path / "code.txt", tmp_path / "answer.json"
    kept.write_text(code)

    def run(**more: object) -> int:
        file.write_text(json.dumps(file_of(1, count=3, needed=2, **{**shared, **more})))
        return commands.main(["--file", str(file), "--code", str(kept), "--out", str(out)])

    assert run(confirmed=[]) == 0
    told = capsys.readouterr().err
    channels = [ceremony.channel_of(one, ELECTION) for one in shared["channels"]]
    assert f"会签码 {ceremony.fingerprint(ELECTION, channels)}" in told and "confirm" in json.loads(out.read_text())
    published = [trustees.published_of(one["published"]) for one in shared["dealt"]]
    key = trustees.election_key(ELECTION, published)
    sealed = {
        voter: cast(Context(ELECTION, voter, key, OPTIONS, 0, 2), ["c1"]).as_json()["options"] for voter in VOTERS
    }

    def sums(ballots: dict) -> dict:
        found = trustee_tool.summed(VOTERS, ballots, len(OPTIONS))
        return {m: [{"a": one.a.hex(), "b": one.b.hex()} for one in listed] for m, listed in found.items()}

    assert run(sums=sums(sealed), ballots=sealed) == 0 and "open" in json.loads(out.read_text())
    assert run(sums=sums(sealed), ballots=sealed) == 0
    one_less = dict(list(sealed.items())[1:])
    assert run(sums=sums(one_less), ballots=one_less) == 1
    assert "另一个合计" in capsys.readouterr().err
    kept.write_text(code[:-1] + ("2" if code[-1] != "2" else "3"))
    assert run() == 1 and "代码写错了" in capsys.readouterr().err
