"""How often one address may read what anybody may read: counted in each process, so that a look costs no write."""

import threading
from dataclasses import dataclass, field

MOST_ADDRESSES = 10_000


@dataclass
class Allowance:
    """`most` looks in any `seconds`, by a bucket that fills evenly. The oldest of too many addresses are forgotten."""

    most: int
    seconds: float
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str, *, at: float, cost: int = 1) -> float:
        """0 when the look is granted, else the seconds until it will be. `at` never runs backwards."""
        with self._lock:
            left, seen = self._left.pop(address, (float(self.most), at))
            left = min(float(self.most), left + (at - seen) * self.most / self.seconds)
            granted = left >= cost
            self._left[address] = (left - cost if granted else left, at)
            if len(self._left) > MOST_ADDRESSES:
                del self._left[next(iter(self._left))]
            return 0.0 if granted else (cost - left) * self.seconds / self.most
