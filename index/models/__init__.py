"""The models that read text, and the packages that their weights ship in."""
