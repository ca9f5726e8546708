"""How the view's figures look, as lines of text that fit a given width and height; nothing here is computed.

Each module draws one panel: `draw_…(figures, width, height)` returns at most `height` lines, none wider than `width`.
"""
