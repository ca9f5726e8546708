"""Objects in the binary form, as kubectl sends them."""


def field(number: int, value: bytes | int) -> bytes:
    """One field of a message, as the encoding has it."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def envelope(api_version: str, kind: str, raw: bytes) -> bytes:
    meta = field(1, api_version.encode()) + field(2, kind.encode())
    return b"k8s\0" + field(1, meta) + field(2, raw) + field(3, b"") + field(4, b"")


def metadata(name: str, *more: bytes) -> bytes:
    return field(1, field(1, name.encode()) + field(8, b"") + b"".join(more))
