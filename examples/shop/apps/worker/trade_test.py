import unittest

from trade import changes_at


class TradeTest(unittest.TestCase):
    def test_products_are_sold_in_turn(self):
        stock = {"tea": 8, "cup": 8}

        self.assertEqual(changes_at(0, stock), {"tea": -1})
        self.assertEqual(changes_at(1, stock), {"cup": -1})
        self.assertEqual(changes_at(2, stock), {"tea": -1})

    def test_what_runs_low_is_delivered(self):
        self.assertEqual(changes_at(0, {"tea": 8, "cup": 2}), {"tea": -1, "cup": 10})

    def test_a_sale_may_be_what_makes_it_low(self):
        self.assertEqual(changes_at(0, {"tea": 3}), {"tea": 9})

    def test_what_is_not_there_is_not_sold(self):
        self.assertEqual(changes_at(0, {"tea": 0}), {"tea": 10})


if __name__ == "__main__":
    unittest.main()
