"""From a scenario and the pods of its clients and gateways to what the load clients are to do."""

from __future__ import annotations

from collections.abc import Mapping

from galileo_experiments.scenario import Scenario
from galileo_services.load_client.plan import Caller, Crowd, LoadPlan, Phase, PlannedMove

from galileo_cli.emulate.own_pods import OwnPod


def load_plan(scenario: Scenario, gateways: Mapping[str, OwnPod], workers: Mapping[str, OwnPod]) -> LoadPlan:
    """The plan; `gateways` and `workers` are by zone."""
    return LoadPlan(
        seed=scenario.seed,
        callers={
            zone: Caller(
                worker=worker.name,
                gateway_host=gateways[zone].ip,
                gateway_port=gateways[zone].port,
                source_address=worker.node_address,
            )
            for zone, worker in workers.items()
        },
        crowds=[
            Crowd(
                function=group.function,
                arrivals=group.arrivals,
                phases=[
                    Phase(
                        start_s=phase.start_s,
                        end_s=min(phase.end_s, scenario.duration_s),
                        zone=phase.zone,
                        rps=phase.rps,
                    )
                    for phase in group.phases
                ],
            )
            for group in scenario.clients
        ],
        moves=[
            PlannedMove(at_s=move.at_s, fn=move.function, origin_zone=move.from_zone, dest_zone=move.to_zone)
            for move in scenario.moves
        ],
    )
