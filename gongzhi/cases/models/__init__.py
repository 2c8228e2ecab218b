"""The complaint's rows."""

from gongzhi.cases.accountability import models as accountability
from gongzhi.cases.enforcement import models as enforcement
from gongzhi.cases.hotline import models as hotline
from gongzhi.cases.models.case import Case, CaseParty, CaseQuerySet, CaseWords, Part, State
from gongzhi.cases.models.checks import SiteCheck
from gongzhi.cases.models.complaint import Complaint
from gongzhi.cases.models.disputes import CourtAction, Mediation, Weighing
from gongzhi.cases.models.papers import ArchiveItem, CaseEntry, CaseFile
from gongzhi.cases.models.problems import Problem, ProblemEntry, ProblemReport
from gongzhi.cases.models.requests import Approval, Report, Transfer

__all__ = [
    "Approval",
    "ArchiveItem",
    "Case",
    "CaseEntry",
    "CaseFile",
    "CaseParty",
    "CaseWords",
    "CaseQuerySet",
    "Complaint",
    "CourtAction",
    "Mediation",
    "Part",
    "Problem",
    "ProblemEntry",
    "ProblemReport",
    "Report",
    "SiteCheck",
    "State",
    "Transfer",
    "Weighing",
    "accountability",
    "enforcement",
    "hotline",
]
