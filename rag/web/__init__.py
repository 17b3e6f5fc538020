"""The web page: a Gradio chat, plain pages to browse by, and endpoints for programs, behind one address."""
