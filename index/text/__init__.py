"""Chinese newspaper text, read by rules: words, sentences, numerals, units, dates and names, for both sides."""
