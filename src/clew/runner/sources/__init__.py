"""Sources: what there is in some logs, and what can be looked for with it."""
