"""Text and HTML: the page's languages and templates, and answers and articles as HTML and as files."""
