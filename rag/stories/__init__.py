"""How a matter went on: later and earlier reports, reprints and what they change, two searches compared."""
