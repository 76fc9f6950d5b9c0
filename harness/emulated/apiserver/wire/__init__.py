"""Bodies on the wire: content types, protobuf, patches, health."""
