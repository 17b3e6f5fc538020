"""Words and HTML: the page's languages, its templates, answers and articles as HTML and as files."""
