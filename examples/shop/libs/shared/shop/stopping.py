"""A graceful end: a container is stopped with SIGTERM, a terminal with SIGINT."""

import signal
import threading


def stop_requested() -> threading.Event:
    """Returns an event that is set once the process is asked to stop. Main thread only."""
    event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: event.set())
    return event
