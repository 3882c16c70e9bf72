"""Serves the shop's page. Environment: API (host:port of the api), SHOP_VERSION."""

import http.client
import http.server
import json
import os
import pathlib
import signal
import threading

import page

PORT = 8080
API = os.environ.get("API", "127.0.0.1:8000")
VERSION = os.environ.get("SHOP_VERSION", "unknown")
STYLE = pathlib.Path(__file__).with_name("style.css.gz")


def ask_api() -> dict:
    """Raises OSError when the api does not answer as it should."""
    connection = http.client.HTTPConnection(API, timeout=3)
    try:
        connection.request("GET", "/products")
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(f"the api answered {response.status}")
        return json.load(response)
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"the api does not speak as expected: {error}") from error
    finally:
        connection.close()


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/":
            self._answer_page()
        elif self.path == "/style.css":
            self._answer(200, "text/css", STYLE.read_bytes(), {"Content-Encoding": "gzip"})
        elif self.path == "/health":
            self._answer(200, "text/plain", b"ok\n")
        else:
            self._answer(404, "text/plain", b"not found\n")

    def _answer_page(self):
        try:
            code, html = 200, page.render(ask_api(), VERSION)
        except OSError as error:
            code, html = 503, page.render_closed(f"The api cannot be reached: {error}.")
        self._answer(code, "text/html; charset=utf-8", html.encode())

    def _answer(self, code: int, kind: str, body: bytes, headers=None):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        if self.path != "/health":
            super().log_request(code, size)


def main():
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    with http.server.ThreadingHTTPServer(("", PORT), Web) as server:
        threading.Thread(target=server.serve_forever).start()
        print(f"web listens on port {PORT}")
        stopping.wait()
        server.shutdown()
    print("web has stopped")


if __name__ == "__main__":
    main()
