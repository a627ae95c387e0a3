"""Reference data that ships, as plain Python and CSV, in our own words.

Everything here was written for this product. Code numbers and dates are facts.
"""
