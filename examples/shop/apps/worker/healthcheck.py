"""Exits 0 when the worker updated the stock within its last three intervals."""

import os
import sys
import time

try:
    age = time.time() - os.stat("/tmp/worker-heartbeat").st_mtime
except FileNotFoundError:
    sys.exit("no update yet")
sys.exit(age > 3 * float(os.environ["INTERVAL_SECONDS"]) and f"the last update is {age:.0f} s old")
