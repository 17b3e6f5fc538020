"""The chat's page in Gradio: its parts, events and colours, and what of Gradio is kept out."""
