"""Who turns the crank."""
