"""How much of each product is there."""

import dataclasses
import threading

from shop.catalogue import Catalogue


class UnknownProduct(Exception):
    pass


class NotEnough(Exception):
    pass


class Stock:
    """Starts with what the catalogue says. Safe for many threads."""

    def __init__(self, catalogue: Catalogue):
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._amounts = {product.id: product.stock for product in catalogue.products}
        self._updates = 0

    def change(self, changes: dict[str, int]):
        """Adds to the amounts, all or nothing. Raises UnknownProduct or NotEnough."""
        with self._lock:
            for product, change in changes.items():
                if product not in self._amounts:
                    raise UnknownProduct(f"there is no product '{product}'")
                if self._amounts[product] + change < 0:
                    raise NotEnough(f"only {self._amounts[product]} of '{product}' are left")
            for product, change in changes.items():
                self._amounts[product] += change
            self._updates += 1

    def snapshot(self) -> dict:
        with self._lock:
            return {
                "catalogue": self._catalogue.version,
                "updates": self._updates,
                "products": [
                    dataclasses.asdict(product) | {"stock": self._amounts[product.id]}
                    for product in self._catalogue.products
                ],
            }
