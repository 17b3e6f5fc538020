"""Chinese newspaper text, read by rules: numerals, units and dates, for both sides."""
