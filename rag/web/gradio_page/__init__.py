"""The chat's page in Gradio: its parts, events and colours, and the features of Gradio that are disabled."""
