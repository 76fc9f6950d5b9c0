"""The checksum at the end of each line of a journal: the CRC-32 of all that stands before it in its line."""

import zlib

CRC_LENGTH = len(b',"crc":"00000000"}')


def sealed(body: bytes) -> bytes:
    """The line, without newline, of an object whose last brace is not written yet."""
    return body + checksum(body)


def is_whole(line: bytes) -> bool:
    """Does the checksum of a line, given without its newline, fit?"""
    return line[-CRC_LENGTH:] == checksum(line[:-CRC_LENGTH])


def checksum(body: bytes) -> bytes:
    """The member that ends a line."""
    return b',"crc":"%08x"}' % zlib.crc32(body)
