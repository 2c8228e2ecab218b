import json
from pathlib import Path

from gongzhi.policy.schema import RESERVED, SECTIONS
from gongzhi.policy.schema_json import json_schema

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_schema_for_editors_is_the_one_that_the_models_give():
    written = json.loads((DOCS / "packs.schema.json").read_text(encoding="utf-8"))
    assert written == json_schema(), "run: gongzhi packs schema > docs/packs.schema.json"


def test_every_section_of_the_schema_is_described_for_pack_authors():
    page = (DOCS / "packs.md").read_text(encoding="utf-8")
    assert [name for name in (*SECTIONS, *RESERVED) if name not in page] == []
