"""What a mediation may begin from. The parts that know complaints and arrears come here; mediation knows neither."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.registry.models import Estate


@dataclass(frozen=True)
class Origin:
    """What is known of the dispute already. `parties` as the application takes them."""

    ref: Ref
    estate: Estate
    matter: str
    text: str
    source: str
    parties: tuple[Any, ...] = ()


_readers: dict[str, Callable[[Any], Origin | None]] = {}


def register_origin(kind: str, read: Callable[[Any], Origin | None]) -> None:
    """Called once when the apps are ready; `read(row)` says what the row tells of the dispute."""
    _readers[kind] = read


def origin_of(ref: Ref, actor: Actor) -> Origin:
    """Refuses where there is none, or it is not for the actor's eyes."""
    read = _readers.get(ref.kind)
    row = refs.resolve(ref) if read is not None else None
    found = read(row) if read is not None and row is not None and refs.may_read(actor, ref) else None
    if found is None:
        raise Refused("origin", "找不到这件事，或者不归您办理。", status=404)
    return found
