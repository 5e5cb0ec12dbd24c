"""How much memory this process has in use."""

import gc
import resource
from pathlib import Path


def resident_bytes() -> int:
    """The memory that the process has in use now (proc(5), statm)."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()
