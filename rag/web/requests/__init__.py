"""Handles requests before they reach the app: their path, their size, and who may send them."""
