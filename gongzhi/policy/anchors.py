"""Whether the anchor of each clause stands in the text of its document; spaces and line ends do not count."""

from pathlib import Path

from gongzhi.policy.assembling import Draft

NATIONAL = "national"


def check_anchors(draft: Draft, sources: Path) -> int:
    """Reports to the draft; gives the number of anchors that were found."""
    texts: dict[str, str | None] = {}
    head = draft.sheet.head
    is_root = head.extends is None
    found = 0
    for part in draft.sheet.clauses:
        name = part.source or head.source or draft.sheet.catalogue_source
        if part.anchor is None:
            if name and not is_root:
                draft.report(part.file, part.line, f"条款 {part.id} 缺少 anchor（原文里 3 至 16 个字的词或数）")
            continue
        if not name:
            draft.report(part.file, part.line_of("anchor"), f"条款 {part.id} 有 anchor，但没有写原文文件名 source")
            continue
        if name not in texts:
            texts[name] = _text(sources, name)
        text = texts[name]
        if text is None:
            message = f"原文文件“{name}”不在 {sources}（也不在 {NATIONAL} 子目录）"
            draft.report(part.file, part.line_of("source"), message)
            texts[name] = ""
        elif text and _squeezed(part.anchor) not in text:
            message = f"条款 {part.id} 的 anchor“{part.anchor}”在 {name} 里找不到"
            draft.report(part.file, part.line_of("anchor"), message)
        elif text:
            found += 1
    return found


def _text(sources: Path, name: str) -> str | None:
    for path in (sources / name, sources / NATIONAL / name):
        if path.is_file() and path.resolve().is_relative_to(sources.resolve()):
            return _squeezed(_decoded(path.read_bytes()))
    return None


def _decoded(raw: bytes) -> str:
    """Documents arrive as UTF-8 or in the older Chinese encoding."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _squeezed(text: str) -> str:
    return "".join(text.split()).replace("\u3000", "")
