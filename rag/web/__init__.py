"""The web page: a chat, pages to browse by, and endpoints for programs, behind one address."""
