"""What comes next of a vote, in words and as the one main button: what can be done now, never what waits for a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date, cn_moment
from gongzhi.governance.tally.reporting import earliest_opening
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Motion, Vote, VoteRecord
from gongzhi.governance.votes.paper import queries as paper
from gongzhi.governance.votes.secret import queries as secret_queries
from gongzhi.governance.votes.secret import weights
from gongzhi.governance.votes.services.rules import notice_days
from gongzhi.policy.periods import due_text

# What may be done next, by state: (act, title, right).
ACTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "draft": (("mingce", "锁定名册", "vote.run"), ("hedui", "核对", "vote.check"), ("gaiqi", "改时间", "vote.draft")),
    "checked": (
        ("gonggao", "公告", "vote.run"),
        ("mingce", "重新锁定名册", "vote.run"),
        ("gaiqi", "改时间", "vote.draft"),
    ),
    "noticed": (("kaishi", "开始表决", "vote.run"), ("weituo", "委托", "vote.run")),
    "open": (
        ("jiezhi", "截止", "vote.run"),
        ("xianchang", "现场投票", "vote.run"),
        ("weituo", "委托", "vote.run"),
        ("daoru", "导入官方平台结果", "vote.run"),
    ),
    "closed": (
        ("huizong", "汇总加密票", "vote.count"),
        ("gongshi", "公示结果", "vote.count"),
        ("guanfang", "核对官方结果", "vote.count"),
    ),
    "published": (
        ("shengxiao", "确定结果", "vote.count"),
        ("gongshi", "重新公示", "vote.count"),
        ("chouqian", "登记抽签", "vote.count"),
        ("guanfang", "核对官方结果", "vote.count"),
    ),
    "final": (("beian", "备案", "vote.file"),),
}
BEFORE_NOTICE = ("draft", "checked")
STOPPABLE = ("draft", "checked", "noticed", "open")


@dataclass(frozen=True)
class Step:
    """`act` is the main one; `link` (address, words) leads to what is done on another page first."""

    says: str
    act: str = ""
    link: tuple[str, str] | None = None


@dataclass(frozen=True)
class Caution:
    """What a draft should not go on with unseen. `links`: (address, words) of what to do."""

    title: str
    says: str
    links: tuple[tuple[str, str], ...] = ()
    clauses: tuple[str, ...] = ()
    ok: bool = False


def cautions(vote: Vote, now: datetime) -> list[Caution]:
    """An election that seats nobody; a secret one, with how many would vote in it."""
    found = [_unseating(vote, one) for one in queries.unseating(vote)]
    if vote.secret and vote.state in BEFORE_NOTICE:
        look = weights.outlook(vote, now)
        says = look.says if look.enough else f"{look.says}人数补不够的，请终止这一次，按记名另拟。"
        title = "人数够无记名" if look.enough else "人数不够，不能无记名"
        found.append(Caution(title, says, clauses=look.clauses, ok=look.enough))
    return found


def _unseating(vote: Vote, motion: Motion) -> Caution:
    title = f"“{motion.title}”选出的人不会自动到任"
    bodies = (reverse("bodies:estate", args=[vote.estate_id]), "小区的组织")
    if vote.state not in BEFORE_NOTICE:
        says = (
            "这项选举不是从组建（换届）来的，结果生效后不会产生业委会。要到任、备案，请在小区的组织页启动组建（换届），"
            "候选人审核、公示后，在组建页接收选举结果，或者另行选举。"
        )
        return Caution(title, says, (bodies,))
    change = (reverse("governance:motion_change", args=[vote.pk, motion.position]), "修改议题")
    says = (
        "这项选举不是从组建（换届）来的：候选人没有经过审核和公示，结果生效后也不会产生业委会。"
        "请先在小区的组织页启动组建、换届或补选，公示候选人，再修改这个议题，选“所依的选举或会议”。"
    )
    if vote.state == "checked":
        return Caution(title, f"{says}已经核对的，先重新锁定名册才能修改。", (bodies,))
    return Caution(title, says, (bodies, change))


def next_step(vote: Vote, now: datetime) -> Step | None:
    """What is due now; None where nothing is left to do."""
    finder = _STEPS.get(vote.state)
    return finder(vote, now) if finder else None


def acts_of(vote: Vote, actor: Actor, now: datetime) -> list[tuple[str, str, bool]]:
    """(act, title, whether it is the main one) of what the actor may do now."""
    due = next_step(vote, now)
    return [
        (act, title, due is not None and act == due.act)
        for act, title, right in ACTS.get(vote.state, ())
        if _offered(vote, act, now) and core.may(actor, right, vote)
    ]


def stoppable(vote: Vote) -> bool:
    """A secret election still after its close, for as long as its totals are not opened."""
    if vote.state in STOPPABLE:
        return True
    ceremony = secret_queries.ceremony_of(vote)
    return vote.state == "closed" and ceremony is not None and ceremony.opened_at is None


def act_url(vote: Vote, act: str) -> str:
    if act == "weituo":
        return reverse("governance:proxies", args=[vote.pk])
    return reverse("governance:act", args=[vote.pk, act])


def _offered(vote: Vote, act: str, now: datetime) -> bool:
    """Nothing whose day has not come; a vote is taken here or on a government's platform, never on both."""
    if act == "hedui":
        return vote.roll_frozen_at is not None
    if act in ("jiezhi", "daoru"):
        return now >= vote.closes_at and (act == "jiezhi" or bool(queries.official_platform(vote)))
    if act == "xianchang":
        return not vote.secret and not queries.official_platform(vote) and now < vote.closes_at
    if act == "huizong":
        ceremony = secret_queries.ceremony_of(vote)
        return ceremony is not None and ceremony.sums is None
    if act == "gongshi":  # at once where nothing is to be opened, otherwise after the opening
        ceremony = secret_queries.ceremony_of(vote)
        return ceremony is None or ceremony.opened_at is not None
    if act == "shengxiao":
        return vote.objection_until is None or now >= vote.objection_until
    if act == "chouqian":
        return _tied(vote) and not _drawn(vote)
    return bool(queries.official_platform(vote)) if act == "guanfang" else True


def _tied(vote: Vote) -> bool:
    result = queries.result_of(vote)
    return result is not None and any(queries.waits_for_a_lot(one) for one in result.motions)


def _drawn(vote: Vote) -> bool:
    """Whether lots were drawn since the result was last put up."""
    last = vote.records.filter(kind__in=("LOT", "RESULT")).order_by("pk").last()
    return last is not None and last.kind == "LOT"


def _consent(vote: Vote, now: datetime, before: str) -> str:
    """Whose consent is lacking; empty where none is wanted."""
    on = core.local_day(now)
    wanted = None if vote.consented_at else votes.consent_of(vote, on)
    return core.role_name(wanted.by, place_path=vote.place_path, on=on) if wanted and wanted.before == before else ""


def _drafted(vote: Vote, now: datetime) -> Step:
    if vote.roll_frozen_at is None:
        return Step("议题齐了就锁定名册，今天登记的房屋和业主成为底册。", "mingce")
    return Step("名册已锁定，待镇街或社区核对名册和议题。", "hedui")


def _checked(vote: Vote, now: datetime) -> Step:
    if who := _consent(vote, now, "notice"):
        return Step(f"公告以前还要{who}审批。", "queren")
    today = core.local_day(now)
    days, counting, _ = notice_days(vote, today)
    earliest = earliest_opening(today, days, counting)
    if core.local_day(vote.opens_at) < earliest:
        return Step(f"今天公告，要公告{days}日，最早{cn_date(earliest)}开始表决。请先改时间。", "gaiqi")
    return Step(f"已核对，今天可以公告。要公告{days}日，{cn_moment(vote.opens_at)}开始表决。", "gonggao")


def _noticed(vote: Vote, now: datetime) -> Step:
    if now >= vote.closes_at:
        return Step("截止时间已过，没有开始表决。请终止这一次，另行公告。")
    roll = (reverse("governance:roll", args=[vote.pk]), "名册和送达")
    if core.local_day(now) < core.local_day(vote.opens_at):
        return Step(f"公告中，{cn_moment(vote.opens_at)}开始表决。这几天送达表决票、登记委托、更正名册。", link=roll)
    ceremony = secret_queries.ceremony_of(vote)
    if vote.secret and (ceremony is None or ceremony.state != "ready"):
        trustees = (reverse("governance:trustees", args=[vote.pk]), "托管人")
        return Step("密钥还没有备好：托管人各自办完三步，才能开始表决。", link=trustees)
    return Step("到了开始的日子，请办开始表决，锁定计票规则。", "kaishi")


def _open(vote: Vote, now: datetime) -> Step:
    if now < vote.opens_at:
        return Step(f"计票规则已锁定，{cn_moment(vote.opens_at)}起收票。")
    if now < vote.closes_at:
        left = queries.service_of(vote).waiting
        says = f"正在投票，{cn_moment(vote.closes_at)}截止，到时才能办截止。"
        roll = (reverse("governance:roll", args=[vote.pk]), f"还有{left}套没有送达") if left else None
        return Step(says, "" if vote.secret or queries.official_platform(vote) else "xianchang", roll)
    if queries.official_platform(vote) and not Ballot.objects.filter(vote=vote, channel="official").exists():
        return Step("投票时间已到，先导入官方平台导出的逐户明细，再办截止。", "daoru")
    if unread := paper.progress(vote).unread:
        says = f"投票时间已到，还有{unread}页交回的纸质票没有录完，录完再办截止。"
        return Step(says, link=(reverse("governance:paper", args=[vote.pk]), "去录入"))
    return Step("投票时间已到，请办截止，封存票册。", "jiezhi")


def _closed(vote: Vote, now: datetime) -> Step:
    ceremony = secret_queries.ceremony_of(vote)
    if ceremony is not None and ceremony.sums is None:
        return Step("先汇总加密票，再请托管人开票。", "huizong")
    if ceremony is not None and ceremony.opened_at is None:
        return Step("加密票已汇总，待托管人开票。", link=(reverse("governance:trustees", args=[vote.pk]), "托管人"))
    if faulty := len(list(_unsettled(vote))):
        return Step(f"还有{faulty}张有瑕疵的票没有认定，认定完才能公示。", link=("#h-faulty", "去认定"))
    wanted = votes.supervision_of(vote, core.local_day(now))
    if wanted.blocking and wanted.missing:
        return Step("还没有指导监督的意见，填写以后才能公示。", "yijian")
    return Step("票已封存、算出，请公示结果草案，从公示起算异议期。", "gongshi")


def _unsettled(vote: Vote) -> Iterator[str]:
    records = VoteRecord.objects.filter(vote=vote, kind="ADJUDICATE").values_list("data", flat=True)
    settled = {one["ballot"] for one in records}
    faulty = Ballot.objects.filter(vote=vote).exclude(faults=[]).values_list("number", flat=True)
    return (one for one in faulty if one not in settled)


def _published(vote: Vote, now: datetime) -> Step:
    if _tied(vote) and _drawn(vote):
        return Step("抽签已登记，请重新公示结果。", "gongshi")
    if _tied(vote):
        return Step("有得票相同的，请当众抽签、登记抽签，再重新公示。", "chouqian")
    if left := vote.objections.filter(result="").count():
        return Step(f"还有{left}件异议没有答复，答复完结果才能生效。", link=("#h-obj", "去答复"))
    if vote.objection_until is not None and now < vote.objection_until:
        return Step(f"异议期到{due_text(vote.objection_until)}，期满才能确定结果。")
    if who := _consent(vote, now, "result"):
        return Step(f"异议期已满，生效以前还要{who}确认。", "queren")
    return Step("异议期已满，没有未答复的异议，可以确定结果。", "shengxiao")


def _final(vote: Vote, now: datetime) -> Step:
    return Step(f"结果已生效。{''.join(_unfilled(vote))}请下载备案表，报送以后登记备案。", "beian")


def _unfilled(vote: Vote) -> Iterator[str]:
    """Of an election that filled a part of its seats: how many are left for another one."""
    partly = {one.code: one for one in vote.motions.filter(outcome="partly_elected")}
    result = queries.result_of(vote) if partly else None
    for counted in result.motions if result else ():
        motion = partly.get(counted.motion)
        if motion is not None and motion.election is not None:
            seats, won = motion.election["seats"], sum(one.standing == "elected" for one in counted.candidates)
            yield f"“{motion.title}”应选{seats}名，当选{won}名，还缺{seats - won}名，要另行选举。"


_STEPS: dict[str, Any] = {
    "draft": _drafted,
    "checked": _checked,
    "noticed": _noticed,
    "open": _open,
    "closed": _closed,
    "published": _published,
    "final": _final,
}
