"""Records -> events: dialects to one shape, and one mapping a log source."""
