"""The live view of a running Galileo: state, lines, app, one above the other.

    bus → listening → LiveState ─┬─ drawing/… → board → app      what is seen
                                 └─ choices → app → bus          what is asked for

`LiveState` and what it is made of know neither bus nor terminal. `terminal` opens the app around a run or a watch.
"""
