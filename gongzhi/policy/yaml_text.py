"""YAML read as text with lines: every scalar stays what the author wrote, and the schema types it.

Plain YAML turns `on` into true, 1:30 into 90 and 0.1 into a float; nothing of that happens here.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from gongzhi.policy.problems import Problem

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# A pack nests about ten deep; the parsers recurse, so that far deeper text must not reach them.
_TOO_DEEP = re.compile(r"(?:[\[{]\s*|[?-]\s+){50}")
_DEEPEST_INDENT = 200
_STANDARD_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map", "null", "bool", "int", "float", "timestamp")
)


class Block(dict[str, Any]):
    """A mapping with the line of each key. `line` is where it begins."""

    __slots__ = ("file", "line", "lines")

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


class Items(list[Any]):
    """A list with the line of each entry."""

    __slots__ = ("file", "line", "lines")

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line
        self.lines: list[int] = []


def read_yaml(path: Path, name: str) -> tuple[Any, list[Problem]]:
    """The file as Block, Items and text, and what is wrong with it. `name` is how messages call the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None, [Problem(name, 1, "文件不是 UTF-8 编码，请另存为 UTF-8")]
    except OSError:
        return None, [Problem(name, 1, "读不出文件：它不是普通文件，或没有读取权限")]
    return read_text(text, name)


def read_text(text: str, name: str) -> tuple[Any, list[Problem]]:
    problems: list[Problem] = []
    if (deep := _deep_line(text)) is not None:
        return None, [Problem(name, deep, "层数太多，请写得平一些")]
    try:
        loader = _LOADER(text)
    except yaml.YAMLError as error:
        return None, [_broken(error, name)]
    try:
        problems += _aliases(text, name)
        if problems:
            return None, problems
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        return None, [_broken(error, name)]
    finally:
        loader.dispose()
    if node is None:
        return None, [Problem(name, 1, "文件是空的")]
    return _Reader(name, problems).value(node), problems


def _deep_line(text: str) -> int | None:
    """The line at which the text nests deeper than any pack, told without parsing it."""
    if (flow := _TOO_DEEP.search(text)) is not None:
        return text.count("\n", 0, flow.start()) + 1
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > _DEEPEST_INDENT and line[:_DEEPEST_INDENT].isspace() and not line.isspace():
            return number
    return None


def _aliases(text: str, name: str) -> list[Problem]:
    """Anchors and aliases, found among the events: in the composed nodes they can no longer be seen."""
    if "&" not in text and "*" not in text:
        return []
    found: list[Problem] = []
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            found.append(Problem(name, line, f"不支持引用“*{anchor}”，请把内容写全"))
        elif anchor is not None:
            found.append(Problem(name, line, f"不支持锚点“&{anchor}”，请把内容写全"))
    return found


class _Reader:
    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems

    def value(self, node: yaml.Node) -> Any:
        if node.tag not in _STANDARD_TAGS:
            message = f"不支持标签“{node.tag}”，请直接写值（以 ! 开头的文字要加引号）"
            self.problems.append(Problem(self.file, node.start_mark.line + 1, message))
            return ""
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return self._items(node)
        return self._block(node)

    def _items(self, node: yaml.SequenceNode) -> Items:
        items = Items(self.file, node.start_mark.line + 1)
        for child in node.value:
            items.append(child.value if type(child) is yaml.ScalarNode and not _tagged(child) else self.value(child))
            items.lines.append(child.start_mark.line + 1)
        return items

    def _block(self, node: yaml.Node) -> Block:
        block = Block(self.file, node.start_mark.line + 1)
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(self.file, line, "键必须是文字，不能是列表或映射"))
                continue
            key = key_node.value
            if key in block:
                self.problems.append(Problem(self.file, line, f"键“{key}”重复，前一处在第 {block.lines[key]} 行"))
                continue
            block[key] = child.value if type(child) is yaml.ScalarNode and not _tagged(child) else self.value(child)
            block.lines[key] = line
        return block


def _tagged(node: yaml.Node) -> bool:
    return node.tag not in _STANDARD_TAGS


def _broken(error: yaml.YAMLError, name: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark is not None else 1
    detail = getattr(error, "problem", None) or str(error)
    if "control characters" in detail or "special characters" in detail:
        return Problem(name, line, "有看不见的控制字符，请删去")
    if "cannot start any token" in detail:
        return Problem(name, line, "有不能开头的字符：缩进里的制表符请改用空格，以 % @ ` 开头的文字请加引号")
    hint = next((chinese for english, chinese in _HINTS.items() if english in detail), "检查缩进、冒号和引号")
    return Problem(name, line, f"YAML 写法有误：{hint}")


_HINTS = {
    "tab": "缩进里的制表符请改用空格",
    "',' or ']'": "列表没有以 ] 收尾，或两项之间少了半角逗号",
    "',' or '}'": "映射没有以 } 收尾，或两项之间少了半角逗号",
    "expected ':'": "键后面要有半角冒号和空格（不能是全角“：”）",
    "mapping values are not allowed": "这里不能再有冒号：检查上一行的缩进和冒号（不能是全角“：”）",
    "expected key": "这一行的缩进与同组的键不齐",
    "'-' indicator": "这一行的缩进与同组的“- ”不齐",
    "end of stream": "引号没有收尾",
    "another document": "一个文件只能有一份内容，请删去“---”",
    "document start": "前一段写完以后又有多余的内容，检查缩进",
    "unknown escape": "双引号里的反斜杠请改用单引号",
}
