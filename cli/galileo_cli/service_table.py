"""The services by name. Classes are imported when they are asked for, so that a small service stays small."""

from __future__ import annotations

import importlib

from galileo_bus.service import Service

from galileo_cli.plugins.installed import installed_names, installed_service

SERVICES: dict[str, str] = {
    "telemetry_agent": "galileo_services.telemetry_agent.service:TelemetryAgent",
    "telemetry_ingester": "galileo_services.telemetry_ingester.service:TelemetryIngester",
    "trace_recorder": "galileo_services.trace_recorder.service:TraceRecorder",
    "event_recorder": "galileo_services.event_recorder.service:EventRecorder",
    "cluster_observer": "galileo_services.cluster_observer.service:ClusterObserver",
    "latency_observer": "galileo_services.latency_observer.service:LatencyObserver",
    "pressure_calculator": "galileo_services.pressure_calculator.service:PressureCalculator",
    "weight_optimizer": "galileo_services.weight_optimizer.service:WeightOptimizer",
    "pod_creator": "galileo_services.pod_creator.service:PodCreator",
    "scheduler_binder": "galileo_services.scheduler_binder.service:SchedulerBinder",
    "vpa_recommender": "galileo_services.vpa_recommender.service:VpaRecommender",
    "vpa_updater": "galileo_services.vpa_updater.service:VpaUpdater",
    "gateway": "galileo_services.gateway.service:GatewayService",
    "load_client": "galileo_services.load_client.service:LoadClient",
}


class UnknownServiceError(LookupError):
    """There is no service of that name; one line that names those there are."""


def known_names() -> list[str]:
    """All names that `galileo run` takes: ours, then those of installed plug-ins."""
    return [*SERVICES, *(name for name in installed_names() if name not in SERVICES)]


def service_class(name: str) -> type[Service]:
    """The class of a service, ours or an installed plug-in's. Raises `UnknownServiceError` and `PluginError`."""
    if name in SERVICES:
        module, _, attribute = SERVICES[name].partition(":")
        return _checked(name, getattr(importlib.import_module(module), attribute))
    if (found := installed_service(name)) is not None:
        return found
    raise UnknownServiceError(f"there is no service {name!r}; expected one of: {', '.join(sorted(known_names()))}")


def _checked(name: str, found: object) -> type[Service]:
    if isinstance(found, type) and issubclass(found, Service):
        return found
    raise UnknownServiceError(f"{name!r} is no service: expected a subclass of galileo_bus.service.Service")
