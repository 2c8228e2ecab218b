"""Has a decision of the owners been revoked, by the street or by a court? What rests on it then stands still."""

from gongzhi.governance.bodies.models import BodyDecision, Correction
from gongzhi.governance.bodies.words import REVOKING

LONGEST_TITLE = 100


def revocation_of(*, vote_ref: str, title: str) -> Correction | None:
    """Of what this vote decided under that title; None while it holds."""
    rows = Correction.objects.filter(
        kind__in=REVOKING, issued_on__isnull=False, decision__vote_ref=vote_ref, decision__title=title[:LONGEST_TITLE]
    )
    return rows.select_related("decision").order_by("-pk").first()


def revocation_of_decision(decision: BodyDecision) -> Correction | None:
    rows = decision.corrections.filter(kind__in=REVOKING, issued_on__isnull=False)
    return rows.select_related("decision").order_by("-pk").first()
