"""The functions and methods of the Common Expression Language, with Kubernetes' libraries of them, over plain data."""

import ipaddress
import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from harness.emulated.apiserver.custom import cel_types
from harness.emulated.apiserver.custom.cel_types import URL_PARTS, Optional
from harness.emulated.apiserver.kinds.quantities import amount

Function = Callable[..., Any]


def equal(one: Any, other: Any) -> bool:
    """Equality: a boolean is no number."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def divided(one: Any, other: Any) -> Any:
    """Division; of integers it is cut towards zero."""
    if isinstance(one, int) and isinstance(other, int):
        return abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
    return one / other


def rest(one: int, other: int) -> int:
    """What a division of integers leaves; it has the sign of the dividend."""
    return int(math.fmod(one, other))


def text(value: Any) -> str:
    """A value as `string()` writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


def _succeeds(read: Function) -> Function:
    def test(*given: Any) -> bool:
        try:
            read(*given)
        except (ValueError, TypeError):
            return False
        return True

    return test


def _boolean(value: Any) -> bool:
    if value in ("true", "false", True, False):
        return value in ("true", True)
    raise ValueError("type conversion error")


def _compared(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise ValueError("cannot convert value to integer")
    return int(value)


def _sum(one: Any, other: Any) -> Any:
    return one + (Fraction(other) if isinstance(other, int) else other)


def _split(value: str, separator: str, limit: int = -1) -> list[str]:
    if limit == 0:
        return []
    return list(value) if not separator else value.split(separator, limit - 1 if limit > 0 else -1)


def _replaced(value: str, old: str, new: str, limit: int = -1) -> str:
    return value.replace(old, new, limit)


def _found(items: Any, wanted: Any, start: int = 0) -> int:
    if isinstance(items, str):
        return items.find(wanted, start)
    return next((at for at, each in enumerate(items) if equal(each, wanted)), -1)


def _found_last(items: Any, wanted: Any) -> int:
    if isinstance(items, str):
        return items.rfind(wanted)
    return next((at for at in range(len(items) - 1, -1, -1) if equal(items[at], wanted)), -1)


def _part(items: Any, start: int, end: int | None = None) -> Any:
    end = len(items) if end is None else end
    if not 0 <= start <= end <= len(items):
        raise ValueError(f"index out of range: {start if start < 0 or start > len(items) else end}")
    return items[start:end]


def _formatted(pattern: str, values: list[Any]) -> str:
    left = iter(values)
    return re.sub(
        r"%(\.\d+)?([sdfexXob%])", lambda found: "%" if found[2] == "%" else _placed(found[1], found[2], next(left)), pattern
    )


def _placed(precision: str | None, verb: str, value: Any) -> str:
    if verb == "s":
        return "[" + ", ".join(map(text, value)) + "]" if isinstance(value, list) else text(value)
    return format(value, f"{precision or ('.6' if verb in 'fe' else '')}{verb}")


def _flat(items: list[Any]) -> list[Any]:
    return [inner for each in items for inner in (each if isinstance(each, list) else [each])]


def _distinct(items: list[Any]) -> list[Any]:
    return [each for at, each in enumerate(items) if _found(items, each) == at]


def _holds_address(net: Any, other: Any) -> bool:
    found = cel_types.address(other) if isinstance(other, str) else other
    return found in net.network


def _holds_network(net: Any, other: Any) -> bool:
    found = (cel_types.network(other) if isinstance(other, str) else other).network
    return found.version == net.version and bool(found.subnet_of(net.network))


def _value(of: Optional) -> Any:
    if not of.there:
        raise ValueError("optional.none() dereference")
    return of.held


def _contains_all(one: list[Any], other: list[Any]) -> bool:
    return all(_found(one, each) >= 0 for each in other)


FUNCTIONS: dict[str, Function] = {
    "size": len,
    "int": lambda value: int(value.timestamp()) if isinstance(value, datetime) else int(value),
    "uint": int,
    "double": float,
    "string": text,
    "bool": _boolean,
    "type": lambda value: type(value).__name__,
    "dyn": lambda value: value,
    "duration": cel_types.duration,
    "timestamp": cel_types.timestamp,
    "quantity": amount,
    "isQuantity": _succeeds(amount),
    "url": cel_types.url,
    "isURL": _succeeds(cel_types.url),
    "ip": cel_types.address,
    "isIP": _succeeds(cel_types.address),
    "ip.isCanonical": lambda value: str(cel_types.address(value)) == value,
    "cidr": cel_types.network,
    "isCIDR": _succeeds(cel_types.network),
    "semver": cel_types.semver,
    "isSemver": _succeeds(cel_types.semver),
    "optional.of": lambda value: Optional(value, there=True),
    "optional.none": Optional,
    "optional.ofNonZeroValue": lambda value: Optional(value, there=True) if value else Optional(),
    "math.greatest": lambda *values: max(values[0] if isinstance(values[0], list) else values),
    "math.least": lambda *values: min(values[0] if isinstance(values[0], list) else values),
    "sets.contains": _contains_all,
    "sets.equivalent": lambda one, other: _contains_all(one, other) and _contains_all(other, one),
    "sets.intersects": lambda one, other: any(_found(other, each) >= 0 for each in one),
    "lists.range": lambda count: list(range(count)),
}
METHODS: dict[str, Function] = {
    **URL_PARTS,
    "size": len,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda value, part: part in value,
    "matches": lambda value, pattern: re.search(pattern, value) is not None,
    "find": lambda value, pattern: (re.search(pattern, value) or [""])[0],
    "findAll": lambda value, pattern, limit=None: [each[0] for each in re.finditer(pattern, value)][:limit],
    "lowerAscii": str.lower,
    "upperAscii": str.upper,
    "trim": str.strip,
    "charAt": lambda value, at: _part(value, at, min(at + 1, len(value))),
    "split": _split,
    "join": lambda items, separator="": separator.join(items),
    "replace": _replaced,
    "reverse": lambda items: items[::-1],
    "format": _formatted,
    "indexOf": _found,
    "lastIndexOf": _found_last,
    "substring": _part,
    "slice": _part,
    "flatten": _flat,
    "distinct": _distinct,
    "sort": sorted,
    "isSorted": lambda items: items == sorted(items),
    "sum": sum,
    "min": min,
    "max": max,
    "isGreaterThan": lambda one, other: one > other,
    "isLessThan": lambda one, other: one < other,
    "compareTo": _compared,
    "isInteger": lambda value: value.denominator == 1,
    "asInteger": _whole,
    "asApproximateFloat": float,
    "sign": lambda value: _compared(value, 0),
    "add": _sum,
    "sub": lambda one, other: _sum(one, -other),
    "major": lambda value: value.major,
    "minor": lambda value: value.minor,
    "patch": lambda value: value.patch,
    "family": lambda value: value.version,
    "isUnspecified": lambda value: value.is_unspecified,
    "isLoopback": lambda value: value.is_loopback,
    "isLinkLocalUnicast": lambda value: value.is_link_local,
    "isLinkLocalMulticast": lambda value: value in ipaddress.ip_network("224.0.0.0/24" if value.version == 4 else "ff02::/16"),
    "isGlobalUnicast": lambda value: not (value.is_unspecified or value.is_loopback or value.is_link_local or value.is_multicast),
    "containsIP": _holds_address,
    "containsCIDR": _holds_network,
    "prefixLength": lambda value: value.network.prefixlen,
    "masked": lambda value: ipaddress.ip_interface(str(value.network)),
    "ip": lambda value: value.ip,
    "hasValue": lambda value: value.there,
    "value": _value,
    "orValue": lambda value, other: value.held if value.there else other,
    "or": lambda value, other: value if value.there else other,
    "getSeconds": lambda value: int(value.total_seconds()) if isinstance(value, timedelta) else value.second,
    "getMinutes": lambda value: int(value.total_seconds() // 60) if isinstance(value, timedelta) else value.minute,
    "getHours": lambda value: int(value.total_seconds() // 3600) if isinstance(value, timedelta) else value.hour,
    "getFullYear": lambda value: value.year,
    "getMonth": lambda value: value.month - 1,
    "getDate": lambda value: value.day,
    "getDayOfWeek": lambda value: (value.weekday() + 1) % 7,
}
