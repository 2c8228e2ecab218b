from gongzhi.mediation.models.bodies import CircuitSession, MediationGuidance, Mediator, MediatorTraining
from gongzhi.mediation.models.conference import ConferenceTopic, DisputeConference
from gongzhi.mediation.models.file import MediationFile, MediationParty, MediationStage
from gongzhi.mediation.models.work import (
    CourtStep,
    FollowUpVisit,
    MediationAssist,
    MediationSession,
    MediationWeighing,
    Recusal,
    SettlementAgreement,
)

__all__ = [
    "CircuitSession",
    "ConferenceTopic",
    "CourtStep",
    "DisputeConference",
    "FollowUpVisit",
    "MediationAssist",
    "MediationFile",
    "MediationGuidance",
    "MediationParty",
    "MediationSession",
    "MediationStage",
    "MediationWeighing",
    "Mediator",
    "MediatorTraining",
    "Recusal",
    "SettlementAgreement",
]
