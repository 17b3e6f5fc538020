"""Page images: drawn from files, straightened, and recognised."""
