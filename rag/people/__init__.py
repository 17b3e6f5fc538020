"""Pages of people, organisations and places: how often and when they were named, with whom, in which reports."""
