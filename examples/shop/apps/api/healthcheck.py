"""Exits 0 when the api answers."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=2)
connection.request("GET", "/health")
sys.exit(connection.getresponse().status != 200)
