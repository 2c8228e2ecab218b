"""What phones and trustees' browsers compute for a secret election, held against the library in Python: both ways."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from gongzhi.proof.secret import ballots, ceremony, entries, group, trustee_tool, trustees
from gongzhi.proof.secret.ballots import Context
from tests.browser.running import ROOT

pytestmark = pytest.mark.browser

SCRIPTS = ROOT / "gongzhi/site/static/gongzhi/secret"
ORIGIN, VOTERS = "gongzhi.test/vote/1", {f"y{n:02d}": (5_000 + 7 * n, int(n % 4 > 0)) for n in range(12)}
OPTIONS = ("c1", "c2", "c3")
IMPORT = "const { %s } = await import('/static/gongzhi/secret/%s.js');"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page of a local address (where the browser gives its cryptography) that has the scripts and nothing else."""
    opened = browser.new_page()

    def serve(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name.endswith(".js"):
            route.fulfill(body=(SCRIPTS / name).read_text(encoding="utf-8"), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html")

    opened.route("**/*", serve)
    opened.goto("http://localhost/")
    yield opened
    opened.close()


def run(page: Page, module: str, names: str, body: str, *given: Any) -> Any:
    script = f"async (given) => {{ {IMPORT % (names, module)} {body} }}"
    return page.evaluate(script, list(given))


def file(**more: Any) -> dict[str, Any]:
    return {
        "format": trustee_tool.FORMAT, "origin": ORIGIN, "motion": "m1",
        "number": 1, "count": 3, "needed": 2, "guard": 5,
        "voters": entries.voters_file(VOTERS).decode(), "options": list(OPTIONS), "channels": [], "dealt": [],
        "confirmed": [], **more,
    }  # fmt: skip


ELECTION = entries.election_of(ORIGIN, "m1", entries.voters_file(VOTERS))


def test_numbers_and_points_are_those_of_libsodium(page: Page) -> None:
    scalars = [1, 2, 15, 16, group.ORDER - 1, *(group.random_scalar() for _ in range(20))]
    found = run(
        page, "group", "BASE, BASE_POINT, decoded, encoded, plus, minus, times",
        """return given.map((text) => { const n = BigInt(text); const p = BASE.times(n);
           return [encoded(p), encoded(times(n, BASE_POINT)), encoded(plus(p, BASE_POINT)),
                   encoded(minus(p, BASE_POINT)), encoded(times(7n, decoded(encoded(p))))]; });""",
        *(str(one) for one in scalars),
    )  # fmt: skip
    for scalar, texts in zip(scalars, found, strict=True):
        point = group.base_times(scalar)
        sums = [group.plus(point, group.BASE), group.minus(point, group.BASE), group.times(7, point)]
        assert texts == [one.hex() for one in (point, point, *sums)]


OF_ORDER_EIGHT = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
BAD_POINTS = [
    "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32, OF_ORDER_EIGHT,
    "ee" + "ff" * 30 + "7f", "ff" * 32, "ed" + "ff" * 30 + "7f", "02" + "00" * 31, "", "AB" * 32,
    group.plus(group.base_times(7), bytes.fromhex(OF_ORDER_EIGHT)).hex(),
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_POINTS)
def test_points_that_a_stranger_must_not_send_are_refused(page: Page, text: str) -> None:
    body = "try { decoded(given[0]); return 'taken'; } catch (error) { return 'refused'; }"
    assert run(page, "group", "decoded", body, text) == "refused"


def context(key: bytes, voter: str = "y01", most: int = 2) -> Context:
    return Context(ELECTION, voter, key, OPTIONS, 0, most)


def as_given(one: Context) -> dict[str, Any]:
    return {
        "election": one.election, "voter": one.voter, "key": one.key.hex(), "options": list(one.options),
        "least": one.least, "most": one.most,
    }  # fmt: skip


@pytest.mark.parametrize("chosen", [[], ["c2"], ["c1", "c3"]])
def test_the_same_randomness_gives_the_same_ballot(page: Page, chosen: list[str], monkeypatch: Any) -> None:
    own = context(group.base_times(99))
    counter = itertools.count(1)
    monkeypatch.setattr(group, "random_scalar", lambda: next(counter))
    expected = ballots.cast(own, chosen).as_json()
    body = "let n = 0n; return cast(given[0], given[1], () => { n += 1n; return n; });"
    assert run(page, "ballots", "cast", body, as_given(own), chosen) == expected


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_ballot_of_the_browser_is_verified_by_the_server_and_the_other_way_round(page: Page, count: int) -> None:
    own = context(group.base_times(group.random_scalar()))
    chosen = list(OPTIONS[:count])
    made = run(page, "ballots", "cast", "return cast(given[0], given[1]);", as_given(own), chosen)
    assert ballots.verified(ballots.ballot_of(made, own), own)
    assert not ballots.verified(ballots.ballot_of(made, own), context(own.key, voter="y02"))
    theirs = ballots.cast(own, chosen).as_json()
    verify = "return verified(given[0], given[1]);"
    assert run(page, "ballots", "verified", verify, theirs, as_given(own)) is True
    assert run(page, "ballots", "verified", verify, theirs, as_given(context(own.key, voter="y02"))) is False
    theirs["sum"][0]["c"] = "00" * 32
    assert run(page, "ballots", "verified", verify, theirs, as_given(own)) is False


def test_more_than_allowed_cannot_be_encrypted(page: Page) -> None:
    own = as_given(context(group.base_times(3), most=1))
    body = "try { await cast(given[0], given[1]); return 'made'; } catch (error) { return 'refused'; }"
    assert run(page, "ballots", "cast", body, own, ["c1", "c2"]) == "refused"
    assert run(page, "ballots", "cast", body, own, ["c9"]) == "refused"


def test_codes_are_read_alike(page: Page) -> None:
    theirs = run(page, "trustee", "newCode", "return newCode();")
    assert ceremony.shown_code(ceremony.code_of(theirs)) == theirs
    ours = ceremony.new_code()
    assert run(page, "trustee", "codeOf", "return codeOf(given[0]);", f" {ours.lower()} ") == ours.replace("-", "")
    body = "try { await codeOf(given[0]); return 'taken'; } catch (error) { return 'refused'; }"
    other = "0" if ours[0] != "0" else "1"
    assert run(page, "trustee", "codeOf", body, other + ours[1:]) == "refused"


ANSWER = """try { return await answer(given[0], given[1]); }
            catch (error) { return { error: `${error.constructor.name} ${error.message}` }; }"""


def in_browser(page: Page, data: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = run(page, "trustee", "answer", ANSWER, data, code)
    return found


def everybody(page: Page, codes: list[str]) -> dict[str, Any]:
    """The first trustee in his browser, the others with the tool: what each makes the others take."""
    data = file()

    def answers() -> list[dict[str, Any]]:
        first = in_browser(page, {**data, "number": 1}, codes[0])
        return [first, *(trustee_tool.answer({**data, "number": n}, codes[n - 1]) for n in (2, 3))]

    data["channels"] = [one["channel"] for one in answers()]
    election = [ceremony.channel_of(one, ELECTION) for one in data["channels"]]
    code = run(page, "trustee", "ceremonyCode", "return ceremonyCode(given[0]);", data)
    assert code.replace("-", "") == ceremony.fingerprint(ELECTION, election)
    data["dealt"] = [{name: one["deal"][name] for name in ("published", "boxes")} for one in answers()]
    published = [trustees.published_of(one["published"]) for one in data["dealt"]]
    for one in answers():
        number = one["confirm"]["number"]
        ceremony.refuse_not_holding(one["confirm"], ELECTION, number=number, published=published)
        data["confirmed"] = [*data["confirmed"], number] if len(data["confirmed"]) < 3 else data["confirmed"]
    return data


def test_a_ceremony_half_in_a_browser_and_half_with_the_tool_opens_the_totals(page: Page) -> None:
    codes = [ceremony.new_code() for _ in range(3)]
    data = everybody(page, codes)
    published = [trustees.published_of(one["published"]) for one in data["dealt"]]
    key = trustees.election_key(ELECTION, published)
    picked = {voter: OPTIONS[: n % 3] for n, voter in enumerate(VOTERS)}
    cast = {voter: ballots.cast(context(key, voter), chosen) for voter, chosen in picked.items()}
    data["ballots"] = {voter: one.as_json()["options"] for voter, one in cast.items()}
    sums = trustee_tool.summed(VOTERS, data["ballots"], len(OPTIONS))
    data["sums"] = {
        name: [{"a": one.a.hex(), "b": one.b.hex()} for one in listed] for name, listed in sums.items()
    }  # fmt: skip
    made = in_browser(page, {**data, "number": 1}, codes[0])["open"]
    other = trustee_tool.answer({**data, "number": 3}, codes[2])["open"]
    for place, measure in enumerate(("area", "heads")):
        for number, option in enumerate(OPTIONS):
            parts = [trustees.part_of(one[measure][number]) for one in (made, other)]
            what = f"{ELECTION}\n{measure}\n{option}"
            total = sums[measure][number]
            assert all(trustees.part_holds(one, total, what=what, published=published) for one in parts)
            expected = sum(VOTERS[voter][place] for voter, chosen in picked.items() if option in chosen)
            assert trustees.opened(total, parts) == group.base_times(expected)
    alone = {**data, "sums": {**data["sums"], "heads": data["ballots"]["y02"]}, "number": 1}
    assert in_browser(page, alone, codes[0]) == {"error": "BadTrustee sums"}
    few = {**data, "ballots": {"y02": data["ballots"]["y02"]}, "number": 1}
    assert in_browser(page, few, codes[0]) == {"error": "BadTrustee few"}
    assert in_browser(page, {**data, "number": 1}, codes[1]) == {"error": "BadTrustee code"}


def test_a_browser_complains_of_a_bad_share_so_that_anybody_sees_who_gave_it(page: Page) -> None:
    codes = [ceremony.new_code() for _ in range(3)]
    data = {**everybody(page, codes), "confirmed": []}
    data = json.loads(json.dumps(data))
    data["dealt"][1]["boxes"]["1"]["hidden"] = "02" * 32
    found = in_browser(page, {**data, "number": 1}, codes[0])
    channels = [ceremony.channel_of(one, ELECTION) for one in data["channels"]]
    published = [trustees.published_of(one["published"]) for one in data["dealt"]]
    boxes = {
        giver: {int(taker): ceremony.box_of(box) for taker, box in one["boxes"].items()}
        for giver, one in enumerate(data["dealt"], 1)
    }
    assert found["complaint"]["giver"] == 2
    assert ceremony.guilty(found["complaint"], ELECTION, channels=channels, published=published, boxes=boxes) == 2


def test_a_ballot_takes_a_phone_few_seconds(page: Page) -> None:
    """Eleven candidates for seven seats. Phones are some six times slower than a desktop's core."""
    own = {**as_given(context(group.base_times(11))), "options": [f"c{n}" for n in range(11)], "most": 7}
    body = "const begun = performance.now(); await cast(given[0], given[1]); return performance.now() - begun;"
    run(page, "ballots", "cast", body, own, ["c1"])
    milliseconds = min(run(page, "ballots", "cast", body, own, ["c1", "c5"]) for _ in range(3))
    print(f"a ballot of 11 candidates: {milliseconds:.0f} ms")
    assert milliseconds < 1_500
