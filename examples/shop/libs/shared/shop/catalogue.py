"""The products the shop sells, as the build of this package generated them."""

import dataclasses
import json
import pathlib


@dataclasses.dataclass(frozen=True)
class Product:
    id: str
    name: str
    price_cents: int
    stock: int  # When the shop opens.


@dataclasses.dataclass(frozen=True)
class Catalogue:
    version: str  # Changes with the products.
    products: tuple[Product, ...]


def parse(text: str) -> Catalogue:
    """Raises ValueError for anything but a catalogue with distinct products."""
    document = json.loads(text)
    products = tuple(Product(**fields) for fields in document["products"])
    if len({product.id for product in products}) != len(products):
        raise ValueError("two products have the same id")
    return Catalogue(document["version"], products)


def load() -> Catalogue:
    return parse(pathlib.Path(__file__).with_name("catalogue.json").read_text("utf-8"))
