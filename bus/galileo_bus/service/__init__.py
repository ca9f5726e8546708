"""What an author of a service sees: `Service`, `on`, `every`, typed settings; and the runtime that gives them life."""

from galileo_bus.service.service import Service, every, on, watch
from galileo_bus.service.settings import SettingError, Settings, setting

__all__ = ["Service", "SettingError", "Settings", "every", "on", "setting", "watch"]
