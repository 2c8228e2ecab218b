"""Money as people read it. No Django."""

FEN_PER_YUAN = 100


def yuan(fen: int) -> str:
    """123456 -> 1,234.56; whole 分 in, text out, no float between."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{rest:02d}"
