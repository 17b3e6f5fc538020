"""Pages of people, organisations and places: how often, when, with whom and in which reports they are named."""
