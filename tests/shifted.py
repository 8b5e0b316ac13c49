"""Clocks of tests. `python -m tests.shifted SECONDS MODULE ARGUMENT…` runs a module as the main program with a clock
that is wrong by so many seconds beside that of the tests.
"""

import os
import runpy
import sys
import time

import time_machine

# How far the tests' clock is from the machine's, in seconds: bin/test sets a moment for the tests and PostgreSQL.
OFFSET = float(os.environ.get("FAKETIME", "0"))


def shifted(seconds: float = 0) -> time_machine.travel:
    """The clock of the tests, wrong by `seconds`; it goes on. To be asked at the machine's own time."""
    return time_machine.travel(time.time() + OFFSET + seconds, tick=True)


if __name__ == "__main__":
    seconds, module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    with shifted(float(seconds)):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
