"""Office files other than Word's and OpenDocument's own: old binary formats, slides, fixed layouts."""
