"""The TaskService: work that was accepted and goes on (DSP0266 §12)."""

from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from bmc.machine import Clock
from bmc.redfish.service import paths
from bmc.redfish.service.metadata import typed
from bmc.redfish.service.resources import ENABLED, Body, RedfishResource, WriteRequest, collection, done, links

TASKS_KEPT = 100


@dataclass(frozen=True)
class Task:
    """One task; running until it has an end."""

    id: str
    name: str
    began: datetime
    ended: datetime | None = None

    @property
    def monitor(self) -> str:
        """Where its end can be asked for."""
        return f"{paths.TASK_MONITORS}/{self.id}"


class Tasks:
    """The newest tasks of one BMC, and the TaskService."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[str, Task] = {}
        self._begun = 0

    def begin(self, name: str) -> Task:
        """A new task, running."""
        self._begun += 1
        task = Task(str(self._begun), name, self._clock())
        self._tasks[task.id] = task
        for old in list(self._tasks)[:-TASKS_KEPT]:
            del self._tasks[old]
        return task

    def finish(self, task: Task) -> None:
        """Mark a task as done; does nothing if the task was already dropped."""
        if task.id in self._tasks:
            self._tasks[task.id] = replace(task, ended=self._clock())

    def clear(self) -> None:
        """Forget all, as a restart of the BMC does."""
        self._tasks.clear()

    def accepted(self, task: Task) -> web.Response:
        """202 with the task, which may be done by now, and its monitor."""
        return web.json_response(_body(self._tasks.get(task.id, task)), status=202, headers={"Location": task.monitor})

    def find(self, path: str) -> RedfishResource | None:
        """The service, the collection, a task, or a task's monitor."""
        if path == paths.TASK_SERVICE:
            return RedfishResource(read=self._service)
        if path == paths.TASKS:
            return RedfishResource(
                read=lambda: collection(paths.TASKS, "Task", links(f"{paths.TASKS}/{each}" for each in self._tasks))
            )
        folder, _, name = path.rpartition("/")
        task = self._tasks.get(name) if folder in (paths.TASKS, paths.TASK_MONITORS) else None
        if task is None:
            return None
        return (
            RedfishResource(read=lambda: _body(task), writes={"DELETE": self._forget})
            if folder == paths.TASKS
            else self._monitor(task)
        )

    def _monitor(self, task: Task) -> RedfishResource:
        async def answer(_request: web.Request) -> web.Response:
            return self.accepted(task) if task.ended is None else done()

        return RedfishResource(answer=answer)

    def _forget(self, call: WriteRequest) -> web.Response:
        self._tasks.pop(call.request.path.rstrip("/").rpartition("/")[2], None)
        return done()

    def _service(self) -> Body:
        return {
            "@odata.id": paths.TASK_SERVICE,
            "@odata.type": typed("TaskService"),
            "Id": "TaskService",
            "Name": "Task Service",
            "ServiceEnabled": True,
            "DateTime": self._clock().isoformat(),
            "CompletedTaskOverWritePolicy": "Oldest",
            "LifeCycleEventOnTaskStateChange": False,
            "Status": ENABLED,
            "Tasks": {"@odata.id": paths.TASKS},
        }


def _body(task: Task) -> Body:
    body: Body = {
        "@odata.id": f"{paths.TASKS}/{task.id}",
        "@odata.type": typed("Task"),
        "Id": task.id,
        "Name": task.name,
        "TaskState": "Completed" if task.ended else "Running",
        "TaskStatus": "OK",
        "StartTime": task.began.isoformat(),
        "TaskMonitor": task.monitor,
        "Messages": [],
    }
    return body | {"EndTime": task.ended.isoformat()} if task.ended else body
