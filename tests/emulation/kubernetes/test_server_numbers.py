"""/metrics tells what was asked of the server and what it holds."""

import aiohttp
from galileo_emulation.kubernetes import ApiServer


async def test_requests_and_objects_are_counted(server: ApiServer, session: aiohttp.ClientSession) -> None:
    for name in ("a", "b", "a"):
        body = {"metadata": {"name": name}}
        async with session.post(f"{server.url}/api/v1/namespaces/default/configmaps", json=body):
            pass
    watching = await session.get(f"{server.url}/api/v1/pods", params={"watch": "true"})
    async with session.get(f"{server.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    watching.close()
    assert 'apiserver_request_total{code="201",resource="configmaps",verb="create"} 2' in lines
    assert 'apiserver_request_total{code="409",resource="configmaps",verb="create"} 1' in lines
    assert 'apiserver_storage_objects{resource="configmaps"} 2' in lines
    assert 'apiserver_longrunning_requests{verb="WATCH"} 1' in lines
    assert 'apiserver_request_duration_seconds_count{verb="create"} 3' in lines
