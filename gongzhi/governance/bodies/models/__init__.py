"""The rows of bodies."""

from gongzhi.governance.bodies.models.body import Body, BodyQuerySet, Member
from gongzhi.governance.bodies.models.crossing import CrossPost
from gongzhi.governance.bodies.models.forming import Candidate, Formation
from gongzhi.governance.bodies.models.keeping import (
    Asset,
    BodyChange,
    Filing,
    HandOver,
    HandOverItem,
    HandOverSignature,
)
from gongzhi.governance.bodies.models.meetings import OwedMeeting, Petition, PetitionSignature
from gongzhi.governance.bodies.models.notices import BodyNotice, NoticeReport
from gongzhi.governance.bodies.models.representatives import RepresentativeMeeting, RepresentativePresent
from gongzhi.governance.bodies.models.running import BodyMeeting, Prospect
from gongzhi.governance.bodies.models.supervision import (
    Advice,
    BodyAssessment,
    BodyDecision,
    Charge,
    Correction,
    DecisionNotice,
)
from gongzhi.governance.bodies.models.texts import AdoptedText, ListItem, ListMark, TextReceipt

__all__ = [
    "AdoptedText",
    "Advice",
    "Asset",
    "Body",
    "BodyAssessment",
    "BodyChange",
    "BodyDecision",
    "BodyQuerySet",
    "Candidate",
    "Charge",
    "BodyMeeting",
    "BodyNotice",
    "Correction",
    "CrossPost",
    "DecisionNotice",
    "Filing",
    "Formation",
    "HandOver",
    "HandOverItem",
    "HandOverSignature",
    "ListItem",
    "ListMark",
    "Member",
    "NoticeReport",
    "OwedMeeting",
    "Petition",
    "PetitionSignature",
    "Prospect",
    "RepresentativeMeeting",
    "RepresentativePresent",
    "TextReceipt",
]
