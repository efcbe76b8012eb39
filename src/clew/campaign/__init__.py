"""Campaigns: packs of facts that run. "Are we hit, and what do we do?" """
