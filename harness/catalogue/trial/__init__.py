"""Trying the judge: each class is planted in a good run and judged, and what was found, missed or wrongly told is counted."""
