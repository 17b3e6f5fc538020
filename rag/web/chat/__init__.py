"""The chat: questions and answers as the page shows them, and the frame around every view."""
