"""The history of conversations, in a file or in a database that several servers share."""
