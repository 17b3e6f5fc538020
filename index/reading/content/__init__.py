"""What a file contains before it is laid out and understood: bytes, characters, tags, the parts of a dump."""
