"""Moves the clock of a Python process by `CLOCK_AHEAD` seconds: Python imports this file before all else.

`tools/check_dates.py` puts its folder on the path of the tests and of every process that they start. Whatever
asks Python for the time gets the moved one, in C too. The monotonic clock, the times of files and the dates
in certificates are not moved.
"""

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["CLOCK_AHEAD"]), tick=True).start()
time.time()  # from the first call on, the moved clock runs
