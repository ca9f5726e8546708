"""One leader among replicas: who may act, until when, and by which epoch the server knows a leader that is over.

    Leases (Redis, Kubernetes, memory) ← asked by → Candidate → a grant with an epoch → work begins, and ends in time

`terms.py` decides when to try, renew and give up; `candidate.py` does it; `authority.py` is what the bus writes by.
"""
