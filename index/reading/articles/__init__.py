"""From a page's blocks to articles: headlines, parts, paragraphs, pieces on other pages."""
