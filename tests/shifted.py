"""Runs a module as the main program with a clock that is wrong: python -m tests.shifted SECONDS MODULE ARGUMENT…"""

import runpy
import sys
import time

import time_machine

if __name__ == "__main__":
    seconds, module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    with time_machine.travel(time.time() + float(seconds), tick=True):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
