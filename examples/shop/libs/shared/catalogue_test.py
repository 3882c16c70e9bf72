import unittest

from shop import catalogue

TEA = '{"id": "tea", "name": "Tea", "price_cents": 350, "stock": 5}'


class CatalogueTest(unittest.TestCase):
    def test_reads_version_and_products(self):
        read = catalogue.parse('{"version": "7", "products": [%s]}' % TEA)

        self.assertEqual(read.version, "7")
        self.assertEqual(read.products, (catalogue.Product("tea", "Tea", 350, 5),))

    def test_refuses_two_products_of_one_id(self):
        with self.assertRaises(ValueError):
            catalogue.parse('{"version": "7", "products": [%s, %s]}' % (TEA, TEA))


if __name__ == "__main__":
    unittest.main()
