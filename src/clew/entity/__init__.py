"""Who is who: processes and their lineage, keys that were seen before."""
