"""The pages other than the chat: articles, issues, search, overview, adding issues, login, administration."""
