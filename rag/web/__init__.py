"""The web server: a chat, pages for browsing, and endpoints for programs."""
