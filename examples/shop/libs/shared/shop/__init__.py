"""What the shop's services have in common."""
