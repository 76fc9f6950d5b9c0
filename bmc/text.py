"""Text as devices send it: JSON that is meant to be UTF-8, and sometimes is not."""


def utf8(data: bytes) -> bytes:
    """The same bytes where they are UTF-8, else with what is not replaced: one odd byte in an asset tag must not hide a server."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace").encode()
    return data
