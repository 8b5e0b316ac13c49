"""Programs that open a stranger's file, run as child processes with set limits of memory and computing time.

Both sides are here: `answer_of` for the site, `limit` for the program. Nothing of Django is imported: a program must
start in a moment.
"""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]


def answer_of(module: str, data: bytes, *, arguments: tuple[str, ...] = (), seconds: float = 60) -> bytes:
    """What the program writes when it is given the data; nothing when the kernel had to end it.

    Raises TimeoutError when it has not answered after so many seconds, most of which it waited for its turn.
    """
    try:
        done = subprocess.run(  # noqa: S603  (our own program, no shell)
            [sys.executable, "-m", module, *arguments],
            input=data,
            capture_output=True,
            cwd=ROOT,
            # SECURITY: what reads a stranger's file knows none of our secrets.
            env={"MALLOC_ARENA_MAX": "1"},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(module) from error
    if done.returncode > 0 and b"MemoryError" not in done.stderr:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return done.stdout if done.returncode == 0 else b""


def limit(*, seconds: int, most_bytes: int) -> Callable[[int], None]:
    """Limits the computing time, and the memory to so many bytes more than the program has at its start.

    Returns what sets the memory to fewer bytes for the time being.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    start = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()

    def allow(more: int) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (start + more, start + most_bytes))

    allow(most_bytes)
    return allow
