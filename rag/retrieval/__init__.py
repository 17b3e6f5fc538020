"""Finds passages: two retrievers, a common ranking, folding of reprints, reranking by a trained model, relevance."""
