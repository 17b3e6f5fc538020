"""The chat: how the page shows questions and answers, and the frame around every view."""
