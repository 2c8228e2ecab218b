"""A trustee's whole part as one function: the file from his page and his code in, what he hands in out.

The page's script does the same in the browser; this one needs no network at all. It trusts the file in nothing that it
can check: proofs of the others, his share, and that what he opens is the sum of all ballots with the frozen weights.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gongzhi.proof.secret import ceremony, entries, group, totals, trustees
from gongzhi.proof.secret.ballots import NOTHING, Ciphertext
from gongzhi.proof.secret.ceremony import Box, Channel
from gongzhi.proof.secret.trustees import BadTrustee, Published

FORMAT = "gongzhi-trustee/1"


class NothingToDo(ValueError):  # noqa: N818
    """His step is done, or others have to act first."""


def answer(file: Mapping[str, Any], code: str) -> dict[str, Any]:
    """What he hands in for the step that the file is at. Raises `BadTrustee`, `NothingToDo`, of a code ValueError."""
    if file.get("format") != FORMAT:
        raise BadTrustee("no trustee's file")
    ceremony.code_of(code)
    election = entries.election_of(file["origin"], file["motion"], file["voters"].encode())
    number = int(file["number"])
    channels = [ceremony.channel_of(one, election) for one in file["channels"]]
    own = next((one for one in channels if one.number == number), None)
    if own is None:
        return {"channel": ceremony.channel(election, number, code=code).as_json()}
    if own.point != group.base_times(ceremony.secret_of(code, election, "channel")):
        raise BadTrustee("the code is not the one with which this trustee began")
    if len(channels) < file["count"]:
        raise NothingToDo("channel")
    return _dealing(file, election, number, code=code, channels=channels)


def _dealing(
    file: Mapping[str, Any], election: str, number: int, *, code: str, channels: Sequence[Channel]
) -> dict[str, Any]:
    dealt = {int(one["published"]["number"]): one for one in file["dealt"]}
    if number not in dealt:
        published, boxes = ceremony.deal(election, number, code=code, channels=channels, needed=file["needed"])
        sealed = {str(taker): box.as_json() for taker, box in boxes.items()}
        return {"deal": {"number": number, "published": published.as_json(), "boxes": sealed}}
    if len(dealt) < file["count"]:
        raise NothingToDo("deal")
    everybody = [trustees.published_of(dealt[giver]["published"]) for giver in sorted(dealt)]
    trustees.election_key(election, everybody)
    boxes = {giver: ceremony.box_of(one["boxes"][str(number)]) for giver, one in dealt.items()}
    if number not in file["confirmed"]:
        return _confirming(election, number, code=code, boxes=boxes, published=everybody)
    if not file.get("sums"):
        raise NothingToDo("open" if len(file["confirmed"]) == file["count"] else "confirm")
    return _opening(file, election, number, code=code, boxes=boxes, published=everybody)


def _confirming(
    election: str, number: int, *, code: str, boxes: Mapping[int, Box], published: Sequence[Published]
) -> dict[str, Any]:
    bad = ceremony.bad_givers(election, number, code=code, boxes=boxes, published=published)
    if bad:
        return {"complaint": ceremony.complain(election, number, code=code, giver=bad[0], box=boxes[bad[0]])}
    share = ceremony.own_share(election, number, code=code, boxes=boxes, published=published)
    return {"confirm": ceremony.holding(election, number, share=share, published=published)}


def _opening(
    file: Mapping[str, Any],
    election: str,
    number: int,
    *,
    code: str,
    boxes: Mapping[int, Box],
    published: Sequence[Published],
) -> dict[str, Any]:
    options = file["options"]
    sums = summed(json.loads(file["voters"]), file["ballots"], len(options))
    if len(file["ballots"]) < file["guard"]:
        raise BadTrustee("so few ballots that the totals would tell how some of them voted")
    for name, listed in sums.items():
        if [{"a": one.a.hex(), "b": one.b.hex()} for one in listed] != file["sums"][name]:
            raise BadTrustee("what is to be opened is not the sum of the ballots")
    share = ceremony.own_share(election, number, code=code, boxes=boxes, published=published)
    made = entries.parts_of(sums, election=election, options=options, number=number, share=share)
    return {"open": {"number": number, **{name: [one.as_json() for one in listed] for name, listed in made.items()}}}


def summed(
    voters: Mapping[str, Sequence[int]], ballots: Mapping[str, Sequence[Mapping[str, str]]], options: int
) -> dict[str, list[Ciphertext]]:
    """Anew from each voter's ciphertexts and his frozen weights."""
    found = {name: [NOTHING] * options for name in totals.MEASURES}
    for voter, pairs in ballots.items():
        if len(pairs) != options:
            raise BadTrustee("a ballot with other options")
        for place, pair in enumerate(pairs):
            one = Ciphertext(group.point_of(pair["a"]), group.point_of(pair["b"]))
            for measure, weight in zip(totals.MEASURES, voters[voter], strict=True):
                if weight:
                    found[measure][place] = found[measure][place].plus(one.times(weight))
    return found


def sums_fingerprint(sums: Mapping[str, Any]) -> str:
    """Of what is opened: a second, different sum of the same election must not be opened."""
    text = json.dumps(sums, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[: ceremony.FINGERPRINT].upper()
