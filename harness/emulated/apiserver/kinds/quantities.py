"""Amounts such as `1500m` or `1Gi`: what they are, and the one way in which the server writes each."""

import re
from fractions import Fraction

_SHAPE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i)|([numkMGTPE])|([eE])([+-]?\d+))?")
SAYS = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_OF_POWER = {power: unit for unit, power in _DECIMAL.items()}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_SMALLEST = -9


def amount(text: str) -> Fraction:
    """What a text stands for; raises ValueError."""
    return _read(text)[0]


def _read(text: str) -> tuple[Fraction, str]:
    """The amount, and the family of its unit: binary, exponent or decimal."""
    if not (found := _SHAPE.fullmatch(text)):
        raise ValueError(SAYS)
    number, binary, decimal, mark, exponent = found.groups()
    if binary:
        return Fraction(number) * 1024 ** _BINARY.index(binary), "binary"
    factor: Fraction = Fraction(10) ** (int(exponent) if mark else _DECIMAL[decimal or ""])
    return Fraction(number) * factor, "exponent" if mark else "decimal"


def canonical(text: str) -> str:
    """An amount as the server writes it: no fraction, and the largest unit of its family; raises ValueError."""
    value, family = _read(text)
    if family == "binary" and abs(value) >= 1024:
        return _binary(value)
    return _decimal(value, exponent=family == "exponent")


def _binary(value: Fraction) -> str:
    whole, power = -(-value.numerator // value.denominator), 0
    while whole % 1024 == 0 and power < len(_BINARY) - 1:
        whole, power = whole // 1024, power + 1
    return f"{whole}{_BINARY[power]}"


def _decimal(value: Fraction, *, exponent: bool) -> str:
    scaled = value * Fraction(10) ** -_SMALLEST
    whole, power = -(-scaled.numerator // scaled.denominator), _SMALLEST
    while whole and whole % 1000 == 0 and power < max(_OF_POWER):
        whole, power = whole // 1000, power + 3
    if not whole:
        return "0"
    if exponent:
        return f"{whole}e{power}" if power else str(whole)
    return f"{whole}{_OF_POWER[power]}"
