"""Sessions of the circuit court: what is coming, and whether there was none for too long."""

from datetime import date

from gongzhi.core import services as core
from gongzhi.mediation.models import CircuitSession
from gongzhi.mediation.queries.asking import period
from gongzhi.policy.periods import deadline_before, start_of
from gongzhi.registry.models import Estate


def coming_sessions(estate: Estate, on: date) -> list[CircuitSession]:
    """What the estate announces: the sessions of that day and later."""
    return list(CircuitSession.objects.filter(estate=estate, on__gte=on).select_related("court").order_by("on"))


def circuit_gap(place_path: str, on: date) -> bool:
    """No session in the period that the document names, and none planned. False where it names none."""
    length, _ = period(place_path, "county", name="circuit", on=on)
    pack = core.pack_for(place_path, on)
    if length is None or pack is None:
        return False
    since = deadline_before(moment=start_of(on), period=length, calendar=pack.calendar).last_day
    return not CircuitSession.objects.within(place_path).filter(on__gte=since).exists()
