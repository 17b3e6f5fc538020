"""Conversations: as they are kept, in a file or in a database that servers share."""
