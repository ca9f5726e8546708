"""Every kind has the columns of kubectl."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.columns.tables import NODE_COLUMNS

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import (
    AUTOSCALERS,
    BUDGETS,
    CRON_JOBS,
    DAEMON_SETS,
    DEPLOYMENTS,
    JOBS,
    PRIORITY_CLASSES,
    REPLICA_SETS,
    SECRETS,
    SERVICES,
    STATEFUL_SETS,
    autoscaler,
    cron_job,
    daemon_set,
    job,
    workload,
)

RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
IMAGE = "registry.example/app:1"
# What stands for a cell that differs from run to run.
ANY = AGE = object()


def named(name: str, **fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, **fields}


@pytest.mark.parametrize(
    ("place", "body", "columns", "row"),
    [
        (
            DEPLOYMENTS,
            workload(),
            "Name Ready Up-to-date Available Age Containers Images Selector",
            ["web", "0/2", 0, 0, AGE, "c", IMAGE, "app=web"],
        ),
        (
            REPLICA_SETS,
            workload(),
            "Name Desired Current Ready Age Containers Images Selector",
            ["web", 2, 0, 0, AGE, "c", IMAGE, "app=web"],
        ),
        (STATEFUL_SETS, workload(), "Name Ready Age Containers Images", ["web", "0/2", AGE, "c", IMAGE]),
        (
            DAEMON_SETS,
            daemon_set(),
            "Name Desired Current Ready Up-to-date Available Node_Selector Age Containers Images Selector",
            ["web", 0, 0, 0, 0, 0, "<none>", AGE, "c", IMAGE, "app=web"],
        ),
        (
            JOBS,
            job(parallelism=3),
            "Name Status Completions Duration Age Containers Images Selector",
            ["once", "Running", "0/1 of 3", "", AGE, "c", IMAGE, ANY],
        ),
        (
            CRON_JOBS,
            cron_job(timeZone="Etc/UTC"),
            "Name Schedule Timezone Suspend Active Last_Schedule Age Containers Images Selector",
            ["often", "* * * * *", "Etc/UTC", "False", 0, "<none>", AGE, "c", IMAGE, "<none>"],
        ),
        (
            AUTOSCALERS,
            autoscaler(),
            "Name Reference Targets MinPods MaxPods Replicas Age",
            ["web", "Deployment/web", "cpu: <unknown>/80%", "1", 5, 0, AGE],
        ),
        (
            SERVICES,
            named("s", spec={"type": "NodePort", "clusterIP": "10.96.9.9", "ports": [{"port": 80, "nodePort": 30080}]}),
            "Name Type Cluster-IP External-IP Port(s) Age Selector",
            ["s", "NodePort", "10.96.9.9", "<none>", "80:30080/TCP", AGE, "<none>"],
        ),
        (
            "/api/v1/namespaces/default/endpoints",
            named("e", subsets=[{"addresses": [{"ip": f"10.0.0.{n}"} for n in range(1, 6)], "ports": [{"port": 80}]}]),
            "Name Endpoints Age",
            ["e", "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...", AGE],
        ),
        (
            "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
            named("e", addressType="IPv4", endpoints=[{"addresses": ["10.0.0.1"]}]),
            "Name AddressType Ports Endpoints Age",
            ["e", "IPv4", "<unset>", "10.0.0.1", AGE],
        ),
        (SECRETS, named("s", stringData={"a": "b"}), "Name Type Data Age", ["s", "Opaque", 1, AGE]),
        ("/api/v1/namespaces/default/serviceaccounts", named("s"), "Name Secrets Age", ["s", 0, AGE]),
        (
            BUDGETS,
            named("b", spec={"minAvailable": "50%"}),
            "Name Min_Available Max_Unavailable Allowed_Disruptions Age",
            ["b", "50%", "N/A", 0, AGE],
        ),
        (
            f"{RBAC}/rolebindings",
            named("b", roleRef={"kind": "Role", "name": "r"}, subjects=[{"kind": "User", "name": "jane"}]),
            "Name Role Age Users Groups ServiceAccounts",
            ["b", "Role/r", AGE, "jane", "", ""],
        ),
        (f"{RBAC}/roles", named("r"), "Name Created_At", ["r", AGE]),
        (
            "/apis/apps/v1/namespaces/default/controllerrevisions",
            named("r", data={}, revision=3),
            "Name Controller Revision Age",
            ["r", "<none>", 3, AGE],
        ),
    ],
)
async def test_columns_and_cells(calls: Calls, place: str, body: dict[str, Any], columns: str, row: list[Any]) -> None:
    await calls.create(place, body)
    names, rows = await calls.table(place)
    assert names == [name.replace("_", " ") for name in columns.split()]
    (cells,) = rows
    assert [cell for cell, wanted in zip(cells, row, strict=True) if wanted is not ANY] == [
        wanted for wanted in row if wanted is not ANY
    ]


async def test_priority_classes_show_their_worth(calls: Calls) -> None:
    names, rows = await calls.table(PRIORITY_CLASSES)
    assert names == ["Name", "Value", "Global-Default", "Age", "PreemptionPolicy"]
    assert [row[:3] for row in rows] == [
        ["system-cluster-critical", 2_000_000_000, False],
        ["system-node-critical", 2_000_001_000, False],
    ]


@pytest.mark.parametrize(
    ("conditions", "state"),
    [
        ([], "Unknown"),
        ([{"type": "Ready", "status": "True"}], "Ready"),
        ([{"type": "Ready", "status": "False"}], "NotReady"),
        ([{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}], "NotReady"),
    ],
)
def test_a_node_whose_kubelet_says_no_more_is_not_ready(conditions: list[dict[str, str]], state: str) -> None:
    node = named("n", spec={"unschedulable": True}, status={"conditions": conditions})
    node["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    assert NODE_COLUMNS.cells(node, 0.0)[1] == f"{state},SchedulingDisabled"
