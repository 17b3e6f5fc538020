"""Finding passages: two retrievers, one ranking, reprints folded, reranking by the trained model, relevance."""
