"""The controllers of the emulated cluster: what makes deployments have pods, and lost nodes lose theirs.

`Controllers` runs them all over a store. Each has a folder: `controller.py` is the shell, the other files decide. What
is common to them: `informer.py` (what they see), `work_queue.py` and `controller.py` (how they work), `ownership.py`
and `children.py` (who belongs to whom), `events.py` (what they tell). A new controller is a folder, and a row in
`controllers.py`.
"""

from .controllers import Controllers
from .settings import ControllerSettings

__all__ = ["ControllerSettings", "Controllers"]
