"""One file a family of BMCs; each states what is known of the family and where it is wrong.

To add a family, add a file with a `FAMILY` (see `bmc.witness.family`); it is found by that.
"""
