"""Rule-based reading of Chinese newspaper text: words, sentences, numerals, units, dates and names."""
