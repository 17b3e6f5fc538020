"""The models that read text, and the packages that contain their weights."""
