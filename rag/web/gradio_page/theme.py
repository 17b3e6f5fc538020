"""A Gradio theme with the page's own colours (``static/tokens.css``), light and dark."""

from __future__ import annotations

import gradio as gr

_COLOURS = {
    "body_background_fill": "var(--paper)",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--muted)",
    "background_fill_primary": "var(--card)",
    "background_fill_secondary": "var(--rail)",
    "block_background_fill": "var(--card)",
    "block_border_color": "var(--line)",
    "block_label_text_color": "var(--muted)",
    "block_title_text_color": "var(--muted)",
    "block_info_text_color": "var(--muted)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--accent)",
    "color_accent_soft": "var(--accent-soft)",
    "input_background_fill": "var(--card)",
    "input_border_color": "var(--line)",
    "input_border_color_focus": "var(--accent)",
    "input_placeholder_color": "var(--muted)",
    "button_primary_background_fill": "var(--accent)",
    "button_primary_background_fill_hover": "var(--accent-strong)",
    "button_primary_text_color": "var(--on-accent)",
    "button_secondary_background_fill": "var(--card)",
    "button_secondary_background_fill_hover": "var(--accent-soft)",
    "button_secondary_text_color": "var(--ink)",
    "button_secondary_border_color": "var(--line)",
    "link_text_color": "var(--ink)",
    "link_text_color_hover": "var(--accent)",
}


def theme() -> gr.themes.Base:
    """Return a theme that uses only system fonts; each colour is a CSS variable of ours for light and dark."""
    base = gr.themes.Base(primary_hue="red", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    return base.set(
        **_COLOURS, **{f"{name}_dark": value for name, value in _COLOURS.items()}, color_accent="var(--accent)"
    )
