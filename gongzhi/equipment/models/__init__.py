from gongzhi.equipment.models.directives import Defect, Directive, DirectiveTarget
from gongzhi.equipment.models.permits import FacilityLead, StageMark, UsePermit
from gongzhi.equipment.models.readiness import Drill, Emergency, EmergencyContact, EmergencyNote, EmergencyPlan
from gongzhi.equipment.models.upkeep import Care, Fault, UpkeepContract, UpkeepPayment

__all__ = [
    "Care",
    "Defect",
    "Directive",
    "DirectiveTarget",
    "Drill",
    "Emergency",
    "EmergencyContact",
    "EmergencyNote",
    "EmergencyPlan",
    "FacilityLead",
    "Fault",
    "StageMark",
    "UpkeepContract",
    "UpkeepPayment",
    "UsePermit",
]
