"""Pictures of pages: drawn from files, straightened, and their characters recognised."""
