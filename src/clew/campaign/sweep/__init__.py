"""The sweep: are we hit, are we not, or could we not look?"""
