"""The raw content of a file, before layout and analysis: bytes, characters, tags, the parts of a dump."""
