"""A puzzle in words against robots: no script, no picture, no sound, no outside service.

The question goes out with a signed token that holds its number and keyed hashes of the answers that count. It
expires, and counts once: right or wrong, the next try gets another question.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from gongzhi.site import limits, places
from gongzhi.site.models import UsedPuzzle

SALT = "gongzhi.captcha"
LIFETIME = timedelta(hours=1)
ANSWER_FIELD = "puzzle_answer"
TOKEN_FIELD = "puzzle_token"  # noqa: S105  the name of a form field
TRAP_FIELD = "homepage"
DIGITS = "零一二三四五六七八九"
TEN = 10

EXPIRED = "这道题过期了，请答新的一题。"
WRONG = "答得不对，请答新的一题。数字写汉字或者阿拉伯数字都行。"
EMPTY = "请回答这道题。"

GROUPS = {
    "水果": ("苹果", "香蕉", "葡萄", "西瓜", "桃子", "梨子"),
    "动物": ("老虎", "大象", "兔子", "山羊", "松鼠", "骆驼"),
    "颜色": ("红色", "绿色", "黄色", "紫色", "蓝色", "白色"),
    "季节": ("春天", "夏天", "秋天", "冬天"),
    "家具": ("桌子", "椅子", "衣柜", "书架", "沙发"),
    "交通工具": ("火车", "飞机", "轮船", "公交车", "自行车"),
    "乐器": ("钢琴", "二胡", "笛子", "古筝", "唢呐"),
}
PHRASES = ("东南西北", "春夏秋冬", "柴米油盐", "琴棋书画", "风和日丽", "邻里和睦", "安居乐业")


@dataclass(frozen=True, slots=True)
class Puzzle:
    question: str
    token: str


@dataclass(frozen=True, slots=True)
class Draft:
    question: str
    answers: tuple[str, ...]


def chinese(number: int) -> str:
    """0 to 99 in Chinese numerals."""
    tens, ones = divmod(number, TEN)
    if not tens:
        return DIGITS[ones]
    head = "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones else "")


def _number_answers(number: int) -> tuple[str, ...]:
    return (str(number), chinese(number))


def _sum() -> Draft:
    first, second = secrets.randbelow(8) + 2, secrets.randbelow(8) + 2
    return Draft(f"{chinese(first)}加{chinese(second)}等于几？", _number_answers(first + second))


def _difference() -> Draft:
    first, second = secrets.randbelow(9) + 11, secrets.randbelow(8) + 2
    return Draft(f"{chinese(first)}减{chinese(second)}等于几？", _number_answers(first - second))


def _largest() -> Draft:
    numbers = _sample(range(1, 20), 3)
    shown = "、".join(chinese(number) for number in numbers)
    return Draft(f"{shown}，哪一个数最大？", _number_answers(max(numbers)))


def _odd_one() -> Draft:
    wanted, other = _sample(tuple(GROUPS), 2)
    answer = secrets.choice(GROUPS[wanted])
    words = _sample((answer, *_sample(GROUPS[other], 2)), 3)
    return Draft(f"“{'、'.join(words)}”里，哪一个是{wanted}？请写出这个词。", (answer,))


def _letter() -> Draft:
    phrase = secrets.choice(PHRASES)
    place = secrets.randbelow(len(phrase))
    return Draft(f"“{phrase}”的第{chinese(place + 1)}个字是什么？", (phrase[place],))


KINDS: tuple[Callable[[], Draft], ...] = (_sum, _difference, _largest, _odd_one, _letter)


def _sample(population: Sequence[Any], size: int) -> list[Any]:
    return secrets.SystemRandom().sample(list(population), size)


def new_puzzle() -> Puzzle:
    draft = secrets.choice(KINDS)()
    number = secrets.token_urlsafe(12)
    hashes = [_hashed(number, answer) for answer in draft.answers]
    return Puzzle(draft.question, signing.dumps({"n": number, "q": draft.question, "a": hashes}, salt=SALT))


def _normal(answer: str) -> str:
    wide = {ord("０") + digit: str(digit) for digit in range(TEN)}
    return answer.translate(wide).strip().strip("。.“”\"'　 ").replace(" ", "")


def _hashed(number: str, answer: str) -> str:
    text = f"{number}\n{_normal(answer)}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()[:32]


def _opened(token: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return found


def shown_again(token: str) -> Puzzle | None:
    """The same question for a form that comes back for other reasons; None when it is spent or expired."""
    content = _opened(token)
    if content is None or UsedPuzzle.objects.filter(number=content["n"]).exists():
        return None
    return Puzzle(content["q"], token)


def fault(token: str, answer: str, *, now: datetime) -> str:
    """What is wrong with the answer, or "". Spends the question."""
    content = _opened(token)
    if content is None:
        return EXPIRED
    if not answer.strip():
        return EMPTY
    try:
        with transaction.atomic():
            UsedPuzzle.objects.create(number=content["n"], used_at=now)
    except IntegrityError:
        return EXPIRED
    given = _hashed(content["n"], answer)
    return "" if any(hmac.compare_digest(given, wanted) for wanted in content["a"]) else WRONG


class Guard:
    """What a public form is handed: the puzzle and the counted door. Below the site nobody imports this module."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def puzzle(self) -> Puzzle:
        kept = shown_again(self.request.POST.get(TOKEN_FIELD, "")) if self.request.method == "POST" else None
        return kept or new_puzzle()

    def fault(self, *, now: datetime) -> str:
        if self.request.POST.get(TRAP_FIELD):
            return WRONG
        return fault(self.request.POST.get(TOKEN_FIELD, ""), self.request.POST.get(ANSWER_FIELD, ""), now=now)

    def too_many(self, scope: str, key: str = "", *, now: datetime) -> bool:
        limit = LIMITS[scope]
        return limits.too_many(limit, key or limits.address_of(self.request), now=now)

    def count(self, scope: str, key: str = "", *, now: datetime) -> None:
        limit = LIMITS[scope]
        limits.count(limit, key or limits.address_of(self.request), now=now)


LIMITS = {
    "complain": limits.COMPLAIN_ADDRESS,
    "object": limits.OBJECT_ADDRESS,
    "track_address": limits.TRACK_ADDRESS,
    "track_number": limits.TRACK_NUMBER,
}


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hands a public view its guard as `request.guard`, and the county it serves as `request.home_path`."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.guard = Guard(request)  # type: ignore[attr-defined]
        request.home_path = places.home_path()  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return wrapped
