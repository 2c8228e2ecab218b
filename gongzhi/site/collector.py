"""The garbage collector of a process that serves for days."""

import gc

NEW_OBJECTS, YOUNG, MIDDLE = 50_000, 20, 100


def settle_collector() -> None:
    """What is loaded stays, so it is not looked through again; a page makes some ten thousand objects, so the new ones
    are looked through after a few pages and not dozens of times within each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, YOUNG, MIDDLE)
