"""The shop's page as a function of what the api says."""

from html import escape


def render(answer: dict, version: str) -> str:
    rows = "\n".join(_row(product) for product in answer["products"])
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Shop</title><link rel="stylesheet" href="/style.css"></head>
<body>
<h1>Shop</h1>
<table>
{rows}
</table>
<footer>catalogue {escape(answer["catalogue"])}, stock updated {answer["updates"]} times,
web {escape(version)}</footer>
</body>
</html>
"""


def render_closed(reason: str) -> str:
    return f"<!doctype html><title>Shop</title><h1>Closed</h1><p>{escape(reason)}</p>\n"


def _row(product: dict) -> str:
    price = f'{product["price_cents"] / 100:.2f}'
    return (
        f'<tr><td>{escape(product["name"])}</td><td class="number">{price}</td>'
        f'<td class="number">{product["stock"]} in stock</td></tr>'
    )
