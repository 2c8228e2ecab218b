"""The shape of the code: sizes, signatures, names, and who may know whom beyond what import-linter sees."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / "gongzhi"
LONGEST_FILE = 600
LONGEST_FUNCTION = 80
# Handed out alone, so that a stranger reads and runs one file.
ONE_FILE = CODE / "proof" / "verifier" / "verify.py"
VAGUE_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?)$")
# Modules whose functions Django or pytest call in its own way.
CALLED_BY_OTHERS = {"views", "api", "apps", "admin", "wsgi", "conftest", "context", "urls"}
# The faces of the packages, as docs/architecture.md writes them.
FACES = {
    "load", "decide", "compute", "check", "duties_after", "advance", "extend", "require", "may", "fact", "reveal",
    "simulate", "case_acts", "window_state",
}  # fmt: skip
MOST_BY_POSITION = 3
DECORATORS_OF_OTHERS = {
    "filter", "simple_tag", "inclusion_tag", "tag", "simple_block_tag", "task", "periodic", "fixture", "property",
    "cached_property", "register", "validator", "field_validator", "model_validator", "classmethod", "hookimpl",
}  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _files(*, tests: bool = False) -> list[Path]:
    found = sorted(CODE.rglob("*.py"))
    return [path for path in found if tests or not {"tests", "migrations"} & set(path.relative_to(CODE).parts)]


def _shown(path: Path, line: int = 0) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


TREES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in _files()}


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _named(node: ast.expr) -> str:
    """`library.filter(...)` and `filter` both give `filter`."""
    if isinstance(node, ast.Call):
        return _named(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _none(found: Iterable[object]) -> None:
    listed = [str(one) for one in found]
    assert not listed, "\n" + "\n".join(listed)


def test_no_file_is_longer_than_600_lines() -> None:
    long = [
        f"{_shown(path)} {lines}"
        for path in [*CODE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
        if "migrations" not in path.parts
        and path != ONE_FILE
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    ]
    _none(long)


def test_no_function_is_longer_than_80_lines() -> None:
    long = [
        f"{_shown(path, node.lineno)} {node.name}"
        for path, tree in TREES.items()
        for node in _functions(tree)
        if (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    _none(long)


def test_no_module_is_named_after_nothing() -> None:
    _none([_shown(path) for path in _files(tests=True) if VAGUE_NAMES.search(path.stem)])


def _place_words() -> set[str]:
    """Folder names of the packs, and the names of the places they hang on, without the last character (市, 区, 县)."""
    slugs = {path.parent.name for path in (ROOT / "packs").glob("*/pack.yaml")} - {"national"}
    words = {*slugs, *(slug.capitalize() for slug in slugs)}
    codes = {
        code
        for path in (ROOT / "packs").glob("*/pack.yaml")
        for code in re.findall(r"^\s*place:\s*[\"']?(\d+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    for path in (ROOT / "divisions").glob("*.csv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = line.split(",")
            if codes & set(cells):
                words |= {cell[:-1] for cell in cells if re.fullmatch(r"[一-鿿]{2,}[市区县]", cell)}
    return words


def test_no_city_is_named_in_code() -> None:
    words = _place_words()
    if not words:
        pytest.skip("no packs yet")
    pattern = re.compile("|".join(sorted(map(re.escape, words))))
    named = [
        f"{_shown(path, number)} {found.group()}"
        for path in TREES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := pattern.search(line))
    ]
    _none(named)


def _public_functions(tree: ast.Module) -> Iterator[tuple[Function, int]]:
    """Public functions of a module and methods of its public classes, with 1 where `self` or `cls` comes first."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, 0
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not _of_a_framework(node):
            for item in node.body:
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                    static = "staticmethod" in {_named(one) for one in item.decorator_list}
                    yield item, 0 if static else 1


def _of_a_framework(node: ast.ClassDef) -> bool:
    """Classes with a base override what that base calls in its own way: models, forms, commands, middleware."""
    ours = {"Protocol", "Generic", "Exception", "SystemExit", "BaseException", "StrEnum", "Enum", "str"}
    return any(_named(base) not in ours for base in node.bases)


def _has_request_first(node: Function) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "request"


def _called_by_others(path: Path, node: Function) -> bool:
    parts = path.relative_to(CODE).with_suffix("").parts
    stem = path.stem
    return (
        node.name.startswith("_")
        or stem in CALLED_BY_OTHERS
        or stem.startswith("views")
        or "views" in parts
        or "commands" in parts
        or _has_request_first(node)
        or bool({_named(one) for one in node.decorator_list} & DECORATORS_OF_OTHERS)
    )


def _is_command(node: Function) -> bool:
    """Who does it and when are told to whatever writes."""
    return {"actor", "now"} <= {one.arg for one in [*node.args.args, *node.args.kwonlyargs]}


def test_commands_take_keywords_only_after_the_first_argument_and_questions_after_the_third() -> None:
    loose = [
        f"{_shown(path, node.lineno)} {node.name}"
        for path, tree in TREES.items()
        for node, selves in _public_functions(tree)
        if not _called_by_others(path, node)
        and node.name not in FACES
        and len(node.args.posonlyargs) + len(node.args.args) - selves > (1 if _is_command(node) else MOST_BY_POSITION)
    ]
    _none(loose)


def test_no_yes_or_no_is_passed_by_position() -> None:
    """Some `f(thing, True)` says nothing to its reader."""
    loose = [
        f"{_shown(path, node.lineno)} {node.name}"
        for path, tree in TREES.items()
        for node, selves in _public_functions(tree)
        if not _called_by_others(path, node)
        and any(_named(one.annotation) == "bool" for one in node.args.args[1 + selves :] if one.annotation is not None)
    ]
    _none(loose)


def test_public_functions_say_their_types() -> None:
    untyped = [
        f"{_shown(path, node.lineno)} {node.name}"
        for path, tree in TREES.items()
        for node, _ in _public_functions(tree)
        if not node.name.startswith("_")
        and (
            node.returns is None
            or any(
                one.annotation is None
                for one in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if one.arg not in ("self", "cls")
            )
        )
    ]
    _none(untyped)


def test_only_the_site_imports_the_pages_and_the_api_of_another_app() -> None:
    crossing = []
    for path, tree in TREES.items():
        app = path.relative_to(CODE).parts[0]
        if app == "site":
            continue
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                found = re.match(r"gongzhi\.(\w+)\.(views\w*|api)(\.|$)", name)
                if found and found[1] != app:
                    crossing.append(f"{_shown(path, node.lineno)} {name}")
    _none(crossing)


def _document(name: str) -> str:
    path = ROOT / "docs" / name
    if not path.exists():
        pytest.skip(f"docs/{name} is not there yet")
    return path.read_text(encoding="utf-8")


def test_every_model_stands_in_the_glossary() -> None:
    from django.apps import apps

    glossary = set(re.findall(r"\w+", _document("glossary.md")))
    models = {
        model.__name__
        for config in apps.get_app_configs()
        if config.name.startswith("gongzhi.")
        for model in config.get_models()
    }
    assert models
    _none(sorted(models - glossary))


def test_every_event_kind_is_documented() -> None:
    documented = set(re.findall(r"[a-z_]+\.[a-z_]+", _document("events.md")))
    from gongzhi.site.vocabulary import vocabulary

    kinds = {getattr(kind, "name", kind) for kind in vocabulary().events}
    assert kinds
    _none(sorted(kinds - documented))
