"""The views of names, of how a matter went on, of what a person keeps, and of corrections."""
