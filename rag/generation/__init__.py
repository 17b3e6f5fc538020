"""The language model's context, its draft and the check of it, and quotations as the safer alternative."""
