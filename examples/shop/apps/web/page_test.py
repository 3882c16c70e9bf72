import unittest

import page


def an_answer(**product):
    tea = {"id": "tea", "name": "Tea", "price_cents": 350, "stock": 5}
    return {"catalogue": "7", "updates": 3, "products": [tea | product]}


class PageTest(unittest.TestCase):
    def test_shows_name_price_and_stock_of_each_product(self):
        html = page.render(an_answer(), "v1")

        self.assertIn("<td>Tea</td>", html)
        self.assertIn(">3.50</td>", html)
        self.assertIn(">5 in stock</td>", html)

    def test_names_are_text_and_never_markup(self):
        self.assertIn("&lt;b&gt;Tea", page.render(an_answer(name="<b>Tea"), "v1"))

    def test_a_closed_shop_says_why(self):
        self.assertIn("the api is away", page.render_closed("the api is away"))


if __name__ == "__main__":
    unittest.main()
