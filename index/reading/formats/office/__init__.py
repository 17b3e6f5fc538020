"""Files of office programs beyond Word's and OpenDocument's own: old binary ones, slides, fixed layouts."""
