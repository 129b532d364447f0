"""The server of a simulation: the real handlers on tables in memory, and the wire to it.

A crash kills every handler where it stands: what had committed stays, the rest is gone, and
whoever waits for an answer gets none. A restore puts an older backup in place, as a new epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from backend import bodies, devices, envelopes, ledger, patients, rescue, snapshot, sync
from backend.errors import FAILURES, Failure
from backend.sessions import Member
from pwa.py.domain import chart_page, issues
from pwa.py.domain.failures import Offline, Refused, ServerFault, SignedOut
from tests.simulation.database import Database, Tables
from tests.simulation.scheduler import PAUSE, Scheduler, Wait
from tests.sync.begun import Begins

FACILITY = "facility"
ACCOUNT = "doctor"
MEMBERS = {"doctor", "nurse"}
# All requests are one person's: who wrote what is in the changes, and whose session it is
# decides nothing of what is played here.
MEMBER = Member(FACILITY, "", ACCOUNT, ACCOUNT, "", "clinician", None, False, b"", "")
BACKUPS_MAX = 8
STEPS_MAX = 10_000


class Life:
    """One process of the server, between two crashes."""


class Server:
    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.life = Life()
        self.is_up = True
        self.epochs = 1
        self.database = Database(scheduler, Tables("epoch-1"), set(MEMBERS))
        self.backups = [self.database.tables.copy("")]
        self.requests = 0
        self._open: list[Wait] = []

    @property
    def tables(self) -> Tables:
        return self.database.tables

    def back_up(self) -> None:
        self.backups = [*self.backups, self.tables.copy("")][-BACKUPS_MAX:]

    def crash(self) -> None:
        self.scheduler.kill(self.life)
        self.life, self.is_up = Life(), False
        on_commit, members = self.database.on_commit, self.database.members
        self.database = Database(self.scheduler, self.tables, members)
        self.database.on_commit = on_commit
        for wait in self._open:
            self.scheduler.resolve(wait, error=Offline("the server is gone"))
        self._open = []

    def start(self) -> None:
        self.is_up = True

    def restore(self, which: int) -> None:
        self.crash()
        self.epochs += 1
        at = which % len(self.backups)
        self.database.tables = self.backups[at].copy(f"epoch-{self.epochs}")
        # What was backed up of a life that is given up now is not put back later.
        self.backups = self.backups[: at + 1]
        self.start()

    def receive(self, path: str, body: str | None) -> Wait:
        """A request has reached the server; the answer is what is waited for."""
        wait = Wait()
        if not self.is_up:
            self.scheduler.resolve(wait, error=ServerFault("502"))
            return wait
        self.requests += 1
        self._open = [one for one in self._open if not one.is_done] + [wait]
        self.scheduler.spawn(self._handle(path, body, wait), self.life, "server")
        return wait

    async def _handle(self, path: str, body: str | None, wait: Wait) -> None:
        try:
            reply = await self._answer(path, (body or "").encode())
            answer = reply if isinstance(reply, bytes) else msgspec.json.encode(reply)
            self.scheduler.resolve(wait, answer.decode())
        except Failure as failure:
            self.scheduler.resolve(wait, error=as_seen(failure))

    async def _answer(self, path: str, body: bytes) -> Any:
        """What the real handlers make of a request, once it has been read."""
        database: Any = self.database
        address, _, query = path.partition("?")
        asked = dict(part.split("=") for part in query.split("&") if part)
        if address == "/api/snapshot":
            return chart_page.write(await snapshot.answer_page(database, MEMBER, asked)).encode()
        if address == "/api/charts":
            return chart_page.write(await snapshot.answer_named(database, MEMBER, asked)).encode()
        if address == "/api/patients":
            search = bodies.decode(body, patients.Search)
            return await patients.answer_search(database, MEMBER, search)
        if address == "/api/devices":
            form = bodies.decode(body, devices.Enrolment)
            return await devices.answer_enrolment(database, MEMBER, form)
        assert address == "/api/sync", path
        envelope, changes = envelopes.read(body)
        now_ms = self.scheduler.now_ms
        return await sync.answer(database, MEMBER, envelope, changes, now_ms)

    def read_file(self, device: str, lines: list[str]) -> None:
        """A rescue file is read in, once it was opened."""
        if self.is_up:
            self.scheduler.spawn(self._read_file(device, lines), self.life, "rescue")

    async def _read_file(self, device: str, lines: list[str]) -> None:
        database: Any = self.database
        entries = [rescue.read_line(line.encode()) for line in lines]
        place = ledger.Place(FACILITY, ACCOUNT, device)
        # Revoked in that very moment: whoever reads the file is told, and reads it again.
        with suppress(Failure):
            await rescue.take_all(database, place, entries)

    def revoke(self, device: str) -> None:
        self.tables.revoked.add(device)

    def ask(self, path: str, body: str | None) -> str:
        """Asked and answered at once, for tests that have no schedule."""
        wait = self.receive(path, body)
        for _ in range(STEPS_MAX):
            if wait.is_done:
                break
            self.scheduler.step()
        assert wait.is_done
        if wait.error is not None:
            raise wait.error
        return str(wait.value)


def as_seen(failure: Failure) -> Exception:
    """What the device's transport makes of a failure of the server."""
    status, code = FAILURES[failure.kind]
    if status >= 500:
        return ServerFault(str(status))
    if status == 401:
        return SignedOut(failure.diagnostics)
    outcome: Any = issues.operation_outcome(
        [issues.issue(code, failure.diagnostics, failure.expression)]
    )
    return Refused(status, outcome | failure.extra)


class StraightWire(Begins):
    """A way to the server on which nothing goes wrong and no time passes."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def get(self, path: str, timeout_ms: int = 0) -> str:
        return self._server.ask(path, None)

    async def post(self, path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        if meanwhile is not None:
            await meanwhile()
        return self._server.ask(path, body)

    async def delete(self, path: str) -> None:
        raise AssertionError(path)


LOSE_REQUEST, LOSE_REPLY, TWICE, LATE, CUT_BODY = "request", "reply", "twice", "late", "cut"
SLOW_REPLY = "slow"
FAULTS = (LOSE_REQUEST, LOSE_REPLY, TWICE, LATE, CUT_BODY, SLOW_REPLY)
DELAY_MS_MAX = 400
LATE_MS_MAX = 90_000
SLOW_MS_MAX = 9_000
TIMEOUT_MS = 10_000


class Begun:
    """A request that is on its way while the tab does something else."""

    def __init__(self, wire: Wire, path: str) -> None:
        self._wire = wire
        self._answer = Wait()
        wire.begun.append(self)
        wire.scheduler.spawn(self._request(path), wire, "begun")

    async def _request(self, path: str) -> None:
        try:
            self._wire.scheduler.resolve(self._answer, await self._wire.get(path))
        except Exception as failure:
            self._wire.scheduler.resolve(self._answer, error=failure)

    async def text(self) -> str:
        self.let_go()
        return str(await self._answer)

    def let_go(self) -> None:
        """It may reach the server all the same, and so may its answer reach nobody."""
        self._wire.begun.remove(self)


class Wire:
    """One tablet's way to the server. Messages under way outlive the tab that sent them."""

    def __init__(self, scheduler: Scheduler, server: Server) -> None:
        self.scheduler = scheduler
        self._server = server
        self.is_cut = False
        self.is_signed_out = False
        self.faults: list[str] = []
        # What the last exchange carried.
        self.carried = ""
        self.on_carried: Callable[[str], None] = lambda body: None
        # Requests that were begun, and neither awaited nor let go.
        self.begun: list[Begun] = []

    def begin(self, path: str, timeout_ms: int = 0) -> Begun:
        return Begun(self, path)

    async def get(self, path: str, timeout_ms: int = 0) -> str:
        return await self._request(path, None)

    async def post(self, path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        assert path in ("/api/sync", "/api/devices", "/api/patients"), path
        if path == "/api/sync":
            self.carried = body
            self.on_carried(body)
        return await self._request(path, body, meanwhile)

    async def delete(self, path: str) -> None:
        raise AssertionError(path)

    async def _request(self, path: str, body: str | None, meanwhile: Any = None) -> str:
        await PAUSE
        if self.is_cut:
            raise Offline("cut")
        if self.is_signed_out:
            raise SignedOut("the session has ended")
        fault = self.faults.pop(0) if self.faults else ""
        answer = Wait()
        if fault == CUT_BODY and body is not None:
            cut = body[: self.scheduler.random.randrange(len(body))]
            self._send(path, cut, Wait(), self._delay())
        elif fault == LATE:
            delay = TIMEOUT_MS + self.scheduler.random.randrange(LATE_MS_MAX)
            self._send(path, body, Wait(), delay)
        elif fault != LOSE_REQUEST:
            self._send(path, body, answer, self._delay())
        if fault == TWICE:
            self._send(path, body, Wait(), self.scheduler.random.randrange(LATE_MS_MAX))
        if meanwhile is not None:
            await meanwhile()
        if fault in (LOSE_REQUEST, LATE, CUT_BODY):
            await self.scheduler.sleep(TIMEOUT_MS, self)
            raise Offline("no answer")
        text = await answer
        slow_ms = SLOW_MS_MAX if fault == SLOW_REPLY else DELAY_MS_MAX
        await self.scheduler.sleep(self.scheduler.random.randrange(slow_ms), self)
        if self.is_cut or fault == LOSE_REPLY:
            raise Offline("the reply was lost")
        return text

    def _delay(self) -> int:
        return self.scheduler.random.randrange(DELAY_MS_MAX)

    def _send(self, path: str, body: str | None, answer: Wait, delay_ms: int) -> None:
        def arrive() -> None:
            if self.is_cut:
                self.scheduler.resolve(answer, error=Offline("cut"))
                return
            self.scheduler.spawn(forward(), self, "wire")

        async def forward() -> None:
            try:
                text = await self._server.receive(path, body)
                self.scheduler.resolve(answer, text)
            except Exception as failure:
                self.scheduler.resolve(answer, error=failure)

        self.scheduler.after(delay_ms, arrive, self)
