from tests.emulated.apiserver.client import Client
from tests.emulated.apiserver.samples import CONFIGMAPS, configmap


def names(listed: dict) -> list[str]:
    return [each["metadata"]["name"] for each in listed["items"]]


async def test_pages_of_a_list_are_of_one_state_whatever_happens_between_them(client: Client) -> None:
    for name in "abcd":
        await client.ask("POST", CONFIGMAPS, configmap(name))
    first = await client.ask("GET", f"{CONFIGMAPS}?limit=2")
    assert first["metadata"]["remainingItemCount"] == 2
    await client.ask("DELETE", f"{CONFIGMAPS}/c")
    await client.ask("POST", CONFIGMAPS, configmap("cc"))
    await client.merge(f"{CONFIGMAPS}/d", {"data": {"k": "late"}})
    second = await client.ask("GET", f"{CONFIGMAPS}?limit=2&continue={first['metadata']['continue']}")
    assert names(first) + names(second) == ["a", "b", "c", "d"]
    assert "k" not in second["items"][1].get("data", {})
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert "continue" not in second["metadata"]


async def test_a_continue_token_older_than_the_history_is_expired(client: Client) -> None:
    for name in "abc":
        await client.ask("POST", CONFIGMAPS, configmap(name))
    first = await client.ask("GET", f"{CONFIGMAPS}?limit=2")
    for number in range(45):
        await client.merge(f"{CONFIGMAPS}/a", {"data": {"k": str(number)}})
    code, answer = await client.answer("GET", f"{CONFIGMAPS}?limit=2&continue={first['metadata']['continue']}")
    assert (code, answer["reason"]) == (410, "Expired")


async def test_a_list_at_an_exact_version_is_what_was_there_then(client: Client) -> None:
    made = await client.ask("POST", CONFIGMAPS, configmap("a"))
    await client.ask("POST", CONFIGMAPS, configmap("b"))
    await client.ask("DELETE", f"{CONFIGMAPS}/a")
    exact = f"resourceVersion={made['metadata']['resourceVersion']}&resourceVersionMatch=Exact"
    assert names(await client.ask("GET", f"{CONFIGMAPS}?{exact}")) == ["a"]
    assert names(await client.ask("GET", CONFIGMAPS)) == ["b"]


async def test_label_selectors_select(client: Client) -> None:
    for name, labels in {"a": {"x": "1"}, "b": {"x": "2", "y": ""}, "c": {}}.items():
        await client.ask("POST", CONFIGMAPS, configmap(name) | {"metadata": {"name": name, "labels": labels}})
    wanted = {"x": "ab", "!x": "c", "x=1": "a", "x==2,y": "b", "x!=1": "bc", "x in (1,2)": "ab", "x notin (1)": "bc", "x>1": "b"}
    for selector, expected in wanted.items():
        async with client.session.get(client.url + CONFIGMAPS, params={"labelSelector": selector}) as response:
            assert names(await response.json()) == list(expected), selector
