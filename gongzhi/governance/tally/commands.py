"""`gongzhi tally`: the count without a database. The result on stdout as JSON, problems on stderr with exit 1."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from gongzhi.governance.tally.reading import (
    FORMATS,
    LABELS,
    BadInput,
    problems_between,
    read_events,
    read_roll,
    read_rules,
    schema,
)
from gongzhi.governance.tally.tallying import tally

_WRONG_USE = 2
_ALL = "all"
T = TypeVar("T")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"参数有误：{message}", file=sys.stderr)
        raise SystemExit(_WRONG_USE)


def main(argv: Sequence[str]) -> int:
    try:
        options = _parser().parse_args(list(argv))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    if options.schema:
        wanted = options.schema
        _print({name: schema(name) for name in sorted(FORMATS)} if wanted == _ALL else schema(wanted))
        return 0
    missing = [f"--{name}" for name in ("roll", "rules", "events") if getattr(options, name) is None]
    if missing:
        print(f"参数有误：缺少 {'、'.join(missing)}", file=sys.stderr)
        return _WRONG_USE
    return _tally(options)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="gongzhi tally", description="按名册、规则、记录计票（不需要数据库）")
    parser.add_argument("--roll", metavar="FILE", help="名册（JSON），- 为标准输入")
    parser.add_argument("--rules", metavar="FILE", help="规则（JSON），- 为标准输入")
    parser.add_argument("--events", metavar="FILE", help="记录（JSON），- 为标准输入")
    parser.add_argument("--detail", action="store_true", help="逐户列出怎样计票（含各户意见）")
    parser.add_argument("--no-sensitivity", action="store_true", help="不按其他读法重算")
    parser.add_argument(
        "--schema",
        nargs="?",
        const=_ALL,
        choices=[*sorted(FORMATS), _ALL],
        help="打印格式的 JSON Schema，不写哪一种即全部",
    )
    return parser


def _tally(options: argparse.Namespace) -> int:
    problems: list[str] = []
    roll = _read("roll", options.roll, read_roll, problems)
    rules = _read("rules", options.rules, read_rules, problems)
    events = _read("events", options.events, read_events, problems)
    if roll and rules and events:
        problems += problems_between(roll=roll, rules=rules, events=events)
        if not problems:
            result = tally(
                roll=roll,
                rules=rules,
                events=events,
                sensitivity=not options.no_sensitivity,
                detail=options.detail,
            )
            _print(result.model_dump(mode="json"))
            return 0
    for one in problems:
        print(one, file=sys.stderr)
    return 1


def _read(name: str, source: str, reader: Callable[..., T], problems: list[str]) -> T | None:
    try:
        return reader(text=_text(source), named=LABELS[name])
    except BadInput as bad:
        problems += bad.problems
    except FileNotFoundError:
        problems.append(f"{LABELS[name]}：没有文件 {source}")
    except UnicodeDecodeError:
        problems.append(f"{LABELS[name]}：{source} 不是 UTF-8 编码，请另存为 UTF-8")
    except OSError:
        problems.append(f"{LABELS[name]}：读不出 {source}")
    return None


def _text(source: str) -> str:
    return sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")


def _print(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
