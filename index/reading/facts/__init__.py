"""What lines and labels say of a page and its articles: dates, papers, pages, people, furniture."""
