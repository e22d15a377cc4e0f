"""Runs the sandbox's supervisor, and removes the emulator's folder when all that was started is dead.

A program of its own (`python -I -S guardian.py REPORT_FD SUPERVISOR FOLDER`): it outlives a grader that is killed.
"""

import runpy
import shutil
import sys

supervise = runpy.run_path(sys.argv[2])["main"]
try:
    supervise()
finally:  # whether or not somebody still holds the pipe that the report goes to
    shutil.rmtree(sys.argv[3], ignore_errors=True)
