"""Weights over time: where the gateways of each zone sent a function's requests, and to which pods or other zones."""

from __future__ import annotations

from galileo_schemas.events import WeightUpdate

from galileo_experiments.recorded_run import PodZones, RecordedRun
from galileo_experiments.report_resources import WeightRow, WeightTarget


def weight_rows(run: RecordedRun) -> list[WeightRow]:
    """A row for each change of a function's weights in a zone, by time; addresses are told by their pods."""
    pods = PodZones(run.scenario, run.log)
    return [
        WeightRow(
            t_s=round(said.ts - run.facts.start, 3),
            fn=said.event.fn,
            zone=said.event.zone,
            targets=[
                WeightTarget(
                    address=address,
                    pod=pods.name_at(address, said.ts) or "",
                    zone=pods.zone_at(address, said.ts) or "",
                    weight=weight,
                )
                for address, weight in zip(said.event.weights.ips, said.event.weights.weights, strict=False)
            ],
        )
        for said in run.log.of(WeightUpdate)
        if said.ts <= run.facts.end
    ]
