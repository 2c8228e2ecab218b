"""What the three formats have in common: strict immutable values, exact ratios, named positions."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=1000)]
# "2/3": never a decimal fraction, never a percentage.
Ratio = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,5})/[1-9][0-9]{0,5}$")]
# Whole units of 0.01 m².
Area = Annotated[int, Field(ge=0, le=10**12)]
Moment = AwareDatetime

Answer = Literal["agree", "oppose", "abstain", "follow"]
Channel = Literal["phone", "desk", "paper", "official"]

ANSWERS = {"agree": "同意", "oppose": "反对", "abstain": "弃权", "follow": "从多数"}
CHANNELS = {"phone": "手机", "desk": "现场", "paper": "纸质", "official": "官方平台"}


class Part(BaseModel):
    """Strict: a number is a number and a text a text; an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def fraction(ratio: str) -> tuple[int, int]:
    above, below = ratio.split("/")
    return int(above), int(below)


def day_words(day: date) -> str:
    """2026年3月17日."""
    return f"{day.year}年{day.month}月{day.day}日"


def square_metres(area: int) -> str:
    """Of whole hundredths: `7,500.03`."""
    return f"{area // 100:,}.{area % 100:02d}"
