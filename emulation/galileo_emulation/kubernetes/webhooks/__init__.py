"""Admission webhooks: servers outside that are asked about what is created, changed and deleted.

A request on its way: the operation (creation.py, updates.py, deletion.py) asks its reviewer (reviewing.py), which is
`admission.Answers`; what has no answer yet goes to `admission.Admissions`, which finds the webhooks that want to see it
(matching.py over configuration.py), writes the question and reads the answer (review.py), over HTTP (client.py, whose
services are found by service_address.py), first those that change objects, one by one, then those that only judge, all
at once (dispatch.py).
"""
