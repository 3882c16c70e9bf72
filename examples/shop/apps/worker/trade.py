"""What happens in the shop, as a function of time and stock."""

LOW = 2
DELIVERY = 10


def changes_at(tick: int, stock: dict[str, int]) -> dict[str, int]:
    """Returns the change of each product: one is sold a tick, in turn, and any that is low after
    that is delivered. Never asks for more than there is."""
    turn = tick % len(stock)
    changes = {}
    for position, (product, amount) in enumerate(stock.items()):
        sold = 1 if position == turn and amount > 0 else 0
        delivered = DELIVERY if amount - sold <= LOW else 0
        if delivered != sold:
            changes[product] = delivered - sold
    return changes
