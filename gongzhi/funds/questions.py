"""What the handling of money asks of a pack, purse by purse. No Django."""

from gongzhi.funds.maintenance.questions import QUESTIONS as MAINTENANCE
from gongzhi.policy.vocabulary import Question

QUESTIONS: tuple[Question, ...] = (*MAINTENANCE,)
