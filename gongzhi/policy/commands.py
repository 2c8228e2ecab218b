"""The engine's commands: without Django and without a database. Answers on stdout, problems on stderr with exit 1."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from gongzhi.policy.answer import plain
from gongzhi.policy.asking import check, decide
from gongzhi.policy.coverage import as_text, coverage
from gongzhi.policy.describing import LISTS, pack_json, summary_json, vocabulary_json, vocabulary_text
from gongzhi.policy.facts import BadFacts
from gongzhi.policy.loader import load
from gongzhi.policy.pack import Pack, Packs
from gongzhi.policy.periods import CHINA
from gongzhi.policy.problems import PackFault
from gongzhi.policy.schema_base import parse_date
from gongzhi.policy.schema_json import json_schema
from gongzhi.policy.values import typed, typed_switch
from gongzhi.policy.vocabulary import Question, Vocabulary, unknown

ROOT = Path(__file__).resolve().parents[2]
_LARGEST_INPUT = 5_000_000
_WRONG_USE = 2


class Refusal(Exception):
    """What was asked cannot be answered; each line goes to stderr."""


_USAGE = {
    "the following arguments are required: ": "缺少 ",
    "unrecognized arguments: ": "不认识 ",
    "expected one argument": "后面要写一个值",
    "expected at least one argument": "后面至少要写一个值",
    "invalid choice: ": "没有这个选择：",
    "choose from ": "可用：",
    "ambiguous option: ": "不明确，请写全：",
    "could match ": "可能是 ",
    "argument ": "",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        for english, chinese in _USAGE.items():
            message = message.replace(english, chinese)
        self.print_usage(sys.stderr)
        print(f"参数有误：{message}", file=sys.stderr)
        raise SystemExit(_WRONG_USE)


def main(argv: Sequence[str], vocabulary: Vocabulary) -> int:
    try:
        options = _parser().parse_args(list(argv))
        code: int = options.run(options, vocabulary)
        return code
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output left; what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="gongzhi", description="政策规则包的检查、提问与推演（不需要数据库）")
    words = parser.add_subparsers(required=True, metavar="命令", parser_class=_Parser)
    shared = _Parser(add_help=False)
    shared.add_argument("--packs", metavar="DIR", help="规则包文件夹（默认：本仓库的 packs）")

    packs = words.add_parser("packs", help="检查或查看规则包").add_subparsers(
        required=True, metavar="check|show|schema"
    )
    one = packs.add_parser("check", parents=[shared], help="检查规则包，问题写到标准错误")
    one.add_argument("names", nargs="*", metavar="PACK")
    one.add_argument("--sources", metavar="DIR", help="文件原文所在文件夹，用来核对 anchor")
    one.set_defaults(run=_packs_check)
    one = packs.add_parser("show", parents=[shared], help="查看一个规则包（含上级）")
    one.add_argument("name", metavar="PACK")
    one.set_defaults(run=_packs_show)
    one = packs.add_parser("schema", help="编辑器用的 JSON Schema")
    one.set_defaults(run=_packs_schema)

    one = words.add_parser("questions", help="平台会问的问题、事件、职责、事项")
    one.add_argument("--json", action="store_true")
    for name in LISTS[1:]:
        one.add_argument(f"--{name}", action="store_true", help=f"只列 {name}")
    one.set_defaults(run=_questions)

    one = words.add_parser("ask", parents=[shared], help="向规则包提问")
    one.add_argument("pack", metavar="PACK")
    one.add_argument("question", metavar="QUESTION")
    one.add_argument("--facts", metavar="FILE|-", help="事实（JSON 对象）的文件，- 为标准输入；不写即没有事实")
    one.add_argument("--on", metavar="DATE", help="按哪一天的规定（默认今天）")
    one.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    one.add_argument("--text", action="store_true", help="写成中文而不是 JSON")
    one.set_defaults(run=_ask)

    one = words.add_parser("simulate", parents=[shared], help="推演事件产生的职责")
    one.add_argument("pack", metavar="PACK")
    one.add_argument("--events", required=True, metavar="FILE|-", help="事件（JSON 列表）的文件，- 为标准输入")
    one.add_argument("--at", required=True, metavar="MOMENT", help="看哪一刻，如 2022-06-12T09:00+08:00")
    one.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    one.set_defaults(run=_simulate)

    one = words.add_parser("coverage", parents=[shared], help="每条条款由什么承载、由哪些通过的测试证明")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=_coverage)
    return parser


# -- commands


def _packs_check(options: argparse.Namespace, vocabulary: Vocabulary) -> int:
    if options.sources is not None and not Path(options.sources).is_dir():
        raise Refusal(f"找不到原文文件夹 {options.sources}")
    folder = _folder(options)
    packs, problems = load(folder, vocabulary, sources=options.sources, only=options.names or None)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not packs and not problems:
        raise Refusal(f"{folder} 里没有规则包（每个文件夹要有 pack.yaml）")
    _print({"packs": [summary_json(one) for one in packs], "problems": len(problems)})
    return 1 if problems else 0


def _packs_show(options: argparse.Namespace, vocabulary: Vocabulary) -> int:
    _print(pack_json(_pack(options, options.name, vocabulary)))
    return 0


def _packs_schema(options: argparse.Namespace, vocabulary: Vocabulary) -> int:
    _print(json_schema())
    return 0


def _questions(options: argparse.Namespace, vocabulary: Vocabulary) -> int:
    only = tuple(name for name in LISTS[1:] if getattr(options, name))
    if options.json:
        _print(vocabulary_json(vocabulary, only or LISTS))
    else:
        print(vocabulary_text(vocabulary, only or ("questions",)))
    return 0


def _ask(options: argparse.Namespace, vocabulary: Vocabulary) -> int:
    pack = _pack(options, options.pack, vocabulary)
    question = vocabulary.questions.get(options.question)
    if question is None:
        raise Refusal(unknown("问题", options.question, vocabulary.questions))
    facts = _facts(_json(options.facts) if options.facts else {}, question, pack)
    switches = _switches(options.switch, pack)
    on = _day(options.on)
    try:
        if question.kind == "check":
            return _ask_check(pack, question, facts, switches, on)
        answer = decide(pack, question.name, facts, on=on, switches=switches)
        print(answer.text()) if options.text else _print(answer.to_json())
    except BadFacts as error:
        raise Refusal(str(error)) from None
    return 0


def _ask_check(pack: Pack, question: Question, facts: dict[str, Any], switches: dict[str, Any], on: date) -> int:
    found = check(pack, question.name, facts, on=on, switches=switches)
    _print(
        {
            "question": question.name,
            "asks": question.asks,
            "ok": not any(one.outcome == "refuse" for one in found),
            "findings": [
                {
                    "name": one.name,
                    "outcome": one.outcome,
                    "message": one.message,
                    "field": one.field,
                    "clauses": list(one.clauses),
                }
                for one in found
            ],
            "pack": pack.slug,
            "hash": pack.hash,
            "on": on.isoformat(),
        }
    )
    return 0


def _simulate(options: argparse.Namespace, vocabulary: Vocabulary) -> int:
    from gongzhi.policy.simulate import simulate

    pack = _pack(options, options.pack, vocabulary)
    events = _json(options.events)
    switches = _switches(options.switch, pack)
    try:
        _print(plain(simulate(pack, events, options.at, switches)))
    except ValueError as error:  # BadEvents, BadFacts: all speak Chinese
        raise Refusal(str(error)) from None
    return 0


def _coverage(options: argparse.Namespace, vocabulary: Vocabulary) -> int:
    packs, problems = load(_folder(options), vocabulary)
    for problem in problems:
        print(problem, file=sys.stderr)
    report = coverage(packs, ROOT)
    _print(report) if options.json else print(as_text(report))
    return 1 if problems else 0


# -- input


def _folder(options: argparse.Namespace) -> Path:
    folder = Path(options.packs or os.environ.get("GONGZHI_PACKS") or ROOT / "packs")
    if not folder.is_dir():
        raise Refusal(f"找不到规则包文件夹 {folder}")
    return folder


def _pack(options: argparse.Namespace, name: str, vocabulary: Vocabulary) -> Pack:
    packs: Packs
    packs, problems = load(_folder(options), vocabulary, only=[name])
    pack = packs.get(name)
    if pack is None:
        raise Refusal("\n".join(str(one) for one in problems) or f"规则包“{name}”有问题，请先运行 packs check")
    return pack


def _json(source: str) -> Any:
    named = "标准输入" if source == "-" else source
    try:
        text = sys.stdin.read(_LARGEST_INPUT) if source == "-" else Path(source).read_text(encoding="utf-8")
        text = text.removeprefix("\ufeff")
    except FileNotFoundError:
        raise Refusal(f"读不出 {source}：没有这个文件") from None
    except UnicodeDecodeError:
        raise Refusal(f"{named} 不是 UTF-8 编码，请另存为 UTF-8") from None
    except OSError:
        raise Refusal(f"读不出 {source}：它不是普通文件，或没有读取权限") from None
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 个字处写法有误，检查引号、逗号和括号"
        what = where if text.strip() else "内容是空的"
        raise Refusal(f"{named} 不是正确的 JSON：{what}") from None
    except ValueError as error:
        raise Refusal(f"{named} 不是正确的 JSON：{error}") from None
    except RecursionError:
        raise Refusal(f"{named} 的 JSON 层数太多") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} 不是数")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"键“{next(one for one in names if names.count(one) > 1)}”重复")
    return found


def _facts(raw: Any, question: Question, pack: Pack) -> dict[str, Any]:
    """Every fault of the facts at once."""
    if not isinstance(raw, dict):
        raise Refusal('事实应是 JSON 对象，如 {"matter": "noise"}')
    found: dict[str, Any] = {}
    faults: list[str] = []
    for name, value in raw.items():
        fact = question.fact.get(name)
        if fact is None:
            usable = f"可用：{'、'.join(question.fact)}" if question.fact else "这个问题不需要事实"
            faults.append(f"事实 {name}：{unknown('事实', name, question.fact)}；{usable}")
            continue
        try:
            found[name] = typed(value, fact.type, pack.words, open_choices=fact.open)
        except PackFault as fault:
            faults.append(f"事实 {name}（{fact.title}）：{fault.message}")
    if faults:
        raise Refusal("\n".join(faults))
    return found


def _switches(given: list[str], pack: Pack) -> dict[str, Any]:
    found: dict[str, Any] = {}
    faults: list[str] = []
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            faults.append(f"--switch 要写成 名称=值，现在是“{one}”")
        elif name not in pack.switches:
            faults.append(unknown("配置", name, pack.switches))
        else:
            try:
                found[name] = typed_switch(value, pack.switches[name].type, pack.words)
            except PackFault as fault:
                faults.append(f"配置 {name}（{pack.switches[name].title}）：{fault.message}")
    if faults:
        raise Refusal("\n".join(faults))
    return found


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(CHINA).date()  # noqa: TID251  (a command is the edge where the clock is read)
    try:
        return parse_date(text)
    except PackFault as fault:
        raise Refusal(f"--on：{fault.message}") from None


def _print(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
