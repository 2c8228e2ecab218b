"""A vote from draft to filing, through the commands."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.tally.reading import read_events, read_roll, read_rules
from gongzhi.governance.tally.tallying import tally
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote, VoteRecord
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, OPENS, VOTING
from gongzhi.proof import queries as proofs
from gongzhi.proof.models import Entry


class _refused:  # noqa: N801
    """`with _refused("late"):` the command says no for that reason."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __enter__(self) -> "_refused":
        return self

    def __exit__(self, kind: Any, error: Any, _: Any) -> bool:
        assert isinstance(error, Refused), f"nothing was refused, {self.code} was expected"
        assert error.code == self.code, (error.code, error.message)
        self.error = error
        return True


@pytest.mark.clause("CC-278", "JJ-A10-2.3-3", "ZJG-2.2.5b")
def test_a_vote_from_draft_to_filing(cast: Cast) -> None:
    actor = cast.actor("community_station")
    vote = steps.opened(cast)
    for number in range(1, 7):
        steps.ballot(vote, number, "agree")
    steps.ballot(vote, 7, "oppose")
    vote = steps.closed(cast, vote)
    day = CLOSES + timedelta(days=1)
    vote = votes.publish_result(vote, published_on=day.date(), actor=actor, now=day)
    assert vote.result is not None
    found = vote.result["motions"][0]
    assert (found["outcome"], found["tallied"]["base"]) == ("passed", {"heads": 9, "area": 100_000})
    assert vote.objection_until is not None
    with _refused("objection_running"):
        votes.finalise(vote, actor=actor, now=vote.objection_until - timedelta(seconds=1))
    vote = votes.finalise(vote, actor=actor, now=vote.objection_until)
    vote = votes.file_vote(vote, filed_on=core.local_day(vote.objection_until), actor=actor, now=vote.objection_until)
    assert vote.state == "filed"
    kinds = list(Event.objects.filter(subject_kind="vote").order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "vote.drafted", "vote.roll_frozen", "vote.checked", "vote.noticed", "vote.opened", "vote.closed",
        "vote.result_published", "vote.finalised", "motion.decided", "vote.filed",
    ]  # fmt: skip


def test_the_published_result_is_the_tally_of_the_exported_files(cast: Cast) -> None:
    vote = steps.opened(cast)
    for number in range(1, 9):
        steps.ballot(vote, number, "agree" if number % 2 else "oppose")
    vote = steps.published(cast, vote)
    again = tally(
        roll=read_roll(text=votes.roll_of(vote).model_dump_json()),
        rules=read_rules(text=json.dumps(vote.rules)),
        events=read_events(text=votes.events_of(vote).model_dump_json()),
    )
    assert again.model_dump(mode="json") == vote.result


def test_units_of_one_person_are_one_head(cast: Cast) -> None:
    vote = steps.noticed(cast)
    assert steps.entry(vote, 9).owners == steps.entry(vote, 10).owners
    assert len({tuple(one.owners) for one in vote.roll.all()}) == 9


def test_a_unit_without_an_owner_is_the_developers(cast: Cast) -> None:
    units = steps.people(cast)
    units[0].ownerships.all().delete()
    vote = votes.draft_vote(
        cast.estate,
        title="x",
        convener="community_station",
        opens_at=OPENS,
        closes_at=CLOSES,
        motions=[steps.motion()],
        actor=cast.actor("community_station"),
        now=cast.now,
    )
    vote = votes.freeze_roll(vote, actor=cast.actor("community_station"), now=cast.now)
    row = steps.entry(vote, 1)
    assert (row.stock, row.owners) == ("unsold", ["developer"])


# -- notice


@pytest.mark.clause("TL-14", "CC-201")
@pytest.mark.parametrize(("day", "refused"), [(20, True), (21, False)])
def test_fifteen_whole_days_lie_between_notice_and_opening(cast: Cast, day: int, refused: bool) -> None:
    """Noticed on the 5th: the 20th is too early, the 21st is not."""
    opens = OPENS.replace(day=day)
    if not refused:
        assert steps.noticed(cast, opens_at=opens).state == "noticed"
        return
    with _refused("notice_too_short") as caught:
        steps.noticed(cast, opens_at=opens)
    assert "2022年5月21日" in caught.error.message
    assert caught.error.clauses == ("TL-14", "CC-201")


def test_a_vote_that_is_not_checked_is_not_noticed(cast: Cast) -> None:
    vote = steps.drafted(cast)
    with _refused("vote_state"):
        votes.notice_vote(
            vote,
            published_on=cast.now.date(),
            silence_told=False,
            actor=cast.actor("community_station"),
            now=cast.now,
        )


def test_the_log_begins_with_the_notice_and_the_rolls_root(cast: Cast) -> None:
    vote = steps.noticed(cast)
    first = json.loads(Entry.objects.get(log=vote.log).data)
    assert first["kind"] == "NOTICE"
    assert first["roll_root"] == vote.roll_root
    assert set(first["files"]) == {"roll.json"}


# -- rules


def test_the_rules_are_frozen_at_the_opening(cast: Cast) -> None:
    vote = steps.noticed(cast)
    adopt = {"vote_silence": "follow_majority", "vote_proxy_cap": "1"}
    actor = cast.actor("street_office")
    votes.adopt_rules(
        cast.estate, values=adopt, adopted_on=cast.now.date(), document="议事规则第八条", actor=actor, now=cast.now
    )
    vote = votes.open_vote(vote, actor=cast.actor("community_station"), now=OPENS)
    settings = votes.rules_of(vote).settings
    assert (settings.silence.value, settings.silence.origin) == ("follow_majority", "estate")
    assert (settings.proxy.cap, settings.merge.clauses) == (1, ("JJ-A10-2.3-3", "SPC-9"))
    assert settings.developer_stock.origin == "law"
    votes.adopt_rules(
        cast.estate,
        values={"vote_silence": "deem_agree"},
        adopted_on=cast.now.date(),
        document="修改议事规则",
        actor=actor,
        now=cast.now,
    )
    assert votes.rules_of(Vote.objects.get(pk=vote.pk)).settings.silence.value == "follow_majority"


@pytest.mark.clause("MX-3.8.2-1")
def test_a_rule_of_procedure_is_checked_like_any_pack(cast: Cast) -> None:
    with _refused("bad_switch_value"):
        votes.adopt_rules(
            cast.estate,
            values={"vote_silence": "guess"},
            adopted_on=cast.now.date(),
            document="议事规则",
            actor=cast.actor("street_office"),
            now=cast.now,
        )


def test_each_matter_brings_its_threshold(cast: Cast) -> None:
    vote = steps.opened(cast, steps.motion(), steps.motion(matter="raise_fund", title="续筹维修资金"))
    first, second = votes.rules_of(vote).motions
    assert (first.approval.area, first.approval.bound) == ("1/2", "above")
    assert (second.approval.area, second.approval.bound) == ("3/4", "at_least")


# -- ballots


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (OPENS - timedelta(microseconds=1), "vote_not_open"),
        (OPENS, ""),
        (CLOSES - timedelta(microseconds=1), ""),
        (CLOSES, "vote_closed"),
    ],
)
def test_the_edges_of_the_window(cast: Cast, at: Any, code: str) -> None:
    vote = steps.opened(cast)
    if code:
        with _refused(code):
            steps.ballot(vote, 1, at=at)
        assert not Ballot.objects.exists()
    else:
        assert steps.ballot(vote, 1, at=at).pk


def test_a_second_click_gives_the_same_ballot(cast: Cast) -> None:
    vote = steps.opened(cast)
    assert steps.ballot(vote, 1, key="one").pk == steps.ballot(vote, 1, key="one").pk
    assert Ballot.objects.count() == 1


def test_a_changed_ballot_is_counted_once_and_never_lost(cast: Cast) -> None:
    steps.last_ballot_counts(cast)
    vote = steps.opened(cast)
    for number in range(1, 9):
        steps.ballot(vote, number, "oppose")
        steps.ballot(vote, number, "agree", at=VOTING + timedelta(hours=1))
    vote = steps.published(cast, vote)
    assert vote.result is not None
    assert vote.result["motions"][0]["tallied"]["votes"]["agree"]["heads"] == 8
    assert Ballot.objects.count() == 16


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"m9": "agree"}, "unknown_motion"),
        ({"m1": ["c1"]}, "mark_wrong_mark"),
        ({"m1": "follow"}, "mark_follow_not_allowed"),
    ],
)
def test_a_phone_ballot_that_would_not_count_is_told_so_at_once(cast: Cast, choices: Any, code: str) -> None:
    vote = steps.opened(cast)
    with _refused(code):
        steps.ballot(vote, 1, choices)


def test_the_log_commits_to_the_choice_and_does_not_show_it(cast: Cast) -> None:
    vote = steps.opened(cast)
    made = steps.ballot(vote, 1, "oppose")
    data = json.loads(made.entry.data)
    assert "choices" not in data and "oppose" not in made.entry.data
    opening = votes.opening_of(made)
    from gongzhi.proof.leaves import commitment

    assert commitment(opening["value"], salt=bytes.fromhex(opening["salt"]), origin=data["log"]) == data["commitment"]


def test_a_ballot_has_a_promise_at_once_and_a_proof_after_the_close(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    vote = steps.opened(cast)
    made = steps.ballot(vote, 1)
    assert proofs.promise_of(made.entry).holds
    with django_capture_on_commit_callbacks(execute=True):
        steps.closed(cast, vote)
    assert "inclusion" in proofs.receipt(Entry.objects.get(pk=made.entry_id))


def test_an_election(cast: Cast) -> None:
    committee = steps.motion(
        matter="elect_committee",
        title="选举",
        candidates=("甲", "乙", "丙"),
        seats=2,
        alternates=1,
        most_choices=3,
    )
    vote = steps.opened(cast, committee)
    for number in range(1, 9):
        steps.ballot(vote, number, {"m1": ["c1", "c2", "c3"] if number < 6 else ["c1", "c2"]})
    vote = steps.published(cast, vote)
    assert vote.result is not None
    found = {one["name"]: one["standing"] for one in vote.result["motions"][0]["candidates"]}
    assert found == {"甲": "elected", "乙": "elected", "丙": "alternate"}


# -- service, proxies, adjudication


def test_only_the_served_follow_the_majority(cast: Cast) -> None:
    actor = cast.actor("community_station")
    votes.adopt_rules(
        cast.estate,
        values={"vote_silence": "follow_majority"},
        adopted_on=cast.now.date(),
        document="议事规则第八条",
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    vote = steps.opened(cast, silence_told=True)
    for number in range(1, 6):
        steps.ballot(vote, number)
    codes = [steps.entry(vote, number).code for number in (6, 7)]
    votes.serve(vote, units=codes, how="signed", result="served", at=VOTING, actor=actor, now=VOTING)
    unreached = [steps.entry(vote, 8).code]
    votes.serve(vote, units=unreached, how="door", result="undeliverable", at=VOTING, actor=actor, now=VOTING)
    vote = steps.published(cast, vote)
    assert vote.result is not None
    tallied = vote.result["motions"][0]["tallied"]
    assert (tallied["deemed"]["heads"], tallied["silent"]["heads"]) == (2, 2)


def test_a_ballot_posted_at_the_door_needs_a_photo(cast: Cast) -> None:
    vote = steps.opened(cast)
    with _refused("photo_missing"):
        votes.serve(
            vote,
            units=[steps.entry(vote, 1).code],
            how="door",
            result="served",
            at=VOTING,
            actor=cast.actor("community_station"),
            now=VOTING,
        )


def _proxy(cast: Cast, vote: Vote, number: int, **more: Any) -> VoteRecord:
    row = steps.entry(vote, number)
    return votes.record_proxy(
        vote,
        **{
            "principal": row.owners[0],
            "agent": "王某",
            "agent_kind": "relative",
            "units": [row.code],
            "valid_from": OPENS,
            "valid_until": CLOSES,
            "actor": cast.actor("community_station"),
            "now": OPENS,
            **more,
        },
    )


@pytest.mark.clause("TL-12")
def test_the_limits_of_agents(cast: Cast) -> None:
    vote = steps.opened(cast)
    with _refused("agent_barred"):
        _proxy(cast, vote, 1, agent_kind="property_staff")
    for number in (1, 2, 3):
        _proxy(cast, vote, number)
    with _refused("over_cap"):
        _proxy(cast, vote, 4)
    votes.revoke_proxy(vote, proxy="w1", actor=cast.actor("community_station"), now=VOTING)
    assert _proxy(cast, vote, 4).data["id"] == "w4"


def test_an_agents_ballot_counts_until_the_owner_votes_himself(cast: Cast) -> None:
    vote = steps.opened(cast)
    made = _proxy(cast, vote, 1)
    row = steps.entry(vote, 1)
    given = votes.Given("王某", [row.code], {"m1": "agree"}, "desk", VOTING, "agent", proxy=made.data["id"])
    votes.cast(vote, given=given, now=VOTING, actor=cast.actor("community_station"))
    assert votes.counted(vote, sensitivity=False).motions[0].tallied.votes.agree.heads == 1
    steps.ballot(vote, 1, "oppose")
    assert votes.counted(vote, sensitivity=False).motions[0].tallied.votes.oppose.heads == 1


def test_a_faulty_paper_ballot_holds_up_the_result_until_two_settle_it(cast: Cast) -> None:
    vote = steps.opened(cast)
    row = steps.entry(vote, 1)
    given = votes.Given(
        row.owners[0], [row.code], {"m1": "agree"}, "paper", VOTING, "p1", faults=["signature_mismatch"]
    )
    made = votes.cast(vote, given=given, now=VOTING, actor=cast.actor("community_station"))
    vote = steps.closed(cast, vote)
    later, actor = CLOSES + timedelta(days=1), cast.actor("street_office")
    with _refused("unsettled"):
        votes.publish_result(vote, published_on=later.date(), actor=actor, now=later)
    with _refused("too_few_signers"):
        votes.adjudicate(made, decision="valid", by=["甲"], reason="本人确认", actor=actor, now=later)
    votes.adjudicate(made, decision="valid", by=["甲", "乙"], reason="本人确认", actor=actor, now=later)
    vote = votes.publish_result(vote, published_on=later.date(), actor=actor, now=later)
    assert vote.result is not None
    assert vote.result["motions"][0]["tallied"]["votes"]["agree"]["heads"] == 1


# -- objections


def test_an_objection_must_be_answered_before_the_result_stands(cast: Cast) -> None:
    vote = steps.opened(cast)
    for number in range(1, 9):
        steps.ballot(vote, number)
    vote = steps.published(cast, vote)
    assert vote.objection_until is not None
    made = votes.object_to(vote, text="7张票的签名", by_room="1幢001室", now=CLOSES + timedelta(days=2))
    actor = cast.actor("street_office")
    with _refused("objections_open"):
        votes.finalise(vote, actor=actor, now=vote.objection_until)
    votes.decide_objection(made, result="rejected", reply="逐张核对无误", actor=actor, now=vote.objection_until)
    assert votes.finalise(vote, actor=actor, now=vote.objection_until).state == "final"
    with _refused("vote_state"):
        votes.object_to(vote, text="又有", by_room="", now=vote.objection_until)


# -- rights


@pytest.mark.parametrize("role", ["owner", "project_manager", "street_office@2", "police"])
def test_who_may_not_run_a_vote(cast: Cast, role: str) -> None:
    vote = steps.opened(cast)
    with _refused("forbidden"):
        votes.serve(
            vote,
            units=[steps.entry(vote, 1).code],
            how="signed",
            result="served",
            at=VOTING,
            actor=cast.actor(role),
            now=VOTING,
        )


def test_a_convener_cannot_check_his_own_vote_without_the_street(cast: Cast) -> None:
    vote = votes.freeze_roll(steps.drafted(cast), actor=cast.actor("community_station"), now=cast.now)
    with _refused("forbidden"):
        votes.check_vote(vote, agreed=True, opinion="", actor=cast.actor("project_manager"), now=cast.now)


def test_two_clerks_do_not_overwrite_each_other(cast: Cast) -> None:
    vote = steps.drafted(cast)
    votes.freeze_roll(vote, actor=cast.actor("community_station"), now=cast.now)
    with _refused("stale"):
        votes.freeze_roll(vote, actor=cast.actor("community_station"), now=cast.now, version=vote.version)


# -- a government's platform


def _workbook(rows: list[list[str]]) -> bytes:
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return target.getvalue()


def test_where_an_official_platform_must_be_used_its_export_is_counted_and_binds_nobody(cast: Cast) -> None:
    own = {"vote_official_platform": "required", "vote_official_name": "市业主决策平台"}
    votes.adopt_rules(
        cast.estate,
        values=own,
        adopted_on=cast.now.date(),
        document="市里规定",
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    vote = steps.opened(cast)
    with _refused("official_platform"):
        steps.ballot(vote, 1)
    actor, head = cast.actor("community_station"), ["房号", "续聘物业服务企业"]
    wrong = _workbook([head, ["1幢001室", "赞成"], ["9幢", "同意"], ["1幢001室", "同意"]])
    with _refused("official_rows") as caught:
        votes.take_official(vote, content=wrong, actor=actor, now=CLOSES)
    assert "3处" in caught.error.message and not Ballot.objects.exists()
    good = _workbook([head, *[[f"1幢{number:03d}室", "同意"] for number in range(1, 8)], ["1幢008室", ""]])
    taken = votes.take_official(vote, content=good, actor=actor, now=CLOSES)
    assert (taken.ballots, taken.unvoted) == (7, 3)  # two rooms are not in the export at all
    vote = steps.published(cast, vote)
    assert vote.result is not None
    assert (vote.result["motions"][0]["outcome"], vote.result["binding"]) == ("passed", False)


# -- links


def test_a_link_opens_with_the_digits_on_record_and_dies_after_five_wrong_ones(cast: Cast) -> None:
    vote = steps.opened(cast)
    owner = vote.owners.get(code=steps.entry(vote, 3).owners[0])
    token = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=OPENS)
    link = votes.link_of(token)
    assert link is not None and votes.link_of("another") is None
    votes.verify(link, answer="0003", now=VOTING)
    for _ in range(5):
        link = votes.link_of(token)
        assert link is not None
        with _refused("identity_wrong"):
            votes.verify(link, answer="9999", now=VOTING)
    link = votes.link_of(token)
    assert link is not None
    with _refused("link_locked"):
        votes.verify(link, answer="0003", now=VOTING)


def test_the_close_comes_at_its_moment_and_not_before(cast: Cast) -> None:
    vote = steps.opened(cast)
    with pytest.raises(Refused) as early:
        votes.close_vote(vote, actor=cast.actor("community_station"), now=CLOSES - timedelta(seconds=1))
    assert early.value.code == "still_open" and "6日18:00，还没有到" in early.value.message
