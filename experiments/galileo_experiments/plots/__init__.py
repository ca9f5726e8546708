"""The report's plots as matplotlib figures, all on the same axis of time, so that one can read down the page.

`canvas` makes figures whose panels lie one below the other at the same place; `zone_styles` gives each zone one colour,
line style, marker and hatching in all of them. matplotlib is imported when a plot is drawn, and pyplot's global state
is never touched.
"""
