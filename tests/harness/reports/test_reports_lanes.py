"""Where the facts of a scenario stand on its lanes."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.events import ClockMoved, Lane
from harness.reports.axis import Moment, laid_out
from harness.reports.drawing import drawing_of
from harness.reports.lanes import Lanes
from harness.reports.record import RunRecord
from harness.reports.words import HONG_KONG


def drawn(events, id: str = "MAN-001") -> Lanes:
    run = RunRecord()
    for event in events:
        run.tell(event)
    return drawing_of(run.scenarios[id], HONG_KONG)


@given(
    st.lists(
        st.tuples(st.floats(0, 10), st.floats(0, 30), st.sampled_from(["", "mail", "server"]), st.floats(0, 40)),
        min_size=1,
        max_size=40,
    )
)
def test_moments_keep_their_order_and_their_distance(
    steps: list[tuple[float, float, str, float]],
) -> None:
    elapsed = 0.0
    moments: list[Moment] = []
    for pause, gap, row, room in steps:
        elapsed += pause
        moments.append(Moment(elapsed=elapsed, gap=gap, row=row, room=room))
    axis = laid_out(moments)
    places = [position * axis.pixels for position in axis.positions]
    assert all(0 <= place <= axis.pixels + 1e-6 for place in places)
    for index, moment in enumerate(moments[1:], start=1):
        assert places[index] - places[index - 1] >= moment.gap - 1e-6
    for row in ("mail", "server"):
        own = [(place, moment) for place, moment in zip(places, moments, strict=True) if moment.row == row]
        for (place, moment), (following, _) in pairwise(own):
            assert following - place >= moment.room - 1e-6
    times = [elapsed * share / 20 for share in range(21)]
    assert [axis.at(time) for time in times] == sorted(axis.at(time) for time in times)


def test_what_took_longer_is_wider(runs) -> None:
    lanes = drawn(runs.passing())
    widths = {bar.step.started.text: bar.width for bar in lanes.bars}
    assert widths["phone.scan: $registration_qr"] > 2 * widths["phone.tap: 掃描二維碼"]


def test_the_shortest_step_has_room_for_its_number(runs) -> None:
    lanes = drawn(runs.passing())
    assert min(bar.width for bar in lanes.bars) * lanes.pixels >= 19 - 1e-6


def test_a_journey_of_the_manual_fits_the_width_of_a_page(runs) -> None:
    assert drawn(runs.passing()).pixels <= 1_100


def test_each_of_the_six_lanes_is_there_even_when_nothing_happened_on_it(runs) -> None:
    lanes = drawn(runs.telling().scenario().check("web.sees: x").end().done())
    assert [row.name for row in lanes.rows] == ["phone", "browser", "mail", "SMS", "server", "clock"]


def test_a_second_phone_has_a_lane_of_its_own(runs) -> None:
    telling = runs.telling().scenario()
    telling.picture(b"<svg/>", Lane.PHONE, "old", "image/svg+xml", ()).picture(
        b"<svg/>", Lane.PHONE, "new", "image/svg+xml", ()
    )
    lanes = drawn(telling.end().done())
    assert [row.name for row in lanes.rows][:3] == ["old", "new", "browser"]


def test_a_message_leads_to_the_step_that_used_its_code(runs) -> None:
    lanes = drawn(runs.passing())
    typed = next(bar for bar in lanes.bars if "‹otp#1›" in bar.step.started.sentence)
    assert any(
        thread.to_row == typed.row and typed.left < thread.to_left < typed.left + typed.width
        for thread in lanes.threads
    )
    assert len(lanes.threads) == 2  # the link and the code; a notice leads nowhere


def test_a_jump_of_the_clock_says_how_far_and_where_to(runs) -> None:
    lanes = drawn(runs.row(runs.telling(), "at eight hours", 28_800).done(), "RUL-006[at eight hours]")
    assert lanes.clock == "16:22:00"
    assert [(jump.label, jump.to) for jump in lanes.jumps] == [("+8 h", "00:22:00")]


def test_a_clock_that_stands_still_has_no_stripes(runs) -> None:
    assert drawn(runs.passing()).token_steps == ()


def test_stripes_change_where_the_token_shows_another_code(runs) -> None:
    telling = runs.telling().scenario()  # 16:22:00 is the beginning of a step: 1763886120 = 30 * 58796204
    for _ in range(9):
        telling.at += 10  # 10 s of the world's clock for each step
        telling.elapsed += 10
        telling.check("web.sees: x")
    lanes = drawn(telling.end().done())
    assert len(lanes.token_steps) == 2  # steps 1 and 3 of those that began at 0, 30, 60 and 90 s
    assert all(0 < span.width < 0.5 for span in lanes.token_steps)


def test_a_jump_of_days_ends_one_stripe_and_begins_one(runs) -> None:
    telling = runs.telling().scenario().check("web.sees: x")
    telling.events.append(
        ClockMoved(elapsed=telling.elapsed, at=telling.at, scenario="MAN-001", to=telling.at + 90 * 86_400 + 30)
    )
    telling.at += 90 * 86_400 + 30
    telling.check("web.sees: y")
    lanes = drawn(telling.end().done())
    assert len(lanes.token_steps) == 1
    assert lanes.jumps[0].label == "+90 d 30 s"


def test_a_step_that_never_ended_reaches_to_where_the_run_was_stopped(runs) -> None:
    last = drawn(runs.interrupted()).bars[-1]
    assert last.step.finished is None
    assert last.left + last.width == pytest.approx(1, abs=0.02)
    assert last.width > 0.3  # 3.2 of 5.1 seconds


def test_ticks_are_round_and_apart(runs) -> None:
    lanes = drawn(runs.passing())
    assert lanes.ticks[0].label == "0 s"
    gaps = [(right.left - left.left) * lanes.pixels for left, right in pairwise(lanes.ticks)]
    assert min(gaps) >= 50
    assert not any(math.isnan(tick.left) for tick in lanes.ticks)
