"""Turn a page's blocks into articles: headlines, parts, paragraphs, continuations on other pages."""
