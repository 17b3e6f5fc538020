"""Scripts that train the small models shipped with the product; see README.md in this folder."""
