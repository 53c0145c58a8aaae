"""People in front of their screens: each asks for a page, reads it, ticks, saves, and waits its turn when told to."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html import unescape
from time import perf_counter as clock
from urllib.parse import urlencode

_ANSWER_SECONDS = 120
_WAITS, _REFUSED, _SAVED = 503, 409, {302, 303}
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_BOX = re.compile(r'name="(j-([\w-]{22})-(\d{4}-\d\d-\d\d))" value="([^"]*)"')
_BEFORE = re.compile(r"(\d+) familles? (?:sont|est) avant vous")
_MINUTES = re.compile(r"environ (\d+) minute")


@dataclass(frozen=True)
class Answer:
    """What came back, without the layers that a browser would put around it."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def fields(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in _FIELD.findall(self.text)}


@dataclass
class Seen:
    """What all visitors lived."""

    #: Seconds of each page that was served, by its name.
    seconds: dict[str, list[float]] = field(default_factory=dict)
    by_status: dict[int, int] = field(default_factory=dict)
    #: Waiting pages, of newcomers and of those inside.
    looks: int = 0
    #: Newcomers who were asked to wait at all, and requests of those inside that were put off.
    waited: int = 0
    put_off: int = 0
    #: Instants: (asked to come in, came in), by order of arrival; ends of visits without fault; (seconds told, waited).
    entries: list[tuple[float, float]] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    told: list[tuple[float, float]] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass
class Visitor:
    """A browser with one session. `wishes`: days wanted of each activity (public id)."""

    port: int
    session: str
    wishes: dict[str, set[str]]
    month: str
    think: float
    seen: Seen
    cookies: dict[str, str] = field(default_factory=dict)
    is_inside: bool = False

    async def visit(self) -> None:
        """Home, planning, edit, one draft as the page's script sends it, save, summary."""
        arrived = clock()
        try:
            await self._page("home", "/accueil/", arrived)
            await self._pause()
            await self._page("planning", f"/planning/?jour={self.month}")
            await self._pause()
            edit = await self._page("edit", f"/planning/modifier/?jour={self.month}")
            await self._pause()
            outcome = await self._choose(edit)
        except (OSError, TimeoutError, ValueError, KeyError) as trouble:
            outcome = "fault"
            self.seen.faults.append(repr(trouble))
        if outcome != "fault":
            self.seen.ends.append(clock())
        self.seen.outcomes[outcome] = self.seen.outcomes.get(outcome, 0) + 1

    async def _choose(self, edit: Answer) -> str:
        ticks = {
            name: code
            for name, activity, day, code in _BOX.findall(edit.text)
            if day in self.wishes.get(activity, ()) and code
        }
        if not ticks:
            return "full"
        form = {**edit.fields, **ticks}
        drafted = json.loads((await self._page("draft", "/planning/brouillon/", form=form)).text)
        await self._pause()
        # The script says that what it sent is what the page shows: nothing is left to say of the boxes.
        form = {**edit.fields, "montrees": "", "annonce": str(drafted["total"]), "a_jour": "1"}
        saved = await self._page("save", "/planning/valider/", form=form)
        if saved.status == _REFUSED:  # some days are full meanwhile: the page offers to save the others
            await self._pause()
            saved = await self._page("save", "/planning/valider/", form=saved.fields)
        if saved.status not in _SAVED:
            return "full" if saved.status == _REFUSED else "fault"
        await self._page("summary", saved.headers["location"])
        return "saved" if "saisie=" in saved.headers["location"] else "full"

    async def _pause(self) -> None:
        await asyncio.sleep(self.think)

    async def _page(
        self, name: str, path: str, arrived: float | None = None, *, form: dict[str, str] | None = None
    ) -> Answer:
        """Ask until the page is served; only its last asking is timed."""
        told: tuple[float, float] | None = None
        while True:
            asked = clock()
            answer = await self._ask(path, form)
            self.seen.by_status[answer.status] = self.seen.by_status.get(answer.status, 0) + 1
            if answer.status != _WAITS:
                break
            told = told or _told(answer, asked)
            await self._wait(answer)
        self.seen.seconds.setdefault(name, []).append(clock() - asked)
        if arrived is not None:
            self.is_inside = True
            self.seen.entries.append((arrived, asked))
            if told:
                self.seen.told.append((told[0], asked - told[1]))
        return answer

    async def _wait(self, answer: Answer) -> None:
        self.seen.looks += 1
        if self.is_inside:
            self.seen.put_off += 1
        elif "preau_place" not in answer.headers.get("was", ""):
            self.seen.waited += 1
        await asyncio.sleep(int(answer.headers["retry-after"]))

    async def _ask(self, path: str, form: dict[str, str] | None) -> Answer:
        """One request on a connection of its own, as through a front proxy."""
        body = urlencode(form).encode() if form else b""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [
            f"{'POST' if form else 'GET'} {path} HTTP/1.1", "Host: localhost", "Connection: close",
            f"Cookie: preau_session={self.session}{'; ' if cookies else ''}{cookies}",
        ]  # fmt: skip
        if form:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        was = cookies
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
                answer = self._read(await reader.read())
            finally:
                writer.close()
        answer.headers["was"] = was
        return answer

    def _read(self, received: bytes) -> Answer:
        head, _, body = received.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in rest:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                key, _, kept = value.partition(";")[0].partition("=")
                self.cookies[key] = kept
            else:
                headers[name.lower()] = value
        return Answer(int(first.split(" ")[1]), headers, body.decode())


def _told(answer: Answer, at: float) -> tuple[float, float] | None:
    """Seconds that the page announced, and when; None when it said that it does not know yet."""
    minutes = _MINUTES.search(answer.text)
    return (60.0 * int(minutes[1]), at) if minutes else None


def together(visits: list[tuple[float, Callable[[], Awaitable[None]]]]) -> None:
    """Start each visit at its second, and wait for the end of all."""

    async def at(second: float, visit: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(second)
        await visit()

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            for second, visit in visits:
                group.create_task(at(second, visit))

    asyncio.run(everybody())
