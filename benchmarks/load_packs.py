"""How long all packs take to load and check, anchors left aside. Limit: under 3 seconds.

The ratio is to composing the same YAML without looking at it, measured in this run.
"""

import sys
import time
from pathlib import Path

import yaml

from gongzhi.policy.loader import load
from gongzhi.site.vocabulary import vocabulary

LIMIT = 3.0
ROUNDS = 3
PACKS = Path(__file__).resolve().parent.parent / "packs"


def main() -> int:
    words = vocabulary()
    loaded, composed, size = [], [], 0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        packs, problems = load(PACKS, words)
        loaded.append(time.perf_counter() - start)
        start = time.perf_counter()
        size = 0
        for path in PACKS.glob("*/*.yaml"):
            text = path.read_text(encoding="utf-8")
            size += len(text.encode())
            yaml.compose(text, Loader=yaml.CBaseLoader)
        composed.append(time.perf_counter() - start)
    seconds = min(loaded)
    print(
        f"load and check: {len(packs)} packs, {size / 1000:.0f} KB, {len(problems)} problems in {seconds:.2f} s"
        f" (limit {LIMIT} s); composing alone {min(composed):.2f} s; ratio {seconds / min(composed):.1f}"
    )
    return 0 if seconds < LIMIT and not problems else 1


if __name__ == "__main__":
    sys.exit(main())
