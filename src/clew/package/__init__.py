"""Packages: their names, versions and ranges, the files that list them, and where they lie on disks."""
