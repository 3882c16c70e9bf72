import unittest

from shop.catalogue import Catalogue, Product

from stock import NotEnough, Stock, UnknownProduct


def a_stock(**amounts):
    return Stock(Catalogue("1", tuple(Product(id, id, 100, n) for id, n in amounts.items())))


def amounts_of(stock):
    return {product["id"]: product["stock"] for product in stock.snapshot()["products"]}


class StockTest(unittest.TestCase):
    def test_starts_with_the_catalogue(self):
        self.assertEqual(amounts_of(a_stock(tea=5, cup=0)), {"tea": 5, "cup": 0})

    def test_adds_and_takes_away(self):
        stock = a_stock(tea=5, cup=0)

        stock.change({"tea": -2, "cup": 3})

        self.assertEqual(amounts_of(stock), {"tea": 3, "cup": 3})
        self.assertEqual(stock.snapshot()["updates"], 1)

    def test_a_change_that_is_partly_impossible_changes_nothing(self):
        stock = a_stock(tea=5, cup=0)

        with self.assertRaises(NotEnough):
            stock.change({"tea": -2, "cup": -1})

        self.assertEqual(amounts_of(stock), {"tea": 5, "cup": 0})
        self.assertEqual(stock.snapshot()["updates"], 0)

    def test_an_unknown_product_is_refused(self):
        with self.assertRaises(UnknownProduct):
            a_stock(tea=5).change({"coffee": 1})


if __name__ == "__main__":
    unittest.main()
