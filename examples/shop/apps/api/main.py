"""The shop's API: products with their stock, which the worker keeps up to date.

  GET  /health
  GET  /products   {catalogue: VERSION, updates: N, products: [{id, name, price_cents, stock}]}
  POST /stock      {ID: CHANGE, ...}: adds CHANGE to the stock of each product, all or nothing
"""

import http.server
import json
import threading

from shop import catalogue, stopping

from stock import NotEnough, Stock, UnknownProduct

PORT = 8000
MAX_BODY_BYTES = 64 * 1024


class Api(http.server.BaseHTTPRequestHandler):
    stock: Stock  # Set by the class that make_handler returns.

    def do_GET(self):
        if self.path == "/health":
            self._answer(200, {"status": "ok"})
        elif self.path == "/products":
            self._answer(200, self.stock.snapshot())
        else:
            self._answer(404, {"error": f"there is no {self.path}"})

    def do_POST(self):
        if self.path != "/stock":
            self._answer(404, {"error": f"there is no {self.path}"})
            return
        try:
            self.stock.change(self._changes())
        except UnknownProduct as error:
            self._answer(404, {"error": str(error)})
        except NotEnough as error:
            self._answer(409, {"error": str(error)})
        except ValueError as error:
            self._answer(400, {"error": str(error)})
        else:
            self._answer(200, self.stock.snapshot())

    def _changes(self) -> dict[str, int]:
        length = int(self.headers.get("Content-Length", 0))
        if not 0 < length <= MAX_BODY_BYTES:
            raise ValueError(f"a body of 1 to {MAX_BODY_BYTES} bytes is expected")
        changes = json.loads(self.rfile.read(length))
        if not isinstance(changes, dict) or not all(type(n) is int for n in changes.values()):
            raise ValueError("an object of whole numbers by product is expected")
        return changes

    def _answer(self, code: int, document: dict):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        if self.path != "/health":
            super().log_request(code, size)


def make_handler(stock: Stock) -> type[Api]:
    return type("ShopApi", (Api,), {"stock": stock})


def main():
    stopping_event = stopping.stop_requested()
    handler = make_handler(Stock(catalogue.load()))
    with http.server.ThreadingHTTPServer(("", PORT), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        print(f"api listens on port {PORT}")
        stopping_event.wait()
        server.shutdown()
    print("api has stopped")


if __name__ == "__main__":
    main()
