"""The pages beside the chat: articles, issues, search, overview, adding, logging in, administration."""
