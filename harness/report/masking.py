"""Masks everything that looks like a secret in texts of documents."""

from markupsafe import Markup

from bmc.masking.text import masked


def safe(value: object) -> object:
    """The value, its text masked; markup that was made here passes as it is."""
    return masked(value) if isinstance(value, str) and not isinstance(value, Markup) else value
