"""Lets time pass in the shop: customers buy, and what runs low is delivered.

Environment: API (host:port of the api), INTERVAL_SECONDS.
"""

import http.client
import itertools
import json
import os
import pathlib

from shop import stopping

from trade import changes_at

HEARTBEAT = pathlib.Path("/tmp/worker-heartbeat")  # Touched after each update that succeeded.
TIMEOUT_SECONDS = 5


def ask(address: str, method: str, path: str, body=None) -> dict:
    """Raises OSError when the api cannot be reached or refuses."""
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, path, body and json.dumps(body))
        response = connection.getresponse()
        document = json.load(response)
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"{address} does not speak as expected: {error}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise OSError(f"{method} {path} failed: {document.get('error', response.status)}")
    return document


def trade_once(address: str, tick: int):
    products = ask(address, "GET", "/products")["products"]
    changes = changes_at(tick, {product["id"]: product["stock"] for product in products})
    ask(address, "POST", "/stock", changes)
    HEARTBEAT.touch()
    print(f"tick {tick}: {changes}")


def main():
    address = os.environ.get("API", "127.0.0.1:8000")
    interval = float(os.environ.get("INTERVAL_SECONDS", "5"))
    stopping_event = stopping.stop_requested()
    for tick in itertools.count():
        try:
            trade_once(address, tick)
        except OSError as error:
            print(f"tick {tick}: {error}")
        if stopping_event.wait(interval):
            break
    print("worker has stopped")


if __name__ == "__main__":
    main()
