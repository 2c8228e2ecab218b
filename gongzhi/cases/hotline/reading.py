"""CSV and JSON as rows of text. What cannot be read is refused with where and why."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from gongzhi.core.errors import Refused

ENCODINGS = ("utf-8-sig", "gb18030")
MOST_ROWS, MOST_COLUMNS = 5_000, 100
LISTS = ("tickets", "rows", "data")


@dataclass(frozen=True)
class Table:
    """`rows` in the order of `headers`. Row 1 of a CSV file is its heading, of a JSON file its first ticket."""

    headers: list[str]
    rows: list[list[str]]
    first_row: int

    def number(self, index: int) -> int:
        """What a clerk sees as the number of this row."""
        return self.first_row + index

    def cells(self, index: int) -> dict[str, str]:
        return dict(zip(self.headers, self.rows[index], strict=True))


def read(content: bytes) -> Table:
    text = _decoded(content)
    if not text.strip():
        raise _bad("文件里没有工单。")
    table = _json(text) if text.lstrip()[:1] in ("{", "[") else _csv(text)
    if not table.rows:
        raise _bad("文件里没有工单。")
    if len(table.rows) > MOST_ROWS:
        raise _bad(f"一次最多{MOST_ROWS}行，文件有{len(table.rows)}行，请分几个文件。")
    if len(table.headers) > MOST_COLUMNS:
        raise _bad(f"栏目超过{MOST_COLUMNS}个，请核对文件。")
    return table


def _bad(why: str) -> Refused:
    return Refused("bad_file", why, fields={"file": why})


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise _bad("这不是CSV或JSON文本文件。Excel文件请另存为“CSV UTF-8”再上传。")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _bad("文件编码读不出来，请存为UTF-8或GB18030。")


def _csv(text: str) -> Table:
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error as error:
        raise _bad(f"CSV格式有误：{error}。") from error
    headers = [one.strip() for one in lines[0]] if lines else []
    _distinct(headers)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(one.strip() for one in line):
            rows.append([""] * len(headers))
            continue
        if len(line) > len(headers) and any(one.strip() for one in line[len(headers) :]):
            raise _bad(f"第{number}行有{len(line)}格，标题只有{len(headers)}格，请核对逗号和引号。")
        rows.append([one.strip() for one in (line + [""] * len(headers))[: len(headers)]])
    while rows and not any(rows[-1]):
        rows.pop()
    return Table(headers, rows, 2)


def _json(text: str) -> Table:
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f"第{error.lineno}行第{error.colno}列" if isinstance(error, json.JSONDecodeError) else "嵌套太深"
        raise _bad(f"JSON格式有误：{where}。") from error
    if isinstance(found, dict):
        found = next((found[name] for name in LISTS if isinstance(found.get(name), list)), None)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _bad("JSON应是工单的列表，或带 tickets 列表的对象。")
    headers = list(dict.fromkeys(str(name) for one in found for name in one))
    _distinct(headers)
    return Table(headers, [[_text(one.get(name)) for name in headers] for one in found], 1)


def _distinct(headers: list[str]) -> None:
    if not any(headers):
        raise _bad("第一行应是栏目名称。")
    named = [one for one in headers if one]
    twice = sorted({one for one in named if named.count(one) > 1})
    if twice:
        raise _bad(f"栏目名称重复：{'、'.join(twice)}。")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "\n".join(_text(one) for one in value)
    return json.dumps(value, ensure_ascii=False)
