"""Paper ballots through their whole way: printed with a code, handed in and scanned, read by two people, counted.

What is not surely a unit's own first ballot never counts by itself: it goes in with its fault, for scrutineers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from gongzhi.core import display
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.files import keep
from gongzhi.core.refs import Ref
from gongzhi.governance.tally.electorate import decides
from gongzhi.governance.tally.parts import ANSWERS, square_metres
from gongzhi.governance.tally.rules import Rules
from gongzhi.governance.votes.identity import identity_check
from gongzhi.governance.votes.models import RollEntry, RollOwner, Vote, VoteRecord
from gongzhi.governance.votes.paper.codes import BadCode, new_code, read_code
from gongzhi.governance.votes.paper.models import PaperCode, PaperSheet
from gongzhi.governance.votes.paper.printing import PollSheet, PrintedBallot, PrintedMotion, ballots_pdf
from gongzhi.governance.votes.paper.scanning import scanned_pages
from gongzhi.governance.votes.paper.words import FAULTS_SEEN, OPEN_STATES
from gongzhi.governance.votes.queries import corrections_of, silence_clauses, silence_words
from gongzhi.governance.votes.services.balloting import Given, cast, rules_of
from gongzhi.governance.votes.services.common import entered, locked, tell
from gongzhi.governance.votes.services.links import MOST_FAILURES, further
from gongzhi.governance.votes.services.rules import rules_for
from gongzhi.governance.votes.words import PAPER_SCANS

RUNNING = ("noticed", "open")
JPEG = "image/jpeg"
ANSWERED = ("agree", "oppose", "abstain")
HASH_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """What one person read on a page. `unit`: only where the page has no code; `proxy`: a recorded instrument."""

    voter: str
    choices: Mapping[str, Any]
    faults: tuple[str, ...] = ()
    unit: str = ""
    proxy: str = ""

    def kept(self) -> dict[str, Any]:
        return {**asdict(self), "choices": dict(self.choices), "faults": sorted(set(self.faults))}


@transaction.atomic
def print_ballots(
    vote: Vote,
    *,
    entries: Sequence[RollEntry],
    returns: str,
    address: str,
    actor: Actor,
    now: datetime,
    again: bool = False,
) -> bytes:
    """The ballots of these units as one PDF. `address`: what a code leads to; `returns`: where to hand them in.

    A unit that has a ballot already is refused (`printed_already`), unless `again`: then the earlier code is void.
    """
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=RUNNING, doing="打印选票")
    _refuse_secret(vote)
    if not entries:
        raise Refused("no_units", "请至少选一套房屋。", fields={"units": "请选择房屋"})
    if not returns.strip():
        raise Refused("returns_missing", "请写明选票交到哪里。", fields={"returns": "请填写"})
    rows = [one for one in entries if one.vote_id == vote.pk]
    earlier = PaperCode.objects.filter(vote=vote, roll_entry__in=rows, void_at=None)
    count = earlier.count()
    if count and not again:
        raise Refused(
            "printed_already",
            f"所选房屋中有{count}套已经打印过。补发会作废原来的票，确要补发请勾选“作废原票并补发”。",
            fields={"again": "请勾选，或只选没有打印过的房屋"},
        )
    earlier.update(void_at=now)
    codes = PaperCode.objects.bulk_create(
        PaperCode(vote=vote, roll_entry=one, code=new_code(), printed_at=now) for one in rows
    )
    pdf = ballots_pdf(_poll(vote, returns), _motions(vote), _printed(vote, codes, address), now=now)
    tell(vote, kind="vote.ballots_printed", actor=actor, now=now, data={"units": len(codes), "again": count})
    return pdf


def _refuse_secret(vote: Vote) -> None:
    if vote.secret:
        raise Refused(
            "vote_is_secret", "无记名选举不用带房号的纸质票。请到“现场投票”里打印无记名的纸质票，当众拆封代录。"
        )


@transaction.atomic
def receive_pages(
    vote: Vote, *, content: bytes, received_at: datetime, actor: Actor, now: datetime
) -> list[PaperSheet]:
    """Keeps every page of a scan with its image, and finds the printed codes on them. Images stand in the vote's log.

    `received_at`: when the ballots were handed in; one handed in at or after the closing moment is refused.
    """
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("open",), doing="登记交回的选票")
    _refuse_secret(vote)
    if not vote.opens_at <= received_at < vote.closes_at or received_at > now:
        raise Refused(
            "received_at",
            "交回时间要在表决开始以后、截止以前，且不晚于现在。截止以后交回的不收。",
            fields={"received_at": "请核对交回时间"},
        )
    pages = scanned_pages(content)
    codes = {one.code: one for one in PaperCode.objects.filter(vote=vote, code__in=[page.code for page in pages])}
    last = PaperSheet.objects.filter(vote=vote).aggregate(last=Max("number"))["last"] or 0
    owner = Ref(PAPER_SCANS, str(vote.pk), vote.title, vote.place_path)
    sheets = []
    for page in pages:
        number = last + page.number
        image = keep(page.image, name=f"选票第{number}页.jpg", content_type=JPEG, owner=owner, actor=actor, now=now)
        code = codes.get(page.code or "")
        sheets.append(PaperSheet(vote=vote, number=number, code=code, image=image, received_at=received_at))
    made = PaperSheet.objects.bulk_create(sheets)
    images = [sheet.image.sha256 for sheet in made]
    entered(vote, kind="SCAN", data={"images": images}, at=received_at, actor=actor, now=now)
    known = sum(sheet.code_id is not None for sheet in made)
    tell(vote, kind="vote.pages_received", actor=actor, now=now, data={"pages": len(made), "known": known})
    return made


@transaction.atomic
def name_code(sheet: PaperSheet, *, typed: str, version: int | None, actor: Actor, now: datetime) -> PaperSheet:
    """The code that the scan did not yield, typed from the page."""
    core.require(actor, "vote.run", sheet.vote)
    sheet = _held(sheet, version, states=("waiting",))
    try:
        code = PaperCode.objects.filter(vote=sheet.vote, code=read_code(typed)).first()
    except BadCode as error:
        raise Refused(
            "bad_code", "票号不对：11位，字母I、O不用。请照票面右上角重新填。", fields={"code": "请核对票号"}
        ) from error
    if code is None:
        raise Refused(
            "unknown_code",
            "这次表决没有打印过这个票号。请核对；确实不在册的，留空，由两人按房号录入，再由监票人认定。",
            fields={"code": "不在册"},
        )
    sheet.code = code
    _save(sheet, "code")
    tell(sheet.vote, kind="vote.sheet_named", actor=actor, now=now, data={"sheet": sheet.number})
    return sheet


@transaction.atomic
def read_sheet(sheet: PaperSheet, *, reading: Reading, version: int | None, actor: Actor, now: datetime) -> PaperSheet:
    """What one person read. Two different people; when both read the same, the ballot counts. Either may read again."""
    core.require(actor, "vote.run", sheet.vote)
    sheet = _held(sheet, version, states=OPEN_STATES)
    _refuse_reading(sheet, reading)
    if actor.user is None:
        raise Refused("reader", "录入要用本人账号。")
    kept = reading.kept()
    if sheet.first_by_id in (None, actor.user.pk):
        sheet.first, sheet.first_by = kept, actor.user
    elif sheet.second_by_id in (None, actor.user.pk):
        sheet.second, sheet.second_by = kept, actor.user
    else:
        raise Refused("reader", "这一页已由另外两人录入，请由他们中的一人核对影像后改。")
    fields = ["first", "first_by", "second", "second_by", "state"]
    if sheet.first is None or sheet.second is None:
        sheet.state = "once"
    elif sheet.first != sheet.second:
        sheet.state = "differs"
    else:
        sheet.ballot = _counted(sheet, reading, actor=actor, now=now)
        sheet.state = "counted"
        fields.append("ballot")
    _save(sheet, *fields)
    tell(sheet.vote, kind="vote.sheet_read", actor=actor, now=now, data={"sheet": sheet.number, "state": sheet.state})
    return sheet


@transaction.atomic
def set_aside(sheet: PaperSheet, *, reason: str, version: int | None, actor: Actor, now: datetime) -> PaperSheet:
    """A page that is no ballot: a blank back, another paper. It stays on record with its image."""
    core.require(actor, "vote.adjudicate", sheet.vote)
    sheet = _held(sheet, version, states=OPEN_STATES)
    if not reason.strip():
        raise Refused("reason_missing", "请写明这一页为什么不录入。", fields={"reason": "请填写"})
    sheet.state, sheet.reason = "set_aside", reason.strip()
    _save(sheet, "state", "reason")
    tell(sheet.vote, kind="vote.sheet_set_aside", actor=actor, now=now, data={"sheet": sheet.number})
    return sheet


def open_by_code(code: PaperCode, *, answer: str, now: datetime) -> str:
    """An owner scans the code of his ballot and shows who he is: a token for the phone page, beside the link sent.

    Refuses a wrong answer, and every answer after some wrong ones. A void ballot's code leads nowhere.
    """
    if code.failures >= MOST_FAILURES:
        raise Refused("link_locked", "核验不符已满5次，扫码投票已停用。请交回纸质票，或到社区、业委会现场投票。")
    owners = RollOwner.objects.filter(
        vote=code.vote, code__in=code.roll_entry.voters or code.roll_entry.owners, person__isnull=False
    )
    for owner in owners.select_related("person"):
        if owner.person is not None and identity_check().holds(owner.person, answer, now=now):
            return further(code.vote, owner=owner.code, now=now, verified=True)
    PaperCode.objects.filter(pk=code.pk).update(failures=F("failures") + 1)
    left = MOST_FAILURES - code.failures - 1
    raise Refused(
        "identity_wrong",
        f"和登记的不一致，还可以试{left}次。登记有误的，请到社区更正，或交回纸质票。",
        fields={"answer": "和登记的不一致"},
    )


def _held(sheet: PaperSheet, version: int | None, *, states: Sequence[str]) -> PaperSheet:
    locked(sheet.vote, states=("open",), doing="录入选票")
    row = PaperSheet.objects.select_for_update(of=("self",)).select_related("vote__log", "code__roll_entry", "image")
    found = row.get(pk=sheet.pk)
    core.check_version(found, version)
    if found.state not in states:
        raise Refused("sheet_state", f"第{found.number}页{found.get_state_display()}，不能再改。")
    return found


def _save(sheet: PaperSheet, *fields: str) -> None:
    sheet.version += 1
    sheet.save(update_fields=[*fields, "version"])


def _refuse_reading(sheet: PaperSheet, reading: Reading) -> None:
    unknown = set(reading.faults) - set(FAULTS_SEEN)
    if unknown:
        raise ValueError(f"unknown faults {sorted(unknown)}")
    entry = _entry(sheet, reading)
    if entry is None:
        raise Refused("unknown_unit", "请选择这张票是哪一套房屋的。", fields={"unit": "请选择房屋"})
    if reading.proxy:
        instrument = VoteRecord.objects.filter(vote=sheet.vote, kind="PROXY", data__id=reading.proxy).first()
        if (
            instrument is None
            or instrument.data["agent"] != reading.voter
            or entry.code not in instrument.data["units"]
        ):
            raise Refused("proxy", "这份委托书不是这套房屋和这名代理人的，请核对编号。", fields={"proxy": "请核对"})
    elif reading.voter not in {*entry.owners, *entry.voters}:
        raise Refused("voter", "签名的人不是这套房屋名册上的业主，请核对。", fields={"voter": "请选择业主"})


def _entry(sheet: PaperSheet, reading: Reading) -> RollEntry | None:
    if sheet.code is not None:
        return sheet.code.roll_entry
    return RollEntry.objects.filter(vote=sheet.vote, code=reading.unit).first() if reading.unit else None


def _counted(sheet: PaperSheet, reading: Reading, *, actor: Actor, now: datetime) -> Any:
    entry = _entry(sheet, reading)
    given = Given(
        voter=reading.voter,
        units=[entry.code] if entry else [],
        choices=reading.choices,
        channel="paper",
        at=sheet.received_at,
        key=f"paper:{sheet.pk}",
        proxy=reading.proxy,
        faults=[*reading.faults, *_faults_of_code(sheet)],
        entered_by=sorted(str(one) for one in (sheet.first_by, sheet.second_by) if one is not None),
        image=sheet.image,
    )
    return cast(sheet.vote, given=given, now=now, actor=actor)


def _faults_of_code(sheet: PaperSheet) -> list[str]:
    if sheet.code is None:
        return ["unknown_code"]
    found = ["void_code"] if sheet.code.void_at is not None else []
    others = PaperSheet.objects.filter(code=sheet.code, number__lt=sheet.number).exclude(state="set_aside")
    return [*found, *(["duplicate_code"] if others.exists() else [])]


def _rules(vote: Vote) -> Rules:
    return rules_of(vote) if vote.rules else rules_for(vote, on=core.local_day(vote.opens_at))


def _poll(vote: Vote, returns: str) -> PollSheet:
    rules = _rules(vote)
    official = rules.settings.official_platform.value == "required"
    told = (one for motion in rules.motions for one in motion.approval.clauses)
    clauses = dict.fromkeys((*told, *silence_clauses(rules)))
    return PollSheet(
        title=vote.title,
        estate=vote.estate.name,
        closes=display.cn_moment(vote.closes_at),
        returns=returns.strip(),
        rules_hash=vote.rules_hash[:HASH_SHOWN] or "开始表决时公布",
        silence=silence_words(rules),
        phone="" if official else f"打开后核对{identity_check().label}。",
        basis="；".join(dict.fromkeys(display.clause_reference(one).where for one in clauses)),
    )


def _motions(vote: Vote) -> list[PrintedMotion]:
    follow = _rules(vote).settings.follow_choice.value == "allowed"
    options = tuple(ANSWERS[one] for one in (*ANSWERED, *(("follow",) if follow else ())))
    found = []
    rules = {one.motion: one.election for one in _rules(vote).motions}
    for motion in vote.motions.order_by("position"):
        election = motion.election or {}
        names = tuple(one.get("name") or one["candidate"] for one in election.get("candidates", ()))
        chosen = rules[motion.code]
        most = (chosen.most_choices or chosen.seats) if chosen else 0
        found.append(
            PrintedMotion(
                str(motion.position),
                motion.title,
                motion.text,
                hint=f"最多同意{most}人" if names else "",
                candidates=names,
                options=("同意",) if names else options,
            )
        )
    return found


def _printed(vote: Vote, codes: Sequence[PaperCode], address: str) -> list[PrintedBallot]:
    """With the area as a correction of the roll left it."""
    rules, put_right = _rules(vote), corrections_of(vote)
    found = []
    for code in codes:
        entry = code.roll_entry
        row = put_right[entry.code].row if entry.code in put_right else entry.counted_as
        motions = (str(number) for number, one in enumerate(rules.motions, 1) if decides(row, one.scope))
        found.append(
            PrintedBallot(
                unit=entry.room,
                owners=f"{len(entry.owners)}人共有" if len(entry.owners) > 1 else "",
                area=f"{square_metres(row.area)}平方米",
                code=code.code,
                address=f"{address.rstrip('/')}/{code.code}",
                motions=tuple(motions),
            )
        )
    return found
