"""The time a piece of work takes by itself, whoever is watching it."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager


@contextmanager
def measured():
    """A list that holds the CPU seconds afterwards; coverage does not trace what is measured."""
    taken = []
    trace = sys.gettrace()
    sys.settrace(None)
    started = time.process_time()
    try:
        yield taken
    finally:
        taken.append(time.process_time() - started)
        sys.settrace(trace)
