"""An archive's articles in the formats that others read."""
