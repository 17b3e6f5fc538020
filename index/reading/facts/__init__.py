"""Facts about a page and its articles from lines and labels: dates, papers, pages, people, furniture."""
