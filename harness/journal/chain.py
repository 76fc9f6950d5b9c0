"""What ends each line of a journal: its checksum, and the link to the line before, so that none is changed, left out or moved unseen.

`crc` is the CRC-32 of all that stands before it in its line, against accidents.
Each line carries `"previous"`: the SHA-256 of the line before it without its newline, and 64 zeros in the first. The SHA-256 of the
last line, the chain's head, stands for the whole journal: a certificate names it. Journals of older versions have no chain.
"""

import hashlib
import zlib

CRC_LENGTH = len(b',"crc":"00000000"}')

START = "0" * 64
"""What the first line of a journal names as the one before it."""

LINK_LENGTH = len(f',"previous":"{START}"')


def link(previous: str) -> bytes:
    """The member of a line that binds it to the line before, of this digest."""
    return f',"previous":"{previous}"'.encode()


def digest(line: bytes) -> str:
    """The SHA-256 of a line without its newline."""
    return hashlib.sha256(line).hexdigest()


class Chain:
    """Follows the lines of a journal. `head`: the digest of the last one; `is_bound`: do its lines name the ones before them?"""

    def __init__(self) -> None:
        """No line yet."""
        self.head = START
        self.length = 0
        self.is_bound = True

    def holds(self, line: bytes) -> bool:
        """Take the next line, without its newline; is it bound to the one before it, or none of the journal's lines is?"""
        member = line[-CRC_LENGTH - LINK_LENGTH : -CRC_LENGTH]
        if self.length == 0:
            self.is_bound = member == link(START)
        holds = member == link(self.head) if self.is_bound else not member.startswith(b',"previous":"')
        self.head = digest(line)
        self.length += 1
        return holds


def sealed(body: bytes) -> bytes:
    """The line, without newline, of an object whose last brace is not written yet."""
    return body + checksum(body)


def is_whole(line: bytes) -> bool:
    """Does the checksum of a line, given without its newline, fit?"""
    return line[-CRC_LENGTH:] == checksum(line[:-CRC_LENGTH])


def checksum(body: bytes) -> bytes:
    """The member that ends a line."""
    return b',"crc":"%08x"}' % zlib.crc32(body)
