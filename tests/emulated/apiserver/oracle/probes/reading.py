# ruff: noqa: E501 -- one probe a line
"""Get and list: versions, pages, selectors, views."""

from tests.emulated.apiserver.oracle.asking import get, post, probe, quietly
from tests.emulated.apiserver.oracle.things import CMS, GADGETS, NS, PODS, SECRETS, WIDGETS, cm, gadget, pod, widget, with_meta

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
PARTIALS = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
ONE = quietly(post(CMS, with_meta(cm("one", data={"a": "1"}), labels={"app": "x", "n": "5"})))
TWO = quietly(post(CMS, with_meta(cm("two"), labels={"app": "y"})))
THREE = quietly(post(CMS, cm("three")))
THREE_OF_THEM = (ONE, TWO, THREE)
WIDGET = quietly(post(WIDGETS, widget("one", size=1)))


def listed(name: str, query: str, accept: str = ""):
    return probe(name, *THREE_OF_THEM, get(f"{CMS}?{query}", accept))


def refused(name: str, query: str):
    return probe(name, get(f"{CMS}?{query}"), get(f"{WIDGETS}?{query}"))


PROBES = (
    probe("get", ONE, get(f"{CMS}/one")),
    probe("get missing", get(f"{CMS}/none")),
    probe("get in missing namespace", get(f"{NS}/nowhere/configmaps/none")),
    probe("list in missing namespace", get(f"{NS}/nowhere/configmaps")),
    probe("get by version 0", ONE, get(f"{CMS}/one?resourceVersion=0")),
    probe("get by future version", ONE, get(f"{CMS}/one?resourceVersion=999999999")),
    probe("get by junk version", ONE, get(f"{CMS}/one?resourceVersion=junk")),
    probe("get pretty", ONE, get(f"{CMS}/one?pretty=true")),
    probe("get yaml", ONE, get(f"{CMS}/one", "application/yaml")),
    probe("get custom yaml", WIDGET, get(f"{WIDGETS}/one", "application/yaml")),
    probe("get any", ONE, get(f"{CMS}/one", "*/*"), get(f"{CMS}/one", "application/*")),
    probe("get prefers by q", ONE, get(f"{CMS}/one", "application/yaml;q=0.5,application/json;q=0.9")),
    probe("get text html", ONE, get(f"{CMS}/one", "text/html,application/xhtml+xml,*/*;q=0.8")),
    probe("get nothing acceptable", ONE, get(f"{CMS}/one", "image/png")),
    probe("get cbor", ONE, get(f"{CMS}/one", "application/cbor")),
    probe("get table of unknown version", ONE, get(f"{CMS}/one", "application/json;as=Table;v=v9;g=meta.k8s.io")),
    probe("get table v1beta1", ONE, get(f"{CMS}/one", "application/json;as=Table;v=v1beta1;g=meta.k8s.io")),
    probe("get as unknown", ONE, get(f"{CMS}/one", "application/json;as=Odd;v=v1;g=meta.k8s.io")),
    probe("get table", ONE, get(f"{CMS}/one", TABLE)),
    probe("get table yaml", ONE, get(f"{CMS}/one", "application/yaml;as=Table;v=v1;g=meta.k8s.io")),
    probe("get table whole object", ONE, get(f"{CMS}/one?includeObject=Object", TABLE)),
    probe("get table no object", ONE, get(f"{CMS}/one?includeObject=None", TABLE)),
    probe("get table odd object", ONE, get(f"{CMS}/one?includeObject=Odd", TABLE)),
    probe("get partial", ONE, get(f"{CMS}/one", PARTIAL)),
    probe("get partial list of one", ONE, get(f"{CMS}/one", PARTIALS)),
    probe("list partial", ONE, get(CMS, PARTIALS)),
    probe("list partial as single", ONE, get(CMS, PARTIAL)),
    probe("get custom partial", WIDGET, get(f"{WIDGETS}/one", PARTIAL)),
    probe("get custom partial list", WIDGET, get(WIDGETS, PARTIALS)),
    probe("get custom table", WIDGET, get(f"{WIDGETS}/one", TABLE)),
    probe("list custom table", WIDGET, get(WIDGETS, TABLE)),
    probe("list custom", WIDGET, get(WIDGETS)),
    probe("list custom yaml", WIDGET, get(WIDGETS, "application/yaml")),
    probe("list custom empty", get(WIDGETS)),
    probe("list custom empty table", get(WIDGETS, TABLE)),
    probe("list custom at other version", WIDGET, get(WIDGETS.replace("/v1/", "/v1beta1/"))),
    probe("list secrets empty", get(SECRETS)),
    probe("table of gadgets", quietly(post(GADGETS, gadget("table", colour="red", parts=[{"name": "x"}, {"name": "y"}]))),
          get(f"{GADGETS}/table", TABLE)),
    probe("table of pods", quietly(post(PODS, pod())), get(PODS, TABLE)),
    listed("list", ""),
    listed("list yaml", "", "application/yaml"),
    listed("list table", "", TABLE),
    listed("list table without objects", "includeObject=None", TABLE),
    listed("list by label", "labelSelector=app=x"),
    listed("list by label not", "labelSelector=app!=x"),
    listed("list by label in", "labelSelector=app+in+(x,y)"),
    listed("list by label notin", "labelSelector=app+notin+(x)"),
    listed("list by label exists", "labelSelector=app"),
    listed("list by label absent", "labelSelector=!app"),
    listed("list by label greater", "labelSelector=n>4"),
    listed("list by label less", "labelSelector=n<4"),
    listed("list by label empty value", "labelSelector=app="),
    listed("list by two labels", "labelSelector=app=x,n"),
    listed("list by field", "fieldSelector=metadata.name=one"),
    listed("list by field not", "fieldSelector=metadata.name!=one"),
    listed("list by field namespace", "fieldSelector=metadata.namespace=other"),
    refused("list by bad label", "labelSelector=a+b"),
    refused("list by bad label operator", "labelSelector=app+in+x"),
    refused("list by bad label key", "labelSelector=-a-=x"),
    refused("list by bad label value", "labelSelector=a=-x-"),
    refused("list by label not a number", "labelSelector=a>x"),
    refused("list by label unclosed", "labelSelector=a+in+(x"),
    refused("list by unknown field", "fieldSelector=spec.nothing=x"),
    refused("list by bad field", "fieldSelector=junk"),
    refused("list limit negative", "limit=-1"),
    refused("list limit junk", "limit=x"),
    refused("list timeout junk", "timeoutSeconds=x"),
    refused("list unknown parameter", "nothing=1"),
    refused("list junk version", "resourceVersion=junk"),
    refused("list future version", "resourceVersion=99999999"),
    refused("list exact 0", "resourceVersion=0&resourceVersionMatch=Exact"),
    refused("list bad match", "resourceVersion=1&resourceVersionMatch=Odd"),
    refused("list match without version", "resourceVersionMatch=NotOlderThan"),
    refused("list match with continue", "resourceVersion=1&resourceVersionMatch=Exact&continue=x"),
    refused("list version with continue", "resourceVersion=1&continue=x"),
    refused("list bad continue", "continue=junk"),
    refused("list bad continue base64", "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MX0"),
    refused("list initial events", "sendInitialEvents=true"),
    refused("list bookmarks", "allowWatchBookmarks=true"),
    probe("list at a version exactly", ONE, get(CMS, saves={"rv": "metadata.resourceVersion"}, quiet=True), TWO,
          get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=Exact")),
    probe("list not older than", ONE, get(CMS, saves={"rv": "metadata.resourceVersion"}, quiet=True), TWO,
          get(f"{CMS}?resourceVersion=<rv>&resourceVersionMatch=NotOlderThan")),
    probe("list by version alone", ONE, get(CMS, saves={"rv": "metadata.resourceVersion"}, quiet=True), TWO, get(f"{CMS}?resourceVersion=<rv>")),
    probe("list version 0 with limit", *THREE_OF_THEM, get(f"{CMS}?resourceVersion=0&limit=1")),
    probe("list pages", *THREE_OF_THEM, get(f"{CMS}?limit=2", saves={"next": "metadata.continue"}), get(f"{CMS}?limit=2&continue=<next>")),
    probe("list pages of custom", WIDGET, quietly(post(WIDGETS, widget("two", size=1))),
          get(f"{WIDGETS}?limit=1", saves={"next": "metadata.continue"}), get(f"{WIDGETS}?limit=1&continue=<next>")),
    probe("list pages by label", *THREE_OF_THEM, get(f"{CMS}?limit=1&labelSelector=app")),
    probe("list pages as table", *THREE_OF_THEM, get(f"{CMS}?limit=2", TABLE)),
    probe("list exact limit", *THREE_OF_THEM, get(f"{CMS}?limit=3")),
    probe("selectable field", quietly(post(GADGETS, gadget("red", colour="red"))), quietly(post(GADGETS, gadget("blue", colour="blue"))),
          get(f"{GADGETS}?fieldSelector=spec.colour=blue"), get(f"{GADGETS}?fieldSelector=spec.word=x")),
    probe("pods by field", quietly(post(PODS, pod("a", nodeName="n1"))), quietly(post(PODS, pod("b"))),
          get(f"{PODS}?fieldSelector=spec.nodeName=n1", PARTIALS), get(f"{PODS}?fieldSelector=status.phase=Running", PARTIALS)),
    probe("name in the path escaped", get(f"{CMS}/a%20b")),
    probe("namespace default", get(f"{NS}/default", PARTIAL)),
    probe("self link is absent", WIDGET, get(f"{WIDGETS}/one")),
)  # fmt: skip
