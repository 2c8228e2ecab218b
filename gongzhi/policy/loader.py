"""Loads a folder of packs. A pack's fault never raises: it is a Problem, and the pack is left out."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from gongzhi.policy.anchors import check_anchors
from gongzhi.policy.assembling import Draft, assemble, document
from gongzhi.policy.clock_binding import ClockBinder
from gongzhi.policy.coverage import carriers
from gongzhi.policy.pack import Pack, Packs
from gongzhi.policy.problems import Problem, ordered
from gongzhi.policy.reading import PACK_FILE, Sheet, read_sheet
from gongzhi.policy.register_binding import RegisterBinder
from gongzhi.policy.rule_binding import bind_checks, bind_rules, prove, stacked
from gongzhi.policy.vocabulary import Vocabulary, unknown
from gongzhi.policy.worked_cases import bind_cases

_HASH_LENGTH = 16


def load(
    folder: Path | str,
    vocabulary: Vocabulary,
    sources: Path | str | None = None,
    only: Iterable[str] | None = None,
) -> tuple[Packs, list[Problem]]:
    """All packs of the folder, or those named and their ancestors, and everything that is wrong with them.

    `sources` is a folder with the texts of the documents, in which the anchors are looked up.
    """
    root = Path(folder)
    if not root.is_dir():
        return Packs({}), [Problem(str(folder), 1, "找不到规则包文件夹")]
    wanted = None if only is None else set(only)
    sheets, problems = _sheets(root, wanted)
    before = {slug: sheet.head.extends for slug, sheet in sheets.items()}
    order, faults = _ordered(sheets)
    orphans = {slug for slug, extends in before.items() if extends and not sheets[slug].head.extends}
    problems += faults
    drafts: dict[str, Draft] = {}
    good: dict[str, Pack] = {}
    broken = {problem.file.split("/")[0] for problem in problems}
    for slug in order:
        sheet = sheets[slug]
        draft = Draft(sheet, drafts.get(sheet.head.extends or ""), vocabulary, [])
        drafts[slug] = draft
        _build(draft)
        if slug in orphans:
            draft.problems = [one for one in draft.problems if not _rests_on_ancestor(one)]
        if sources is not None and (wanted is None or slug in wanted):
            check_anchors(draft, Path(sources))
        problems += draft.problems
        if draft.problems or slug in broken or any(one.slug not in good for one in draft.chain[1:]):
            continue
        if draft.pack is not None:
            good[slug] = draft.pack
    return Packs({slug: good[slug] for slug in sorted(good)}), ordered(problems)


def _rests_on_ancestor(problem: Problem) -> bool:
    """Nothing can be said of what an ancestor has while it is not known which one is meant."""
    return any(word in problem.message for word in ("overrides", "else: parent", "未知的"))


def _sheets(root: Path, wanted: set[str] | None) -> tuple[dict[str, Sheet], list[Problem]]:
    problems: list[Problem] = []
    sheets: dict[str, Sheet] = {}
    folders = {path.name: path for path in sorted(root.iterdir()) if path.is_dir() and any(path.glob("*.yaml"))}
    queue = list(folders) if wanted is None else sorted(wanted)
    while queue:
        slug = queue.pop(0)
        if slug in sheets:
            continue
        if slug not in folders:
            problems.append(Problem(slug, 1, unknown("规则包", slug, folders)))
            continue
        sheet, faults = read_sheet(folders[slug])
        problems += faults
        if sheet is None:
            continue
        sheets[slug] = sheet
        if wanted is not None and sheet.head.extends:
            queue += get_close_matches(sheet.head.extends, folders, 1)
    return sheets, problems


def _ordered(sheets: Mapping[str, Sheet]) -> tuple[list[str], list[Problem]]:
    """Ancestors first. A cycle or an unknown ancestor is a fault; its pack is then read without ancestors."""
    problems: list[Problem] = []
    for slug, sheet in sheets.items():
        head = sheet.head
        if head.extends and head.extends not in sheets:
            message = unknown("上级规则包", head.extends, [one for one in sheets if one != slug])
            problems.append(Problem(head.file or f"{slug}/{PACK_FILE}", head.line_of("extends"), message))
            # The rest is checked under the ancestor that was most likely meant.
            head.extends = next(iter(get_close_matches(head.extends, sheets, 1)), None)
    order: list[str] = []
    for slug in sheets:
        path: list[str] = []
        here: str | None = slug
        while here and here not in order and here not in path:
            path.append(here)
            here = sheets[here].head.extends
        if here in path:
            members = path[path.index(here) :]
            circle = " → ".join([*members, here])
            for one in members:
                head = sheets[one].head
                problems.append(Problem(head.file, head.line_of("extends"), f"extends 互相引用成环：{circle}"))
            sheets[here].head.extends = None
        order += reversed(path)
    return order, problems


def _build(draft: Draft) -> None:
    """Everything that the document says, bound; the tables are proven when its words are right."""
    assemble(draft)
    rules = bind_rules(draft)
    checks = bind_checks(draft)
    kept = RegisterBinder(draft, checks)
    clocks = ClockBinder(draft)
    draft.pack = Pack(
        slug=draft.slug,
        hash=_hash(draft),
        documents=tuple(document(one.sheet) for one in draft.chain),
        vocabulary=draft.vocabulary,
        clauses=draft.clauses,
        figures=draft.figures,
        switches=draft.switches,
        terms=draft.terms,
        roles=draft.roles,
        matters=draft.matters,
        rules=stacked(draft, rules),
        check_rules={record: tuple(named.values()) for record, named in checks.items()},
        duty_rules=clocks.duties(),
        ladders=clocks.ladders(),
        windows=clocks.windows(),
        instruments=draft.instruments,
        registers=kept.registers,
        patrols=kept.patrols,
        calendar=clocks.calendar(),
        carriers=carriers(draft.slug, draft.sheet.sections),
    )
    bind_cases(draft)
    if not draft.problems:
        names = draft.pack.rules if draft.own_figures else rules
        try:
            prove(draft.pack, names, draft.problems)
        except RecursionError:
            draft.report("", 1, "表太大，无法证明没有遗漏")


def _hash(draft: Draft) -> str:
    digest = sha256()
    for one in reversed(draft.chain):
        digest.update(one.slug.encode() + b"\0" + one.sheet.digest)
    return digest.hexdigest()[:_HASH_LENGTH]
