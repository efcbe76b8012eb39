"""YAML -> Detection: the language of chains, its errors, its conditions."""
