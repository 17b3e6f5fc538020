"""``python -m rag`` is the ``baowen`` command."""

from .cli import main

if __name__ == "__main__":
    main()
