"""Whose fault it is when a rule cannot be followed: the pack's, which a person must look at, or the platform's own."""

from gongzhi.core.dispatcher import TooDeep
from gongzhi.core.errors import Refused
from gongzhi.core.recording import BadEvent
from gongzhi.policy.problems import PACK_FAULTS


class Unfollowable(ValueError):
    """A rule names something that is not there at this place: a unit, a paper, a document."""


# Told apart before the pack's: an undeclared payload and an endless chain are the platform's own doing.
OURS = (BadEvent, TooDeep)
# A figure without a value, a period that makes no sense, a unit that nobody registered, a broken pack.
OF_THE_PACK = (*PACK_FAULTS, Refused)


class OurFault(Exception):  # noqa: N818 - the word says whose
    """A programming or database error while the clock of one duty was advanced; it is tried again soon."""

    def __init__(self, duty: int) -> None:
        super().__init__(f"duty {duty}")
        self.duty = duty
