"""How values are written in Chinese on pages, in documents and in messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse

from gongzhi.policy.periods import last_minute

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"
FEN_IN_YUAN = 100
HASH_GROUP = 4
TENTH = Decimal("0.1")
HUNDRED = 100
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SOON_DAYS = 7

STRENGTHS = {
    "must": ("应当", "gz-soon"),
    "should": ("原则上", "gz-wait"),
    "may": ("可以", "gz-wait"),
    "explore": ("探索", "gz-wait"),
}
STATES = {
    "fulfilled": ("按期办结", "gz-ok"),
    "fulfilled_late": ("逾期办结", "gz-over"),
    "excused": ("已免除", "gz-wait"),
    "void": ("已作废", "gz-wait"),
    "silent": ("到期视为同意", "gz-ok"),
    "suspended": ("已中止", "gz-wait"),
}


@dataclass(frozen=True, slots=True)
class ClauseReference:
    id: str
    where: str
    says: str = ""
    strength: str = ""
    pack: str = ""
    url: str = ""

    @property
    def strength_words(self) -> str:
        return strength_words(self.strength)[0]

    @property
    def strength_css(self) -> str:
        return strength_words(self.strength)[1]


@dataclass(frozen=True, slots=True)
class DueWords:
    words: str
    css: str
    day: str = ""


def ids_of(value: Any) -> tuple[str, ...]:
    """Clause ids from a text (divided by commas or blanks), a list, one clause or nothing."""
    if not value:
        return ()
    if isinstance(value, str):
        return tuple(part for part in value.replace(",", " ").replace("、", " ").split() if part)
    if isinstance(value, Mapping):
        return (str(value["id"]),) if "id" in value else ()
    if isinstance(value, Iterable):
        return tuple(str(getattr(part, "id", part)) for part in value)
    return (str(getattr(value, "id", value)),)


def clause_reference(clause_id: str) -> ClauseReference:
    found = _clause(clause_id)
    if found is None:
        return ClauseReference(id=clause_id, where=clause_id)
    return ClauseReference(
        id=clause_id,
        where=str(found.where),
        says=str(found.says),
        strength=str(getattr(found, "strength", "") or ""),
        pack=str(getattr(found, "pack", "") or ""),
        url=clause_url(clause_id, str(getattr(found, "pack", "") or "")),
    )


def clauses_in_words(clause_ids: Iterable[str]) -> str:
    """As a paper that is posted cites them: each with its document, every document named once."""
    by_document: dict[str, list[str]] = {}
    for one in clause_ids:
        found, pack = clause_reference(one), _pack_of(one)
        rooted = pack is None or pack.document.extends is None
        title = "" if rooted else str(pack.document.document or pack.title)
        places = by_document.setdefault(title, [])
        if found.where not in places:
            places.append(found.where)
    return "；".join(f"{title}{'、'.join(places)}" for title, places in by_document.items())


def _pack_of(clause_id: str) -> Any:
    slug = clause_reference(clause_id).pack
    return next((one for one in _loaded_packs() if slug and one.document.slug == slug), None)


def clause_url(clause_id: str, pack: str) -> str:
    try:
        return f"{reverse('pack_clauses', args=[pack])}#{clause_id}" if pack else ""
    except NoReverseMatch:
        return ""


def _clause(clause_id: str) -> Any:
    """Ids carry their document's prefix: every loaded document is looked through, the newest answer stays in memory."""
    for pack in _loaded_packs():
        found = pack.clauses.get(clause_id)
        if found is not None:
            return found
    return None


def _loaded_packs() -> list[Any]:
    from gongzhi.core import packs

    return packs.all_packs()


def strength_words(code: Any) -> tuple[str, str]:
    return STRENGTHS.get(str(code or ""), (str(code or ""), "gz-wait"))


def local(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def as_moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return local(value)
    if isinstance(value, str) and value:
        return local(datetime.fromisoformat(value))
    return None


def as_day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return local(value).date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and value:
        return as_day(datetime.fromisoformat(value))
    return None


def cn_date(value: Any) -> str:
    day = as_day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def cn_months(first: Any, last: Any) -> str:
    """2026年10月, or 2026年10月至12月: the months of a period of whole months."""
    begin, end = as_day(first), as_day(last)
    if begin is None or end is None:
        return ""
    if (begin.year, begin.month) == (end.year, end.month):
        return f"{begin.year}年{begin.month}月"
    year = f"{end.year}年" if end.year != begin.year else ""
    return f"{begin.year}年{begin.month}月至{year}{end.month}月"


def cn_day(value: Any) -> str:
    """3月29日: without the year, for tables of this year's work."""
    day = as_day(value)
    return f"{day.month}月{day.day}日" if day else ""


def cn_moment(value: Any) -> str:
    moment = as_moment(value) if not isinstance(value, date) or isinstance(value, datetime) else None
    if moment is None:
        return cn_date(value)
    return f"{cn_date(moment)} {moment:%H:%M}"


# What XML, and with it Word, cannot hold; it comes with text pasted from other programs.
_UNPRINTED = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def printed(value: Any) -> Any:
    """Text for a Word file, in whatever it is packed."""
    if isinstance(value, str):
        return value.translate(_UNPRINTED)
    if isinstance(value, Mapping):
        return {name: printed(one) for name, one in value.items()}
    return [printed(one) for one in value] if isinstance(value, list | tuple) else value


def iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def weekday(value: Any) -> str:
    day = as_day(value)
    return f"星期{WEEKDAYS[day.weekday()]}" if day else ""


def due_moment_words(due_at: datetime) -> str:
    """5月13日24:00 for a whole day, 5月13日15:30 for hours: the last minute that is in time."""
    due = local(due_at)
    last = local(last_minute(due))
    return f"{cn_day(due - timedelta(seconds=1))}24:00" if last == due else f"{cn_day(last)}{last:%H:%M}"


def cn_due(due_at: datetime) -> str:
    """2026年5月13日 for a whole day, 2026年5月13日 15:30 for hours."""
    due = local(due_at)
    last = local(last_minute(due))
    return cn_date(due - timedelta(seconds=1)) if last == due else cn_moment(last)


def due_words(duty: Any, now: datetime) -> DueWords:
    """State in words and the day. A due moment at 00:00 means the end of the day before."""
    state, due_at, provisional = _due_parts(duty)
    if state in STATES:
        words, css = STATES[state]
        return DueWords(words=words, css=css)
    if due_at is None:
        return DueWords(words="没有期限", css="gz-wait")
    whole_day = due_at.hour == 0 and due_at.minute == 0
    last_day = (due_at - timedelta(seconds=1)).date() if whole_day else due_at.date()
    today = local(now).date()
    mark = "（暂定）" if provisional else ""
    left = (last_day - today).days
    if now >= due_at:
        late = max((today - last_day).days, 0)
        words = f"已超{late}日" if late else _late_today(now - last_minute(due_at))
        return DueWords(words=words, css="gz-over", day=cn_day(last_day) + mark)
    if left == 0:
        end = "24:00前" if whole_day else f"{local(last_minute(due_at)):%H:%M}前"
        return DueWords(words="今日到期", css="gz-today", day=end + mark)
    day = cn_day(last_day) if last_day.year == today.year else cn_date(last_day)
    return DueWords(words=f"还剩{left}日", css="gz-soon", day=day + mark)


def _late_today(late: timedelta) -> str:
    hours = int(late / HOUR)
    return f"已超{hours}小时" if hours else f"已超{max(int(late / MINUTE), 1)}分钟"


def _due_parts(duty: Any) -> tuple[str, datetime | None, bool]:
    if duty is None or isinstance(duty, datetime | str):
        return "open", as_moment(duty), False
    take = duty.get if isinstance(duty, Mapping) else lambda name, default=None: getattr(duty, name, default)
    return str(take("state", "open") or "open"), as_moment(take("due_at")), bool(take("provisional", False))


def role_name(code: Any, pack: Any = None) -> str:
    """The city's name of a role when its pack is given, the platform's otherwise."""
    if not code:
        return ""
    named = pack.role_name(str(code)) if hasattr(pack, "role_name") else ""
    return str(named or _vocabulary_name("roles", str(code)))


def matter_name(code: Any, pack: Any = None) -> str:
    if not code:
        return ""
    named = pack.matter_name(str(code)) if hasattr(pack, "matter_name") else ""
    return str(named or _vocabulary_name("matters", str(code)))


def _vocabulary_name(kind: str, code: str) -> str:
    from gongzhi.core import packs

    found = getattr(packs.vocabulary(), kind).get(code)
    return str(found.name) if found is not None else code


def yuan(fen: Any) -> str:
    """386400 分 > 3,864.00元"""
    if fen is None or fen == "":
        return ""
    amount = Decimal(int(fen)) / FEN_IN_YUAN
    return f"{amount:,.2f}元"


def percent(part: int, whole: int, *, places: int = 1, limit: Fraction | None = None, down: bool = False) -> str:
    """88.9%, half up; nothing at all without a whole. Neither the whole nor the limit of a decision is reached by
    rounding: 1,999 of 2,000 are 99.9%. `down` for shares whose limit is not known here."""
    if whole == 0:
        return "—"
    exact, step = Fraction(part * HUNDRED, whole), Decimal(1).scaleb(-places)
    shown = _quantized(exact, step, ROUND_HALF_UP)
    bounds = (Fraction(1), *([] if limit is None else [limit]))
    if down or any(exact < bound * HUNDRED <= Fraction(shown) for bound in bounds):
        shown = _quantized(exact, step, ROUND_DOWN)
    return f"{shown}%"


def _quantized(exact: Fraction, step: Decimal, how: str) -> Decimal:
    return (Decimal(exact.numerator) / exact.denominator).quantize(step, how)


def tenths(value: Decimal | int, divisor: int = 1) -> str:
    """One decimal, half up: 4.7."""
    return str((Decimal(value) / divisor).quantize(TENTH, ROUND_HALF_UP))


def area(value: Any) -> str:
    return "" if value in (None, "") else f"{Decimal(str(value)):,.2f}㎡"


def text_of(value: Any) -> str:
    return str(getattr(value, "slug", value) or "")


def short_hash(value: Any) -> str:
    """The first eight signs in two groups: enough to compare by eye."""
    text = str(value or "").upper()
    return f"{text[:HASH_GROUP]}-{text[HASH_GROUP : 2 * HASH_GROUP]}" if text else ""
