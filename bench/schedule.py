"""A schedule as large as the largest gatherings have, the same on every machine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from conference.domain.schedule_xml import Schedule, ScheduleEvent

# Far ahead, whenever it is measured: nobody registers for what is over.
FIRST_DAY = date(2097, 7, 11)
DAYS = 2
ROOMS = tuple(f"Salón {number}" for number in range(1, 26))
TRACKS = ("Comunidad y territorio", "Lenguas", "Trabajo y derechos", "Salud", "Escuela", "Fiesta y memoria")
KINDS = ("workshop", "roundtable", "panel", "training")
WORDS = (
    "Asamblea",
    "tequio",
    "migración",
    "remesas",
    "lengua",
    "derechos",
    "cosecha",
    "comité",
    "gobierno",
    "agua",
)
ZONE = "America/Los_Angeles"
# Nine in the morning at the venue, in July.
MORNING = datetime(2026, 7, 11, 16, 0, tzinfo=UTC)


def generated(sessions: int) -> Schedule:
    """Return a schedule of that many sessions over two days, in parallel in all rooms."""
    return Schedule(
        title="Conferencia grande",
        acronym="grande",
        venue="Universidad",
        city="Salem, Oregón",
        zone=ZONE,
        first_day=FIRST_DAY,
        days=tuple(FIRST_DAY + timedelta(days=day) for day in range(DAYS)),
        rooms=ROOMS,
        tracks=TRACKS,
        events=tuple(_event(index, sessions // DAYS) for index in range(sessions)),
    )


def _event(index: int, per_day: int) -> ScheduleEvent:
    day, place = divmod(index, per_day)
    step = place // len(ROOMS)
    return ScheduleEvent(
        position=index + 1,
        external_id=str(index),
        guid=f"guid-{index}",
        day=FIRST_DAY + timedelta(days=day),
        starts_at=MORNING + timedelta(days=day, minutes=30 * step),
        minutes=(30, 60, 90)[index % 3],
        room=ROOMS[place % len(ROOMS)],
        track=TRACKS[index % len(TRACKS)],
        kind=KINDS[index % len(KINDS)],
        language="es",
        slug="",
        url="",
        title=_title(index),
        subtitle="",
        abstract_html=" ".join(_title(index + shift) for shift in range(8)),
        description_html="",
        persons=((str(index % 700), f"Persona {index % 700}"),),
        links=(),
        attachments=(),
    )


def _title(index: int) -> str:
    chosen = (WORDS[(index * factor) % len(WORDS)] for factor in (1, 3, 7))
    return f"{' y '.join(chosen)}: sesión {index + 1}"
