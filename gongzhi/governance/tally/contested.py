"""Readings that courts and scholars disagree about: the same vote is counted again under each."""

from collections.abc import Iterator

from gongzhi.governance.tally.rules import VALUES, Rules, Settings

# Looked at unless the rules say otherwise: silence, invalid ballots, heads, accessory units, the count of days.
USUALLY_CONTESTED = ("silence", "invalid", "merge", "developer_stock", "split_head", "parking", "notice")
# Settings that change how votes count, not which ballots are admitted.
COUNTED_ALIKE = {"silence", "invalid", "merge", "developer_stock", "split_head", "parking", "storage", "notice"}
# The weights of a secret election are fixed in what was encrypted: only these readings can be counted again.
COUNTABLE_SEALED = {"silence", "invalid", "notice"}
# Cannot be read otherwise without further particulars (an order of channels, the platform's name).
_NOT_BY_ITSELF = {"precedence": "by_channel"}


def contested_readings(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """(setting, other value, what it says). A setting's own `contested` replaces the usual list; empty: none."""
    for name, values in VALUES.items():
        if name not in type(settings).model_fields:
            continue
        setting = getattr(settings, name)
        usual = tuple(values) if name in USUALLY_CONTESTED else ()
        readings = usual if setting.contested is None else setting.contested
        for value in readings:
            if value != setting.value and _NOT_BY_ITSELF.get(name) != value:
                yield name, value, values[value]


def reread(rules: Rules, name: str, value: str) -> Rules:
    """The rules with one setting read otherwise; a motion's own rule of silence gives way too."""
    setting = getattr(rules.settings, name).model_copy(update={"value": value})
    settings = rules.settings.model_copy(update={name: setting})
    motions = rules.motions
    if name == "silence":
        motions = tuple(one.model_copy(update={"silence": None}) for one in motions)
    return rules.model_copy(update={"settings": settings, "motions": motions})
