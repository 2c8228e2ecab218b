"""Secret votes: known answers, every malformed or exchanged part refused, and the totals of real elections."""

import dataclasses
import hashlib
import itertools
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.proof.secret import ballots, entries, group, totals, trustees
from gongzhi.proof.secret.ballots import Ciphertext, Context
from gongzhi.proof.verifier import verify

ELECTION = "gongzhi.test/vote/1\nm1\n00"
DEALT = [trustees.deal(ELECTION, number) for number in trustees.NUMBERS]
PUBLISHED = [one.published for one in DEALT]
KEY = trustees.election_key(ELECTION, PUBLISHED)
SHARES = {
    j: trustees.own_share(
        j, handed={one.published.number: one.shares[j] for one in DEALT}, published=PUBLISHED
    )
    for j in trustees.NUMBERS
}  # fmt: skip
OPTIONS = ("甲", "乙", "丙")
CONTEXT = Context(ELECTION, "v1", KEY, OPTIONS)
LOGARITHMS = totals.Logarithms()
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]
NO_POINTS = [
    "0200000000000000000000000000000000000000000000000000000000000000",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # 1 written as p + 1
    "ff" * 32,
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def mixed_order():
    """A point of the large group outside the subgroup of prime order."""
    return group.plus(group.base_times(7), bytes.fromhex(SMALL_ORDER[4]))


# --- the group ---


def test_the_base_point_and_its_multiples_are_the_known_ones():
    assert group.BASE.hex() == "58" + "66" * 31
    assert group.base_times(2).hex() == "c9a3f86aae465f0e56513864510f3997561fa2c9e85ea21dc2292309f3cd6022"
    assert group.base_times(group.ORDER) == group.IDENTITY
    assert group.plus(group.base_times(group.ORDER - 1), group.BASE) == group.IDENTITY


@given(st.integers(0, group.ORDER - 1), st.integers(0, group.ORDER - 1))
@settings(max_examples=30)
def test_the_verifiers_own_arithmetic_is_that_of_libsodium(first, second):
    a, b = group.base_times(first), group.base_times(second)
    assert verify.encoded(verify.times(first, verify.BASE)) == a
    assert verify.encoded(verify.Fixed(verify.BASE).times(second)) == b
    if group.IDENTITY not in (a, b):
        assert verify.encoded(verify.add(verify.decoded(a), verify.decoded(b))) == group.plus(a, b)
        assert verify.encoded(verify.times(second, verify.decoded(a))) == group.times(second, a)
        assert verify.encoded(verify.double(verify.decoded(a))) == group.plus(a, a)


@pytest.mark.parametrize("text", [*SMALL_ORDER, *NO_POINTS, "mixed", "", "00", "XX" * 32])
def test_points_that_a_stranger_must_not_send_are_refused_by_both(text):
    text = mixed_order().hex() if text == "mixed" else text
    with pytest.raises(ValueError):
        group.point_of(text)
    with pytest.raises(ValueError):
        verify.decoded(verify.unhex(text))


@pytest.mark.parametrize("value", [group.ORDER, 2**256 - 1])
def test_a_scalar_has_one_spelling(value):
    for read in (group.scalar_of, verify.scalar_of):
        with pytest.raises(ValueError):
            read(value.to_bytes(32, "little").hex())
        with pytest.raises(ValueError):
            read("AB" * 31 + "00")


def test_parts_of_a_hash_cannot_be_moved_over_their_borders():
    assert group.digest("a", b"b", b"c") != group.digest("a", b"bc", b"") != group.digest("ab", b"", b"c")
    assert verify.hashed("a", b"b", b"c") == group.digest("a", b"b", b"c")


# --- ballots ---


def test_the_known_ballot(monkeypatch):
    """Fixed randomness: whoever changes a label, an order or a format changes this answer."""
    counter = itertools.count(1)
    monkeypatch.setattr(group, "random_scalar", lambda: next(counter))
    context = Context("known", "v", group.base_times(5), ("x", "y"))
    ballot = ballots.cast(context, ["y"])
    text = json.dumps(ballot.as_json(), sort_keys=True)
    assert ballot.ciphertexts[0] == Ciphertext(group.base_times(1), group.base_times(5))
    assert ballot.ciphertexts[1] == Ciphertext(group.base_times(2), group.base_times(11))
    assert hashlib.sha256(text.encode()).hexdigest() == KNOWN


KNOWN = "765b6170dd4d90f9a49c05b50ffa62503a4e0d946dde34fca407bdb7ea9c2904"


@pytest.mark.parametrize(("least", "most"), [(1, 1), (0, 1), (0, 3), (2, 2), (1, 3), (0, 0)])
def test_every_allowed_choice_verifies_and_no_other_can_be_made(least, most):
    context = dataclasses.replace(CONTEXT, least=least, most=most)
    for count in range(4):
        for chosen in itertools.combinations(OPTIONS, count):
            if least <= count <= most:
                ballot = ballots.cast(context, chosen)
                assert ballots.verified(ballot, context)
                assert ballots.ballot_of(json.loads(json.dumps(ballot.as_json())), context) == ballot
            else:
                with pytest.raises(ValueError):
                    ballots.cast(context, chosen)
    with pytest.raises(ValueError):
        ballots.cast(context, ["丁"])


BALLOT = ballots.cast(CONTEXT, ["乙"])


@pytest.mark.parametrize(
    "change",
    [
        {"voter": "v2"},
        {"election": ELECTION + "x"},
        {"key": group.base_times(9)},
        {"options": ("乙", "甲", "丙")},
        {"options": ("甲", "乙")},
        {"least": 0},
        {"most": 2},
    ],
)
def test_a_ballot_replayed_elsewhere_does_not_verify(change):
    assert not ballots.verified(BALLOT, dataclasses.replace(CONTEXT, **change))


def parts_changed():
    other = ballots.cast(CONTEXT, ["甲"])
    swap = (1, 0, 2)
    pairs, proofs, total = BALLOT.ciphertexts, BALLOT.proofs, BALLOT.sum_proof
    yield "proofs exchanged", {"proofs": tuple(proofs[n] for n in swap)}
    yield "options exchanged", {"ciphertexts": tuple(pairs[n] for n in swap)}
    yield "both exchanged", {
        "ciphertexts": tuple(pairs[n] for n in swap), "proofs": tuple(proofs[n] for n in swap),
    }  # fmt: skip
    yield "another ballot's sum", {"sum_proof": other.sum_proof}
    yield "another ballot's option", {"ciphertexts": (other.ciphertexts[0], *pairs[1:])}
    yield "another's option with its proof", {
        "ciphertexts": (other.ciphertexts[0], *pairs[1:]), "proofs": (other.proofs[0], *proofs[1:]),
    }  # fmt: skip
    yield (
        "rerandomised",
        {"ciphertexts": (pairs[0].plus(Ciphertext(group.base_times(3), group.times(3, KEY))), *pairs[1:])},
    )
    yield "raised", {"ciphertexts": (pairs[0].times(2), *pairs[1:])}
    yield "branches exchanged", {"proofs": (proofs[0][::-1], *proofs[1:])}
    yield "a response", {"proofs": (((proofs[0][0][0], proofs[0][0][1] + 1), proofs[0][1]), *proofs[1:])}
    yield "a challenge", {"sum_proof": ((total[0][0] + 1, total[0][1]),)}
    yield "all zero", {"sum_proof": ((0, 0),)}
    for text in (*SMALL_ORDER, *NO_POINTS, mixed_order().hex()):
        yield text, {"ciphertexts": (Ciphertext(bytes.fromhex(text), pairs[0].b), *pairs[1:])}
        yield text, {"ciphertexts": (Ciphertext(pairs[0].a, bytes.fromhex(text)), *pairs[1:])}
    yield "short", {"ciphertexts": pairs[:2], "proofs": proofs[:2]}


@pytest.mark.parametrize(("what", "change"), list(parts_changed()))
def test_a_ballot_with_a_part_changed_or_exchanged_does_not_verify(what, change):
    assert not ballots.verified(dataclasses.replace(BALLOT, **change), CONTEXT)


@pytest.mark.parametrize("values", [(2, 0, 0), (0, 0, 0), (1, 1, 0), (group.ORDER - 1, 1, 1), (5, group.ORDER - 4, 0)])
def test_a_voter_who_encrypts_anything_else_cannot_prove_it(values, monkeypatch):
    """He follows the protocol in all but the value: the forged branch is made as for an allowed value."""
    nonces = [group.random_scalar() for _ in values]
    pairs = [
        Ciphertext(group.base_times(r), group.plus(group.base_times(v), group.times(r, KEY)))
        for v, r in zip(values, nonces, strict=True)
    ]
    bound = ballots._bound(CONTEXT, pairs)
    made = ballots.Ballot(
        tuple(pairs),
        tuple(
            ballots._prove(KEY, one, value=v if v in (0, 1) else 1, nonce=r, allowed=(0, 1), bound=bound, place=str(n))
            for n, (one, v, r) in enumerate(zip(pairs, values, nonces, strict=True))
        ),
        ballots._prove(
            KEY, ballots.summed(pairs), value=1, nonce=sum(nonces) % group.ORDER, allowed=(1,), bound=bound, place="sum"
        ),
    )
    assert not ballots.verified(made, CONTEXT)


@pytest.mark.parametrize(
    "value",
    [
        {}, {"options": [], "sum": []}, {"options": None, "sum": []}, [], None,
        {**BALLOT.as_json(), "more": 1},
        {**BALLOT.as_json(), "sum": []},
        {**BALLOT.as_json(), "sum": BALLOT.as_json()["sum"] * 2},
        {**BALLOT.as_json(), "options": BALLOT.as_json()["options"][:2]},
    ],
)  # fmt: skip
def test_other_json_is_no_ballot(value):
    with pytest.raises(ValueError):
        ballots.ballot_of(value, CONTEXT)


# --- trustees ---


@pytest.mark.parametrize("pair", [(1, 2), (1, 3), (2, 3), (3, 1)])
def test_any_two_trustees_open_a_total_and_one_cannot(pair):
    total = ballots.cast(CONTEXT, ["乙"]).ciphertexts[1].times(123_456)
    parts = [trustees.open_part(total, what="w", number=j, share=SHARES[j]) for j in pair]
    assert all(trustees.part_holds(one, total, what="w", published=PUBLISHED) for one in parts)
    assert trustees.opened(total, parts) == group.base_times(123_456)
    for wrong in (parts[:1], [parts[0], parts[0]]):
        with pytest.raises(trustees.BadTrustee):
            trustees.opened(total, wrong)


def test_a_part_of_another_total_trustee_or_purpose_does_not_hold():
    total, other = BALLOT.ciphertexts[0], BALLOT.ciphertexts[1]
    part = trustees.open_part(total, what="w", number=1, share=SHARES[1])
    assert not trustees.part_holds(part, other, what="w", published=PUBLISHED)
    assert not trustees.part_holds(part, total, what="x", published=PUBLISHED)
    for change in ({"number": 2}, {"number": 4}, {"value": group.BASE}, {"c": part.c + 1}, {"s": part.s + 1}):
        assert not trustees.part_holds(dataclasses.replace(part, **change), total, what="w", published=PUBLISHED)
    lied = trustees.open_part(total, what="w", number=1, share=SHARES[2])
    assert not trustees.part_holds(lied, total, what="w", published=PUBLISHED)


def test_a_share_that_is_not_the_committed_one_names_its_giver():
    handed = {one.published.number: one.shares[1] for one in DEALT}
    with pytest.raises(trustees.BadTrustee, match="trustee 2"):
        trustees.own_share(1, handed={**handed, 2: handed[2] + 1}, published=PUBLISHED)


def test_a_key_chosen_to_cancel_the_others_is_refused():
    """The rogue key: its owner knows no secret behind it, and cannot prove that he does."""
    wanted = group.base_times(group.random_scalar())
    rest = group.plus(PUBLISHED[0].commitments[0], PUBLISHED[1].commitments[0])
    rogue = dataclasses.replace(PUBLISHED[2], commitments=(group.minus(wanted, rest), PUBLISHED[2].commitments[1]))
    with pytest.raises(trustees.BadTrustee, match="trustee 3"):
        trustees.election_key(ELECTION, [*PUBLISHED[:2], rogue])


def test_a_key_of_another_election_order_or_number_is_refused():
    for wrong in (PUBLISHED[:1], PUBLISHED[1:], PUBLISHED[::-1], [*PUBLISHED[:2], PUBLISHED[1]]):
        with pytest.raises(trustees.BadTrustee):
            trustees.election_key(ELECTION, wrong)
    with pytest.raises(trustees.BadTrustee):
        trustees.election_key("another", PUBLISHED)
    with pytest.raises(trustees.BadTrustee):
        trustees.deal(ELECTION, 4)
    for one in PUBLISHED:
        assert trustees.published_of(json.loads(json.dumps(one.as_json()))) == one


# --- totals ---


@pytest.mark.parametrize(
    ("total_area", "least"), [(14_736_800, 44), (1, 21), (2**24 - 1, 44), (2**24, 45), (1_000_000_000, 50)]
)
def test_few_voters_cannot_vote_in_secret(total_area, least):
    assert totals.least_voters(total_area) == least
    totals.guard(voters=least, total_area=total_area)
    with pytest.raises(totals.TooFew):
        totals.guard(voters=least - 1, total_area=total_area)


@pytest.mark.parametrize("number", [0, 1, totals.BABY_STEPS - 1, totals.BABY_STEPS, totals.BABY_STEPS + 1, 14_736_800])
def test_a_total_is_found(number):
    assert LOGARITHMS.of(group.base_times(number), most=15_000_000) == number


def test_a_total_above_all_votes_is_none():
    with pytest.raises(ValueError):
        LOGARITHMS.of(group.base_times(101), most=100)
    with pytest.raises(ValueError):
        LOGARITHMS.of(group.base_times(-1), most=100_000)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 50_000), st.integers(0, 2)), min_size=1, max_size=6))
@settings(max_examples=15)
def test_the_totals_are_those_of_an_open_count(votes):
    weighted = []
    for number, (choice, area, heads) in enumerate(votes):
        context = dataclasses.replace(CONTEXT, voter=str(number))
        weighted.append(totals.Weighted(ballots.cast(context, [OPTIONS[choice]]), area, heads))
    half = len(weighted) // 2
    sums = totals.totals_of(weighted, options=3)
    assert sums == totals.merged(
        totals.totals_of(weighted[:half], options=3), totals.totals_of(weighted[half:], options=3)
    )
    for measure, place in (("area", 1), ("heads", 2)):
        for option in range(3):
            total, what = sums[measure][option], totals.what_of(ELECTION, measure, OPTIONS[option])
            parts = (
                [trustees.open_part(total, what=what, number=j, share=SHARES[j]) for j in (1, 3)]
                if (total != ballots.NOTHING)
                else []
            )
            expected = sum(vote[place] for vote in votes if vote[0] == option)
            if parts:
                found = totals.open_total(
                    total, parts, what=what, published=PUBLISHED, most=400_000, logarithms=LOGARITHMS
                )
                assert found == expected


def test_a_part_that_does_not_hold_stops_the_opening():
    total = BALLOT.ciphertexts[0]
    parts = [trustees.open_part(total, what="w", number=j, share=SHARES[j]) for j in (1, 2)]
    with pytest.raises(trustees.BadTrustee, match="trustee 2"):
        totals.open_total(
            total, [parts[0], dataclasses.replace(parts[1], s=1)],
            what="w", published=PUBLISHED, most=1, logarithms=LOGARITHMS,
        )  # fmt: skip


# --- the whole election, read by the stand-alone verifier ---

ORIGIN = "gongzhi.test/vote/1"


@pytest.fixture(scope="module")
def election():
    """45 voters, one of whom changes his mind."""
    chosen = random.Random(7)
    voters = {f"u{n:02d}": (chosen.randrange(5_000, 20_000), n % 3 > 0) for n in range(45)}
    voters = {name: (area, int(heads)) for name, (area, heads) in voters.items()}
    file = entries.voters_file(voters)
    name = entries.election_of(ORIGIN, "m1", file)
    dealt = [trustees.deal(name, number) for number in trustees.NUMBERS]
    published = [one.published for one in dealt]
    key = entries.key_entry(
        motion="m1", file="voters.json", voters=file, published=published, options=OPTIONS, least=1, most=1
    )
    log, last, picked = [key], {}, {}
    for voter in [*voters, "u03"]:
        context = entries.context_of(key, origin=ORIGIN, voters=file, voter=voter)
        picked[voter] = chosen.choice(OPTIONS)
        last[voter] = ballots.cast(context, [picked[voter]])
        log.append(entries.ballot_entry(last[voter], motion="m1", voter=voter))
    weighted = [totals.Weighted(last[voter], *voters[voter]) for voter in voters]
    sums = totals.totals_of(weighted, options=3)
    shares = {
        j: trustees.own_share(j, handed={one.published.number: one.shares[j] for one in dealt}, published=published)
        for j in (2, 3)
    }
    both = [entries.parts_of(sums, election=name, options=OPTIONS, number=j, share=shares[j]) for j in (2, 3)]
    parts = {m: [list(two) for two in zip(both[0][m], both[1][m], strict=True)] for m in totals.MEASURES}
    opened = {
        measure: [
            totals.open_total(
                sums[measure][n], parts[measure][n], what=totals.what_of(name, measure, OPTIONS[n]),
                published=published, most=1_000_000, logarithms=LOGARITHMS,
            )
            for n in range(3)
        ]
        for measure in totals.MEASURES
    }  # fmt: skip
    for place, measure in enumerate(totals.MEASURES):
        assert opened[measure] == [
            sum(voters[voter][place] for voter in voters if picked[voter] == option) for option in OPTIONS
        ]
    log.append(entries.totals_entry(motion="m1", counted=45, opened=opened, parts=parts))
    return [json.loads(json.dumps(one)) for one in log], file


def checked(log, file):
    package = verify.Package({"voters.json": file}, origin=ORIGIN, entries=json.loads(json.dumps(log)))
    verify.check_secret(package)
    return package.said


def test_the_stand_alone_verifier_follows_the_whole_election(election):
    log, file = election
    assert "45 张票的证明都成立，合计已由 2 名托管人开出" in checked(log, file)[0]


def _change(log, place, path, value):
    target = log[place]
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value(target[path[-1]]) if callable(value) else value


@pytest.mark.parametrize(
    ("place", "path", "value"),
    [
        (0, ["trustees", 1, "proof", "s"], "00" * 32),
        (0, ["trustees", 1, "number"], 3),
        (0, ["options"], lambda options: options[::-1]),
        (0, ["most"], 2),
        (3, ["voter"], "u09"),
        (3, ["voter"], "nobody"),
        (3, ["motion"], "m2"),
        (3, ["ballot", "sum", 0, "c"], "00" * 32),
        (3, ["ballot", "options", 0, "proof", 1, "s"], "01" + "00" * 31),
        (3, ["ballot", "options", 0, "a"], SMALL_ORDER[4]),
        (47, ["counted"], 44),
        (47, ["totals", "area", 0, "value"], lambda value: value + 1),
        (47, ["totals", "heads", 2, "value"], lambda value: value - 1),
        (47, ["totals", "area", 1, "parts"], lambda parts: [parts[0], parts[0]]),
        (47, ["totals", "area", 1, "parts"], lambda parts: parts[:1]),
        (47, ["totals", "area", 1, "parts", 0, "proof", "c"], "02" + "00" * 31),
    ],
)
def test_the_stand_alone_verifier_names_the_entry_that_is_wrong(election, place, path, value):
    log, file = election
    log = json.loads(json.dumps(log))
    _change(log, place, path, value)
    with pytest.raises(verify.Bad) as caught:
        checked(log, file)
    # What the ballots are bound to changes with the key's entry: the first ballot shows it.
    assert caught.value.entry == (1 if path in (["options"], ["most"]) else place)


def test_weights_that_were_changed_afterwards_are_found(election):
    log, file = election
    with pytest.raises(verify.Bad) as caught:
        checked(log, file.replace(b"[", b"[1", 1))
    assert caught.value.member == "voters.json"


def test_a_ballot_handed_in_a_second_time_is_found(election):
    """It could bring back a choice that its voter has changed since."""
    log, file = election
    with pytest.raises(verify.Bad) as caught:
        checked([*log[:47], log[4], log[47]], file)
    assert caught.value.entry == 47


def test_a_ballot_left_out_of_the_totals_is_found(election):
    log, file = election
    with pytest.raises(verify.Bad) as caught:
        checked([*log[:5], *log[6:]], file)
    assert caught.value.entry == 46
