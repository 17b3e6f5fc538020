"""Scripts that make the small weights which the product ships; see README.md beside this file."""
