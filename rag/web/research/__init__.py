"""The views of names, threads and reprints, saved searches and collections, and corrections."""
